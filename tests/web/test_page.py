"""The page in a real browser: what a person sees, touches, hears and reads."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, ViewportSize, expect, sync_playwright
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.scenario.steps import gallery

from .played_readers import READER, PlayedReaders
from .served import CARD, Served, served

CHROMIUM = shutil.which("chromium")
PIN = list(CARD.pin)
PATIENCE_MS = 20_000
WIDE: ViewportSize = {"width": 1440, "height": 960}
SERIOUS = ("serious", "critical")

DRAWN = """base64 => {
  const canvas = document.getElementById("screen"), wanted = atob(base64);
  const drawn = canvas.getContext("2d").getImageData(0, 0, 320, 240).data;
  return canvas.width === 320 && drawn.every((byte, at) => byte === wanted.charCodeAt(at));
}"""

expect.set_options(timeout=PATIENCE_MS)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two terminals, the second with a colour panel, on the computer's clock, somewhat faster: the page is live."""
    profiles = [CARD, load_profile("unionpay-debit")]
    with served(tmp_path_factory.mktemp("page"), profiles, 2, last_display="ST7789") as running:
        for number in (1, 2):
            httpx.post(running.api(number) + "screen/wait", json={"text": "READY"}, timeout=30).raise_for_status()
            httpx.patch(running.api(number) + "clock", json={"steered": False, "speed": 10}).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def wrong() -> list[str]:
    """What went wrong in the page: errors and warnings on its console, and requests to elsewhere."""
    return []


@pytest.fixture(scope="module")
def opened(browser: Browser, server: Served, wrong: list[str]) -> Iterator[Page]:
    """The page of the first terminal, for all tests: each leaves the terminal idle."""
    context = browser.new_context(viewport=WIDE, locale="en-GB", color_scheme="light")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()

    def said(message: ConsoleMessage) -> None:
        # A terminal that is busy shows its books later, and the page says so; the browser has a word about it too.
        busy = "409 (Conflict)" in message.text and "/application/" in message.location["url"]
        if message.type in ("error", "warning") and not busy:
            wrong.append(f"{message.text} {message.location}")

    def asked(request: Request) -> None:
        if not request.url.startswith((server.root, server.root.replace("http", "ws"), "data:", "blob:")):
            wrong.append(request.url)

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", asked)
    open_page(page, server)
    yield page
    context.close()


@pytest.fixture
def page(opened: Page, wrong: list[str]) -> Iterator[Page]:
    """It, with the tab of the bench; afterwards nothing may have gone wrong."""
    sees(opened, "READY")
    opened.locator("#tab-bench").click()
    yield opened
    assert wrong == []


def open_page(page: Page, server: Served) -> None:
    page.goto(f"{server.root}/?terminal=1")
    page.wait_for_selector("html[data-ready=true]")
    sees(page, "READY")


def sees(page: Page, text: str) -> None:
    expect(page.locator("#screen-text")).to_contain_text(text)


