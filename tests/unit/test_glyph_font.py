"""The screen font: data, generated module, errors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tillbench.protocols import fonts

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "firmware" / "generated" / "font16.py"


def generated() -> dict[str, bytes]:
    tree = ast.parse(GENERATED.read_text("utf-8"))
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


def test_all_glyphs_and_their_inverses_differ() -> None:
    # Else text could not be read from pixels.
    seen: dict[bytes, str] = {}
    for char, rows in fonts.glyphs().items():
        for name, cell in ((char, rows), (f"inverse {char}", bytes(bits ^ 0xFF for bits in rows))):
            assert cell not in seen, f"{name!r} looks like {seen[cell]!r}"
            seen[cell] = name


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
    with pytest.raises(fonts.FontError, match=r"no 8x16 glyph for U\+0041, U\+00A5"):
        fonts.subset(source)


def test_the_subset_of_a_full_file_is_what_is_checked_in(tmp_path: Path) -> None:
    source = tmp_path / "unifont.hex"
    lines = [f"{ord(char):04X}:{rows.hex().upper()}" for char, rows in fonts.glyphs().items()]
    source.write_text("\n".join(["4E00:" + "0" * 64, *lines]))
    checked_in = Path(fonts.__file__).parent / "font_data" / "unifont16.hex"
    assert fonts.subset(source) == checked_in.read_text("ascii")
