"""The page as it was reviewed, in the states in which people see it; the same pictures are in the docs.

`make golden` shows what has changed. The clock is steered and the seed is always the same, so nothing moves by itself.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, ViewportSize, sync_playwright
from tillbench.host.cards import VirtualCard, load_profile, profile_names

from .page_pictures import REVIEWED, cells_apart, check, still, wanted
from .played_readers import PlayedReaders
from .served import Served, served

CHROMIUM = shutil.which("chromium")
SANS, MONO, CHINESE = "DejaVu Sans", "DejaVu Sans Mono", "Noto Sans CJK SC"
FONTS = {"--sans": f"'{SANS}', '{CHINESE}'", "--mono": f"'{MONO}', '{CHINESE}'"}
SET_FONTS = """fonts => Object.entries(fonts).forEach(
  ([name, value]) => document.documentElement.style.setProperty(name, value))"""
BOXES = """selector => [...document.querySelectorAll(selector)].map(each => {
  const box = each.getBoundingClientRect(), list = (each.closest(".events") || each).getBoundingClientRect();
  return [box.left, Math.max(box.top, list.top), box.right, Math.min(box.bottom, list.bottom)].map(Math.round);
}).filter(([, top, , bottom]) => top < bottom)"""
STORE = "localStorage.setItem('tillbench-theme', '{}'); localStorage.setItem('tillbench-language', '{}')"
EPOCH = datetime(2026, 11, 28, 9, 30)
DEBIT = load_profile("unionpay-debit")
WIDE: ViewportSize = {"width": 1440, "height": 960}
PHONE: ViewportSize = {"width": 390, "height": 844}


def lacking() -> str:
    """What is not installed here and pictures need."""
    if CHROMIUM is None:
        return "no chromium: apt-get install chromium"
    found = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    missing = [font for font in (SANS, MONO, CHINESE) if font not in found]
    return f"no {', '.join(missing)}: apt-get install fonts-dejavu-core fonts-noto-cjk" if missing else ""


pytestmark = [pytest.mark.skipif(bool(lacking()), reason=lacking()), pytest.mark.timeout(300)]


class Photographer:
    """A terminal behind its API, and a page that is opened anew for each picture."""

    def __init__(self, server: Served, page: Page) -> None:
        self.page = page
        self._root = server.root
        self.api = httpx.Client(base_url=server.api(), timeout=30)

    def do(self, method: str, path: str, **body: object) -> None:
        """A request of the API."""
        answer = self.api.request(method, path, json=body) if body else self.api.request(method, path)
        assert answer.is_success, answer.text

    def shows(self, text: str) -> None:
        """Wait until the terminal does."""
        self.do("POST", "screen/wait", text=text)

    def open(self, *, viewport: ViewportSize = WIDE, theme: str = "light", language: str = "en") -> None:
        """The page, with all that has happened so far."""
        self.page.set_viewport_size(viewport)
        self.page.add_init_script(STORE.format(theme, language))
        self.page.goto(f"{self._root}/?terminal=1")
        self.page.wait_for_selector("html[data-ready=true]")
        self.page.evaluate(SET_FONTS, FONTS)
        time = self.api.get("clock").json()["time"][11:19]
        self.page.wait_for_function("time => document.getElementById('clock-time').textContent === time", arg=time)

    def choose(self, text: str) -> None:
        """Have the latest exchange with that text taken apart."""
        self.page.locator(".events button", has_text=text).last.click()
        self.page.locator(".detail .tree").first.wait_for()

    def tab(self, name: str, filled: str) -> None:
        """One of the tabs at the side, once it shows that."""
        self.page.locator(f"#tab-{name}").click()
        self.page.locator(f"#panel-{name}", has_text=filled).wait_for()

    def take(self, name: str) -> None:
        """The picture."""
        self.page.mouse.move(2, 2)
        picture = still(self.page)
        boxes = self.page.evaluate(BOXES, "#clock-time, .lanes, .events time, #gauges")
        check(name, picture, [tuple(box) for box in boxes])


@pytest.fixture
def photographer(tmp_path: Path) -> Iterator[Photographer]:
    profiles = [load_profile(name) for name in sorted(profile_names(), key=lambda name: name != DEBIT.name)]
    readers = PlayedReaders()
    readers.put(VirtualCard(load_profile("visa-credit")))
    with served(tmp_path, profiles, epoch=EPOCH, readers=readers) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport=WIDE, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(30_000)
        me = Photographer(server, context.new_page())
        yield me
        me.api.close()
        browser.close()


def test_the_page_is_as_it_was_reviewed(photographer: Photographer) -> None:
    """A sale from the idle screen to the books, with pictures on the way."""
    me = photographer
    me.shows("READY")
    if wanted("idle"):
        me.open()
        me.take("idle")

    me.do("POST", "keys", keys="1 2 3 4 ENTER")
    me.shows("INSERT CARD")
    me.do("PUT", "card", name=DEBIT.name)
    me.shows("ENTER PIN")
    me.do("POST", "keys", keys="9 0 7")
    if wanted("pin"):
        me.open()
        me.choose("GET PROCESSING OPTIONS")
        me.take("pin")

    me.do("POST", "keys", keys="CLEAR")
    me.do("POST", "keys", keys=" ".join(DEBIT.pin) + " ENTER")
    me.shows("REMOVE CARD")
    me.do("DELETE", "card")
    me.shows("TEAR OFF")
    if wanted("phone"):
        me.open(viewport=PHONE)
        me.take("phone")
    if wanted("sale"):
        me.open()
        me.choose("-> 0200 financial request")
        me.tab("host", "the books are right")
        me.page.locator(".tree button.node", has_text="amount, transaction").click()
        me.take("sale")

    me.do("POST", "printer/tear")
    me.do("POST", "keys", keys="ENTER")
    me.shows("READY")
    me.do("POST", "printer/tear")
    if wanted("dark"):
        me.open(theme="dark")
        me.choose("GENERATE AC ARQC")
        me.tab("books", "12.34")
        me.take("dark")

    me.do("PATCH", "application/settings", changes={"language": "zh"})
    me.do("PUT", "power", on=False)
    me.do("PUT", "power", on=True)
    me.shows("就绪")
    if wanted("zh"):
        me.open(language="zh")
        me.tab("scenes", "主机无应答")
        me.choose("GENERATE AC ARQC")
        me.take("zh")


def test_another_word_would_be_noticed() -> None:
    """And a letter that is drawn a little differently is not."""
    with Image.open(REVIEWED / "page-sale.webp") as golden:
        picture = golden.convert("RGB")
    assert cells_apart(picture, picture) == []
    other = picture.copy()
    ImageDraw.Draw(other).text((1100, 300), "on", fill=(20, 20, 20), font_size=14)
    assert cells_apart(picture, other)
    assert cells_apart(picture, other, [(1090, 290, 1130, 330)]) == []
    shifted = picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, 0.25, 0, 1, 0), Image.Resampling.BILINEAR)
    assert cells_apart(picture, shifted) == []
