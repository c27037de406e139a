"""The screen font: data, generated module, errors."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tillbench.protocols import fonts
from tillbench.protocols.texts import wide_characters

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "firmware" / "generated"
GENERATED = FOLDER / "font16.py"


def generated(name: str = "font16") -> dict[str, bytes]:
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def test_the_generated_module_is_fresh() -> None:
    assert GENERATED.read_text("utf-8") == fonts.generate()


def test_the_generated_table_draws_the_same_glyphs() -> None:
    table = generated()
    codes = [*range(0x20, 0x7F)]
    codes += [int.from_bytes(table["SYMBOLS"][at : at + 2], "big") for at in range(0, len(table["SYMBOLS"]), 2)]
    assert len(table["GLYPHS"]) == 16 * len(codes)
    for index, code in enumerate(codes):
        cell = table["GLYPHS"][16 * index : 16 * index + 16]
        for y, bits in enumerate(fonts.glyphs()[chr(code)]):
            drawn = sum((cell[y // 8 * 8 + x] >> y % 8 & 1) << (7 - x) for x in range(8))
            assert drawn == bits, f"U+{code:04X} row {y}"


@pytest.mark.parametrize("font", [fonts.glyphs, fonts.wide_glyphs])
def test_all_glyphs_and_their_inverses_differ(font: Callable[[], Mapping[str, bytes]]) -> None:
    # Else text could not be read from pixels.
    seen: dict[bytes, str] = {}
    for char, rows in font().items():
        for name, cell in ((char, rows), (f"inverse {char}", bytes(bits ^ 0xFF for bits in rows))):
            assert cell not in seen, f"{name!r} looks like {seen[cell]!r}"
            seen[cell] = name


def test_no_two_letters_look_like_a_hanzi() -> None:
    # The reader looks for hanzi first.
    narrow = set(fonts.glyphs().values())
    inverse = {bytes(bits ^ 0xFF for bits in rows) for rows in narrow}
    for char, rows in fonts.wide_glyphs().items():
        halves = {rows[::2], rows[1::2]}
        assert not halves <= narrow, char
        assert not halves <= inverse, char


def test_the_device_has_the_hanzi_of_its_texts_by_code_point_and_by_gb_code() -> None:
    table = generated("hanzi16")
    chars = wide_characters()
    pairs = {name: [table[name][at : at + 2] for at in range(0, len(table[name]), 2)] for name in ("UNICODE", "GB")}
    assert [chr(int.from_bytes(code)) for code in pairs["UNICODE"]] == list(chars) == sorted(chars)
    assert [code.decode("gb18030") for code in pairs["GB"]] == list(chars)
    order = [int.from_bytes(table["BY_GB"][at : at + 2]) for at in range(0, len(table["BY_GB"]), 2)]
    assert sorted(order) == list(range(len(chars)))
    assert [pairs["GB"][index] for index in order] == sorted(pairs["GB"])
    assert table["GLYPHS"] == b"".join(fonts.columns(fonts.wide_glyphs()[char]) for char in chars)


def test_columns_of_a_hanzi() -> None:
    cell = fonts.columns(fonts.wide_glyphs()["中"])
    for y in range(16):
        row = sum((cell[y // 8 * 16 + x] >> y % 8 & 1) << (15 - x) for x in range(16))
        assert row == int.from_bytes(fonts.wide_glyphs()["中"][2 * y : 2 * y + 2])


def test_ascii_and_the_promised_symbols_are_there() -> None:
    assert {chr(code) for code in range(0x20, 0x7F)} | set("¥←↑→↓") <= set(fonts.glyphs())
    assert fonts.CHARSET.endswith(fonts.REPLACEMENT)
    assert len(set(fonts.CHARSET)) == len(fonts.CHARSET)


def test_a_known_glyph() -> None:
    # Capital A, as anyone can see it in Unifont's chart.
    assert fonts.glyphs()["A"].hex() == "0000000018242442427e424242420000"


def test_columns_of_a_diagonal() -> None:
    rows = bytes(0x80 >> y % 8 for y in range(16))
    assert fonts.columns(rows) == bytes(1 << x for x in range(8)) * 2


def test_the_licence_is_beside_the_data() -> None:
    data = Path(fonts.__file__).parent / "font_data"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (data / "OFL-1.1.txt").read_text("utf-8")
    assert "OFL-1.1.txt" in (data / "unifont16.hex").read_text("ascii").splitlines()[0]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("0041", "x.hex, line 1: expected CODEPOINT:HEX, found '0041'"),
        ("0041:" + "0" * 32 + "\nzz:00", "x.hex, line 2: expected CODEPOINT:HEX, found 'zz:00'"),
        ("FFFFFFFF:00", "x.hex, line 1: expected CODEPOINT:HEX, found 'FFFFFFFF:00'"),
        ("4E00:" + "0" * 64, r"x.hex, line 1: U\+4E00: expected 32 hex digits \(8x16\), found 64"),
        ("0041:" + "x" * 32, r"x.hex, line 1: U\+0041: expected hex digits"),
    ],
)
def test_a_bad_font_file_names_its_line(text: str, error: str) -> None:
    with pytest.raises(fonts.FontError, match=error):
        fonts.parse_hex(text, "x.hex")


def test_full_width_glyphs_that_nobody_wants_are_passed_over() -> None:
    text = "# a comment\n\n4E00:" + "0" * 64 + "\n0041:" + "1" * 32
    assert fonts.parse_hex(text, "x.hex", wanted="A") == {"A": b"\x11" * 16}


def test_a_missing_glyph_is_named(tmp_path: Path) -> None:
    source = tmp_path / "unifont.hex"
    source.write_text("\n".join(f"{ord(c):04X}:{'00' * 16}" for c in fonts.CHARSET if c not in "A¥"))
    with pytest.raises(fonts.FontError, match=r"no glyph for U\+0041, U\+00A5"):
        fonts.subset(source)


def test_the_subset_of_a_full_file_is_what_is_checked_in(tmp_path: Path) -> None:
    source = tmp_path / "unifont.hex"
    lines = [f"{ord(char):04X}:{rows.hex().upper()}" for char, rows in fonts.glyphs().items()]
    source.write_text("\n".join(["4E00:" + "0" * 64, *lines]))
    checked_in = Path(fonts.__file__).parent / "font_data" / "unifont16.hex"
    assert fonts.subset(source) == checked_in.read_text("ascii")


def test_the_hanzi_of_a_full_file_are_what_is_checked_in(tmp_path: Path) -> None:
    source = tmp_path / "unifont.hex"
    lines = [f"{ord(char):04X}:{rows.hex().upper()}" for char, rows in fonts.wide_glyphs().items()]
    source.write_text("\n".join(["0041:" + "0" * 32, *lines]))
    checked_in = Path(fonts.__file__).parent / "font_data" / "unifont16_gb2312.hex"
    assert fonts.wide_subset(source) == checked_in.read_text("ascii")