def click(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator(f".key[data-key='{key}']").click(delay=40)


def to_pin(page: Page) -> None:
    click(page, "1", "2", "3", "4", "ENTER")
    sees(page, "INSERT CARD")
    page.locator(f".tray [data-card='{CARD.name}']").click()
    sees(page, "ENTER PIN")


def take_slips(page: Page) -> None:
    """Card out, both slips torn off."""
    page.locator("[data-depth=out]").click()
    sees(page, "TEAR OFF")
    expect(page.locator("#paper img")).to_have_count(1)
    page.locator("#tear").click()
    click(page, "ENTER")
    sees(page, "READY")
    page.locator("#tear").click()
    expect(page.locator("#paper img")).to_have_count(0)


def test_a_sale_by_mouse_and_its_wires_taken_apart(page: Page, server: Served) -> None:
    to_pin(page)
    click(page, *PIN, "ENTER")
    sees(page, "APPROVED")
    take_slips(page)
    slip = page.locator("#shelf button").nth(1)
    slip.click()
    assert "12.34" in (page.locator("#slip-dialog img").get_attribute("alt") or "")
    page.route("**/scanner", lambda route: route.fulfill(json={"n": 0, "text": "its code"}))
    with page.expect_request("**/scanner") as held:
        page.locator("#scan-slip").click()
    assert held.value.post_data_json == {"slip": int(slip.get_attribute("data-slip") or 0)}
    slip.click()
    expect(page.locator("#slip-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#slip-dialog")).to_be_hidden()
    for key, text in (("7", "0.07"), ("Enter", "INSERT CARD"), ("Escape", "READY")):
        page.keyboard.press(key)  # the terminal's, although a slip was clicked last
        sees(page, text)

    page.locator(".events button", has_text="-> 0200 financial request").last.click()
    amount = page.locator(".tree button.node", has_text="amount, transaction")
    amount.hover()
    lit = page.locator(".hex i.lit")
    assert "".join(lit.all_inner_texts()) == "000000001234"
    assert page.locator(".hex i.secret").count() >= 8
    assert CARD.pan not in page.content()
    page.locator(".events button", has_text="GENERATE AC ARQC").last.click()
    expect(page.locator(".detail")).to_contain_text("online PIN entered")

    page.locator("#tab-books").click()
    expect(page.locator("#panel-books tbody tr").first).to_contain_text("12.34")
    page.locator("#tab-host").click()
    expect(page.locator("#panel-host")).to_contain_text("the books are right")
    entry = httpx.get(server.api() + "acquirer/ledger").json()[-1]
    assert (entry["kind"], entry["amount"], entry["code"]) == ("sale", "12.34", "00")


def test_a_sale_by_keyboard_with_a_declining_host(page: Page) -> None:
    page.locator("#tab-host").click()
    page.get_by_role("button", name="declined 51").click()
    expect(page.locator("#rules")).to_contain_text("declined: 0200: code 51 (1 more)")
    page.locator("body").press("5")
    for key in ("0", "0", "Enter"):
        page.locator("body").press(key)
    sees(page, "INSERT CARD")
    page.locator(f".tray [data-card='{CARD.name}']").focus()
    page.keyboard.press("Enter")
    sees(page, "ENTER PIN")
    page.locator("#device").focus()
    for key in [*PIN, "Enter"]:
        page.keyboard.press(key)
    sees(page, "DECLINED")
    expect(page.locator("#rules")).to_contain_text("nothing")
    page.locator("[data-depth=out]").focus()
    page.keyboard.press("Space")
    sees(page, "READY")


def test_a_card_dragged_in_half_and_pulled_early(page: Page) -> None:
    click(page, "7", "0", "0", "ENTER")
    sees(page, "INSERT CARD")
    card, slot = page.locator(f".tray [data-card='{CARD.name}']"), page.locator("#slot")
    card.drag_to(slot, target_position={"x": 120, "y": 20})
    sees(page, "ENTER PIN")
    page.locator(".inserted .plastic").click(position={"x": 100, "y": 150})
    sees(page, "NOT APPROVED")
    expect(page.locator(".inserted .plastic")).to_have_count(0)
    expect(page.locator(".events")).to_contain_text(f"{CARD.name} removed")
    sees(page, "READY")
    click(page, "7", "0", "0", "ENTER")
    sees(page, "INSERT CARD")
    page.locator("[data-depth=half]").click()
    expect(page.locator(".events")).to_contain_text(f"{CARD.name} half inserted")
    page.locator("[data-depth=out]").click()
    click(page, "CANCEL")
    sees(page, "READY")


def test_paper_ends_and_the_slip_goes_on(page: Page) -> None:
    page.get_by_role("button", name="Paper out").click()
    expect(page.locator("#paper-left")).to_have_text("0 mm left")
    to_pin(page)
    click(page, *PIN, "ENTER")
    sees(page, "REMOVE CARD")
    page.locator("[data-depth=out]").click()
    sees(page, "PAPER")
    page.get_by_role("button", name="New roll").click()
    click(page, "ENTER")
    sees(page, "TEAR OFF")
    click(page, "ENTER")
    sees(page, "READY")
    for _ in range(page.locator("#paper img").count()):
        page.locator("#tear").click()
        expect(page.locator("#paper .torn")).to_have_count(0)


def test_languages_themes_lanes_and_the_narrow_screen(page: Page, tmp_path: Path) -> None:
    page.locator("#language").click()
    expect(page.locator("#tab-bench")).to_have_text("测试台")
    page.locator("#tab-scenes").click()
    expect(page.locator("[data-scene='4-no-answer-reversal'] h4")).to_contain_text("主机无应答")
    expect(page.locator("[data-scene='4-no-answer-reversal'] p")).to_contain_text("冲正 (0400)")
    page.locator("#language").click()
    expect(page.locator("[data-scene='4-no-answer-reversal'] h4")).to_contain_text("The host does not answer")
    expect(page.locator("#tab-bench")).to_have_text("Bench")
    held: list[Route] = []
    page.route("**/faults", lambda route: held.append(route))
    with page.expect_request("**/faults"):
        page.locator("#tab-bench").click()
    expect(page.locator("#panel-bench"), "nothing in the language of before").to_be_empty()
    held[0].continue_()
    page.unroute_all(behavior="ignoreErrors")
    expect(page.locator("#panel-bench")).to_contain_text("Put in")
    before = page.locator(".events li").count()
    page.locator(".lane-name", has_text="screen").click()
    assert page.locator(".events li").count() < before
    page.locator("#wire-search").fill("0800")
    expect(page.locator(".events li").first).to_contain_text("0800")
    page.locator("#wire-search").fill("")
    page.locator(".lane-name", has_text="screen").click()
    for theme in ("dark", "light"):
        page.locator("#theme").click()
        assert page.locator("html").get_attribute("data-theme") == theme
        check_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".device").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.set_viewport_size(WIDE)


