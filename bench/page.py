"""The page: from the command to the first frame that somebody sees, and from a key to its pixels."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright
from websockets.sync.client import connect

from bench.running import free_port
from bench.table import Section, times, us

ROUNDS = 3
KEYS = 20
PATIENCE_S = 60
DRAWN = f"""new Promise((drawn, failed) => {{
    const look = () => requestAnimationFrame(document.documentElement.dataset.ready ? drawn : look);
    look();
    setTimeout(() => failed(new Error("the page has drawn nothing")), {1000 * PATIENCE_S});
}})"""
"""Playwright's own waits look twice a second; its `evaluate` has no time-out."""
COMMAND = [sys.executable, "-c", "from tillbench.host.cli import main; main()", "emulate", "--page", "--seed", "7"]


def measure(folder: Path) -> Section:
    """Start to the first frame, in an API client and in a browser; a key press to the frame that answers it."""
    section = Section(
        "The page",
        "`tillbench emulate --page` from the start of the command, with the cards in the books already. The browser is "
        "running, with an empty page; what is measured ends when the page has drawn the terminal's screen.",
    )
    state = folder / "page"
    until(state, first_frame)  # the books are made once
    heard = sorted(until(state, first_frame) for _ in range(ROUNDS))[ROUNDS // 2]
    section.add("Command to the first frame in an API client", us(heard))
    if (chromium := shutil.which("chromium")) is not None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page()

            def drawn(port: int) -> None:
                reachable(port)
                page.goto(f"http://127.0.0.1:{port}/")
                page.evaluate(DRAWN)

            seen = sorted(until(state, drawn) for _ in range(ROUNDS))[ROUNDS // 2]
            browser.close()
        section.add("Command to the first frame on the page, in Chromium", us(seen), f"{times(seen, heard)} the client")
    delays: list[float] = []
    until(state, lambda port: delays.extend(answers(port)))
    section.add("A key that goes down to its frame in a WebSocket, median", us(sorted(delays)[len(delays) // 2]))
    return section


def until(state: Path, reached: Callable[[int], object]) -> float:
    """Seconds from the start of the command until `reached` returns."""
    port = free_port()
    start = time.perf_counter()
    with subprocess.Popen([*COMMAND, "--state", str(state), "--port", str(port)], stdout=subprocess.DEVNULL) as process:
        try:
            reached(port)
            return time.perf_counter() - start
        finally:
            process.terminate()


def reachable(port: int) -> None:
    """Wait until it can be connected to; from then on it answers, sooner or later. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(f"no page on port {port}")


def first_frame(port: int) -> None:
    """Wait for a frame."""
    reachable(port)
    awaited = {"wire": "screen", "since": 0}
    httpx.post(
        f"http://127.0.0.1:{port}/api/terminals/1/wires/wait", json=awaited, timeout=PATIENCE_S
    ).raise_for_status()


def answers(port: int) -> list[float]:
    """Seconds from each key to the frame that shows it."""
    reachable(port)
    root = f"http://127.0.0.1:{port}/api/terminals/1"
    with (
        httpx.Client(base_url=root, timeout=PATIENCE_S) as api,
        connect(f"{root.replace('http', 'ws')}/events") as events,
    ):
        api.post("/screen/wait", json={"text": "READY", "since": 0}).raise_for_status()
        found = []
        for at in range(KEYS):
            key = "1" if at % 2 == 0 else "CLEAR"
            start = time.perf_counter()
            api.put(f"/keys/{key}", json={"down": True}).raise_for_status()
            while json.loads(events.recv(PATIENCE_S)).get("wire") != "screen":
                pass
            found.append(time.perf_counter() - start)
            api.put(f"/keys/{key}", json={"down": False}).raise_for_status()
            time.sleep(0.15)
        return found
