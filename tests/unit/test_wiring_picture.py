"""The pictures of the wiring show every pin of the board's own table, and are those that are shipped."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tillbench.host.boards.wiring import BOARDS, LEFT, RIGHT, picture, pin_table

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NAMED = [key for part in (*LEFT, *RIGHT) for _, key in part.pins]


@pytest.mark.parametrize("file", BOARDS)
def test_the_shipped_picture_is_of_the_table(file: str) -> None:
    title, name = BOARDS[file]
    table = pin_table(name)
    drawn = picture(title, table)
    assert (IMAGES / file).read_text(encoding="utf-8") == drawn, "run `make generate`"
    texts = [each.text or "" for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    gpios = [int(found[1]) for text in texts if (found := re.fullmatch(r"GPIO (\d+)", text))]
    assert sorted(gpios) == sorted(table.values())


def test_every_pin_belongs_to_one_part() -> None:
    assert sorted(NAMED) == sorted(pin_table("ESP32_S3"))
    assert len(set(NAMED)) == len(NAMED)


def test_a_part_without_a_pin_is_not_drawn() -> None:
    assert "Barcode scanner" not in picture("ESP32", pin_table("ESP32"))