def check_accessible(page: Page) -> None:
    """What axe finds, without what is only advice."""
    found = Axe().run(page).response["violations"]
    serious = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found if each["impact"] in SERIOUS]
    assert serious == []


def test_power_off_and_on_from_the_page_with_a_battery(page: Page) -> None:
    power = page.get_by_role("switch", name="Power")
    page.locator("#battery").fill("4100")
    with page.expect_response(lambda answer: answer.url.endswith("/battery")) as put_in:
        page.get_by_role("button", name="Put in").click()
    assert put_in.value.ok
    expect(page.locator("#battery")).to_have_value("4100")
    power.uncheck()
    expect(page.locator("#body")).to_have_class("device off")
    power.check()
    sees(page, "READY")
    sees(page, "▇")


def test_what_was_read_before_something_was_done_is_not_drawn(page: Page) -> None:
    """A slow answer about a terminal with power, and its power is off meanwhile: the switch stays where it is."""
    held: list[Route] = []
    power = page.get_by_role("switch", name="Power")
    page.route("**/faults", lambda route: held.append(route))
    with page.expect_request("**/faults"):
        page.get_by_role("button", name="Put in").click()
    with page.expect_request("**/faults"):
        power.uncheck()
    with page.expect_response("**/faults"):
        held[0].continue_()
    expect(power).not_to_be_checked()
    page.unroute_all(behavior="ignoreErrors")
    expect(power).not_to_be_checked()
    power.check()
    sees(page, "READY")
    expect(power).to_be_checked()


def test_the_card_in_a_reader_of_the_computer(page: Page, server: Served) -> None:
    """It goes into the slot by a click; pulled out of the reader it is out of the slot."""
    assert isinstance(server.readers, PlayedReaders)
    reader = page.locator(f"[data-reader='{READER}']")
    expect(reader).to_be_disabled()
    expect(reader).to_contain_text("empty")
    server.readers.put(VirtualCard(CARD))
    click(page, "7", "0", "0", "ENTER")
    sees(page, "INSERT CARD")
    reader.click()
    sees(page, "ENTER PIN")
    expect(reader).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".inserted .plastic .name")).to_have_text(READER)
    check_accessible(page)
    server.readers.put(None)
    sees(page, "NOT APPROVED")
    expect(page.locator(".inserted .plastic")).to_have_count(0)
    expect(reader).to_be_disabled()
    sees(page, "READY")


def test_what_is_done_is_recorded_and_played_again(page: Page) -> None:
    page.locator("#tab-scenes").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#panel-scenes")).to_contain_text("Recording")
    to_pin(page)
    click(page, "9", "9", "9", "9", "9", "9", "ENTER")
    sees(page, "CODE 55")
    page.locator("[data-depth=out]").click()
    sees(page, "READY")
    page.locator("#panel-scenes").get_by_role("button", name="Stop").click()
    recorded = page.locator("#recorded pre").first
    expect(recorded).to_contain_text("press: 1 2 3 4 ENTER")
    expect(recorded).to_contain_text("pin: wrong")
    assert "9 9" not in recorded.inner_text()
    expect(page.locator("#recorded pre").last).to_contain_text(f"terminal.card.insert('{CARD.name}')")
    page.get_by_role("button", name="Play it").click()
    expect(page.locator("#recorded [role=status]")).to_have_text("as expected")
    expect(page.locator("[data-scene]")).to_have_count(len(gallery()))
    check_accessible(page)
    page.get_by_role("button", name="10×", exact=True).click()


def test_a_colour_panel_is_drawn_as_its_model_holds_it(browser: Browser, server: Served, wrong: list[str]) -> None:
    """Every pixel of the canvas is the panel's; a key changes both."""
    page = browser.new_context(viewport=WIDE).new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{server.root}/?terminal=2")
    page.wait_for_selector("html[data-ready=true]")
    for key, text in (("7", "0.07"), ("CANCEL", "READY")):
        httpx.post(server.api(2) + "keys", json={"keys": key}).raise_for_status()
        httpx.post(server.api(2) + "screen/wait", json={"text": text}, timeout=30).raise_for_status()
        page.wait_for_function("text => document.getElementById('screen-text').textContent.includes(text)", arg=text)
        picture = Image.open(io.BytesIO(httpx.get(server.api(2) + "screen.png", params={"scale": 1}).content))
        page.wait_for_function(DRAWN, arg=base64.b64encode(picture.convert("RGBA").tobytes()).decode())
    page.context.close()


def test_the_start_page_shows_all_terminals(page: Page, server: Served) -> None:
    page.goto(server.root)
    expect(page.locator(".overview a")).to_have_count(2)
    expect(page.locator(".overview p").last).to_contain_text("READY")
    httpx.post(server.api(2) + "keys", json={"keys": "9 9"}).raise_for_status()
    expect(page.locator(".overview p").last).to_contain_text("0.99")
    check_accessible(page)
