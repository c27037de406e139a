"""docs/cards.md: its complete example is a card that works, and it leaves no field and no fault out."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.application_profile import ApplicationProfile, CvmProfile
from tillbench.host.cards.cryptogram_versions import VERSIONS
from tillbench.host.cards.expectation import Expectation
from tillbench.host.cards.fault_profile import FaultProfile
from tillbench.host.cards.oda_profile import CA_KEYS, FAULTS, KeyProfile, OdaProfile
from tillbench.host.cards.record_profile import RecordProfile

from . import cards_oda
from .cards_terminal import ARQC, TC, Issuer, Terminal
from .test_cards_oda import chain, dol_data

PAGE = (Path(__file__).parents[2] / "docs" / "cards.md").read_text("utf-8")
EXAMPLES: list[str] = re.findall(r"```yaml\n(# (?:broke|mine)\.yaml\n.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> CardProfile:
    path = tmp_path / "mine.yaml"
    path.write_text(EXAMPLES[1], "utf-8")
    return load_profile(path)


def test_the_shortest_example(tmp_path: Path) -> None:
    path = tmp_path / "broke.yaml"
    path.write_text(EXAMPLES[0].replace("0135", "0136"), "utf-8")
    with pytest.raises(ValueError, match=re.escape(re.findall(r"```\n(broke\.yaml:.*)\n```", PAGE)[0])):
        load_profile(path)
    path.write_text(EXAMPLES[0], "utf-8")
    assert load_profile(path).balance == 0


def test_the_complete_example_approves_with_cda(example: CardProfile) -> None:
    card = VirtualCard(example)
    assert [card.reset(), card.reset(), card.reset()] == [b"", bytes.fromhex("3B60"), example.atr]
    assert card.transmit(bytes.fromhex("00A4040008A000000333010101"))[-2:] == b"\x90\x00"
    terminal = Terminal(card.transmit)
    terminal.start(example.applications[0].aid)
    assert terminal.values[0x9F05] == bytes.fromhex("AABBCC")
    assert 0x5F30 not in terminal.values
    assert terminal.verify(example.pin).sw == 0x9000
    icc = chain(terminal, card)
    answer = terminal.generate_ac(ARQC | 0x10)
    asked = dol_data(terminal, 0x9F38, 0x8C)
    terminal.values[0x9F26] = cards_oda.check_cda(icc, answer.data, asked, terminal.values[0x9F37])
    issuer = Issuer(example)
    assert terminal.values[0x9F26] == issuer.cryptogram(terminal.values)
    assert terminal.external_authenticate(issuer.authentication_data(terminal.values)).sw == 0x9000
    terminal.values[0x8A] = b"00"
    terminal.generate_ac(TC, 0x8D)
    assert terminal.cryptogram_type == TC


@pytest.mark.parametrize(
    "model",
    [CardProfile, ApplicationProfile, CvmProfile, Expectation, OdaProfile, KeyProfile, RecordProfile, FaultProfile],
)
def test_every_field_is_on_the_page(model: type[BaseModel]) -> None:
    assert [name for name in model.model_fields if not re.search(rf"\b{name}\b", PAGE)] == []


def test_every_fault_and_version_is_on_the_page() -> None:
    assert [name for name in FAULTS if f"`{name}`" not in PAGE and f"`{name.partition('.')[2]}`" not in PAGE] == []
    for scheme, number in VERSIONS:
        assert re.search(rf"\| {scheme} \| ({number}|0x{number:X}) \|", PAGE), f"{scheme} {number}"
    for index, (bits, exponent) in CA_KEYS.items():
        lines = re.findall(r"^\| (?:index|bits|exponent) \|(.*)\|$", PAGE, re.MULTILINE)
        columns = zip(*(re.findall(r"\w+", line) for line in lines), strict=True)
        assert (f"{index:X}", str(bits), str(exponent)) in list(columns)


def test_the_layout_on_the_page(tmp_path: Path) -> None:
    layout = next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "sfi: 12" in block)
    text = "extends: unionpay-debit\nname: mine\nsummary: x\neach_application:\n" + layout
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    card = VirtualCard(load_profile(path))
    terminal = Terminal(card.transmit)
    terminal.select(card.profile.applications[0].aid)
    assert terminal.initiate().data.hex().upper().endswith("940C080102011001010060010100")
    assert card.transmit(bytes.fromhex("00B2016400")) == bytes.fromhex("70035A019000")
