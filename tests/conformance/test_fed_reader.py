"""A reader of the board map with a feeder: found by its serial number, and its cards come and go in test and suite.

The reader is a virtual one, in a pcscd of its own; the feeder is a command that asks this process to change its card.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.pcsc import NoPcsc, PrivatePcscd

from .conftest import absent

SERIAL_NUMBER = "LAB0007"
PLACES = {"1": "visa-cda", "2": "mastercard-credit"}
ARM = """
import socket, sys
with socket.socket(socket.AF_UNIX) as arm:
    arm.connect(sys.argv[1])
    arm.sendall(sys.argv[2].encode())
    arm.shutdown(socket.SHUT_WR)
    sys.exit(arm.recv(100).decode() or None)
"""
TESTS = """
import pytest

VISA, MASTERCARD = "A0000000031010", "A0000000041010"


def select(reader, aid):
    return reader.send(f"00A4040007{aid}00")[1].hex()


def test_the_first_card(till_reader):
    assert "LAB0007" in till_reader.name
    assert select(till_reader, VISA) == "9000"


@pytest.mark.till_card("mastercard-test")
def test_the_second_card(till_reader):
    assert select(till_reader, MASTERCARD) == "9000"
    assert select(till_reader, VISA) == "6a82"


@pytest.mark.till_card("jcb-test")
def test_a_card_that_is_not_in_the_feeder(till_reader):
    raise AssertionError("there is none")
"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[tuple[PrivatePcscd, Path]]:
    """The daemon, and where its feeder listens."""
    if find_spec("smartcard") is None:
        absent("no pyscard: run `make pcsc`")
    from tillbench.hil.qualification.bench import VirtualSlot

    try:
        pcscd = PrivatePcscd(name=f"lab reader ({SERIAL_NUMBER})")
    except NoPcsc as error:
        absent(str(error))
    listener = socket.socket(socket.AF_UNIX)
    address = tmp_path / "feeder"
    listener.bind(str(address))
    listener.listen()
    slot = VirtualSlot(pcscd)

    def feed() -> None:
        while True:
            try:
                arm, _ = listener.accept()
            except OSError:
                return
            with arm:
                place = arm.recv(100).decode()
                if place == "none":
                    slot.pull()
                elif place in PLACES:
                    slot.insert(load_profile(PLACES[place]))
                else:
                    arm.sendall(b"no such place")

    thread = threading.Thread(target=feed)
    with pcscd:
        thread.start()
        try:
            yield pcscd, address
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(30)
            slot.pull()


@pytest.mark.one_in(3)
def test_a_fed_reader_in_tests_and_in_the_suite(reader: tuple[PrivatePcscd, Path], tmp_path: Path) -> None:
    pcscd, address = reader
    (tmp_path / "arm.py").write_text(ARM)
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "boards.yaml").write_text(
        f"""
lab:
  reader: " 00 00"  # the first of its two slots
  serial_number: {SERIAL_NUMBER}
  feeder: {sys.executable} {tmp_path}/arm.py {address} {{place}}
  cards:
    visa-test: "1"
    mastercard-test: "2"
"""
    )
    options = "-q -p no:cacheprovider -p no:schemathesis --till-reader lab --till-boards boards.yaml -rs".split()
    suite = ["--pyargs", "tillbench.hil.qualification.test_events", "--till-results", "results.csv"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_it.py", *suite],
        cwd=tmp_path,
        env=os.environ | pcscd.environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "5 passed, 2 skipped" in done.stdout, done.stdout + done.stderr
    assert "no card jcb-test in its feeder; there is visa-test, mastercard-test" in done.stdout
    verdicts = {line.split(",")[0]: line for line in (tmp_path / "results.csv").read_text().splitlines()}
    assert [",pass," in verdicts[f"RQ-EVT-0{number}"] for number in (1, 2, 3)] == [True] * 3
    assert "not offered by this reader" in verdicts["RQ-EVT-04"]
    assert "its feeder has no such card" in verdicts["RQ-EVT-04"]
