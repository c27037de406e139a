"""Every screen and every slip as it was reviewed, in both languages: tests/golden/<language>/<scene>.

`make golden` shows old, new and difference of all of them on one page. After a wanted change run this file with
TILLBENCH_UPDATE_GOLDEN=1 in the environment and commit what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tillbench.hil.plugin import EPOCH
from tillbench.host.cards import load_profile
from tillbench.host.devices.paper import Receipt
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.screen import Shown
from tillbench.host.terminal import Terminal
from tillbench.protocols.texts import LANGUAGES

from . import shop
from .golden_files import INTO, UPDATE, GoldenFolder, as_text, stacked
from .scenes import SCENES, Counter
from .scenes_batch import BATCH
from .scenes_choices import CHOICES
from .scenes_transactions import TRANSACTIONS
from .scenes_wifi import WIFI

ALL = {**SCENES, **TRANSACTIONS, **BATCH, **CHOICES, **WIFI}
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """As the plugin's, but nobody listens to its wires."""
    scene = request.node.callspec.params["scene"] if hasattr(request.node, "callspec") else ""
    options = Options(tmp_path / "till", seed=7, epoch=EPOCH, fast_keys=True, wifi=scene in WIFI)
    with Terminal(options, [load_profile(shop.UNIONPAY), load_profile(shop.VISA)]) as terminal:
        terminal.screen.wait_text("READY")
        yield terminal


@pytest.mark.one_in(8)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", ALL)
def test_frames_and_slips(terminal: Terminal, scene: str, language: str) -> None:
    if language != "en":
        terminal.desk.ask({"settings": {"language": language}})
    counter = Counter(terminal, language)
    counter.wait("ready")
    begin = len(terminal.screen.frames) - 1
    ALL[scene](counter)
    golden = GoldenFolder(GOLDEN / language, scene)
    golden.frames(different(terminal.screen.frames[begin:]))
    for number, receipt in enumerate(terminal.emulator.printer.receipts(), 1):
        golden.slip(f"slip-{number}", receipt)
    assert terminal.emulator.printer.missing_glyphs == set()


def different(frames: list[Shown]) -> list[Shown]:
    """The frames without those that a frame before them shows already: a scene goes through the idle screen often."""
    seen: set[str] = set()
    kept = []
    for frame in frames:
        if frame.hash not in seen:
            seen.add(frame.hash)
            kept.append(frame)
    return kept


def test_a_single_dot_and_a_single_letter_would_be_noticed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(UPDATE, raising=False)
    monkeypatch.delenv(INTO, raising=False)
    frame = terminal.screen.frames[-1]
    pixels = bytearray(frame.pixels)
    pixels[1000] ^= 1
    moved = Shown(frame.number, frame.at_us, bytes(pixels), frame.rows)
    assert as_text([moved]) != as_text([frame])
    assert stacked([moved]).tobytes() != stacked([frame]).tobytes()
    golden = GoldenFolder(GOLDEN / "en", "sale")
    with pytest.raises(AssertionError, match="has changed"):
        golden.text("slip-1.txt", (golden.folder / "slip-1.txt").read_text(encoding="utf-8").replace("12.34", "12.35"))
    with Image.open(golden.folder / "slip-1.png") as picture:
        width, height = picture.size
    with pytest.raises(AssertionError, match="differs within"):
        golden.picture("slip-1.png", Receipt(width, (0,) * height, ()).image)
