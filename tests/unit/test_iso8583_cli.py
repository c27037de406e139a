"""`tillbench iso8583` as a person uses it: frames from anywhere, readable answers, errors that name the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tillbench.protocols.iso8583 import UNIONPAY, Message
from tillbench.protocols.iso8583.lines import LINES
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.names import dialect as by_name
from tillbench.protocols.iso8583.samples import sale

from .iso8583_command import BODY, FRAME, iso8583

PAN = "6200000000000005"
TRACK_REST = "30122011234567890"


def test_a_sale_is_decoded_with_fields_and_tags() -> None:
    result = iso8583("decode", "--dialect", "cup", FRAME.hex())
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "line unionpay, TPDU 6000030000, header 603100310000",
        "0200 financial request",
        "   2 primary account number: 620000******0005",
    ]
    assert "   4 amount, transaction: 000000001234 (12.34)" in lines
    assert "       9F26 Application Cryptogram (AC): A1A2A3A4A5A6A7A8" in lines
    assert lines[-1] == "  64 message authentication code: (8 bytes, not shown)"
    assert len(lines) == 2 + 15 + 20
    assert not {PAN, TRACK_REST} & set(result.stdout.replace(":", " ").split())


@pytest.mark.parametrize(("data", "start"), [(BODY, 0), (FRAME, 13)], ids=["bare", "framed"])
def test_cut_by_one_byte_field_64_and_the_offset_are_named(data: bytes, start: int) -> None:
    result = iso8583("decode", "--dialect", "cup", data[:-1].hex())
    assert result.exit_code == 2
    at = len(BODY) - 8
    first, *rest = result.stderr.splitlines()
    assert first.startswith(
        f"tillbench: field 64 (message authentication code) at byte {at}: expected 8 bytes, found 7 bytes"
    )
    if start:
        assert first.endswith(f"(byte {start + at} of the frame)")
        assert (
            rest.pop(0) == f"line unionpay: length at byte 0: expected {len(FRAME)} bytes, found {len(FRAME) - 1} bytes"
        )
    row, mark = rest
    assert row.startswith(f"{at - 8:04X}  ")
    assert row[mark.index("^") :].split()[1:] == ["**"] * 6  # the MAC is not shown, but for the place
    assert "  60 type, batch, network code: 22000001003" in result.stdout
    assert "  64 " not in result.stdout


def test_every_cut_of_a_frame_is_a_kind_error() -> None:
    for size in range(1, len(FRAME), 9):
        result = iso8583("decode", FRAME[:size].hex())
        assert result.exit_code == 2
        assert result.stderr.startswith("tillbench: ")
        assert PAN not in result.output


def test_a_frame_that_has_grown_is_no_silent_pass() -> None:
    result = iso8583("decode", (FRAME + b"\0").hex())
    assert result.exit_code == 2
    assert result.stderr.startswith("tillbench: frame 2: message type at byte 0: expected 2 bytes, found 1 bytes")
    result = iso8583("decode", LINES["ascii4"].build(BODY)[:4].hex() + BODY[:-9].hex())
    assert (
        f"line ascii4: length at byte 0: expected {4 + len(BODY)} bytes, found {len(BODY) - 5} bytes" in result.stderr
    )


def test_the_same_from_hex_a_binary_file_a_hex_file_and_standard_input(tmp_path: Path) -> None:
    expected = iso8583("decode", FRAME.hex()).stdout
    (tmp_path / "frame.bin").write_bytes(FRAME)
    rows = [FRAME[at : at + 16].hex(" ") for at in range(0, len(FRAME), 16)]
    (tmp_path / "frame.hex").write_text("# a sale\n" + "\n".join(rows) + "\n")
    assert iso8583("decode", str(tmp_path / "frame.bin")).stdout == expected
    assert iso8583("decode", str(tmp_path / "frame.hex")).stdout == expected
    assert iso8583("decode", "-", given=FRAME).stdout == expected
    assert iso8583("decode", given=FRAME.hex().encode()).stdout == expected
    assert iso8583("decode", "0x" + FRAME.hex().upper()).stdout == expected


def test_text_and_other_dialects() -> None:
    body = DIALECTS["iso87-ascii"].encode(Message("0800", {11: "000001", 70: "301"}))
    result = iso8583("decode", "-d", "iso87-ascii", "--text", body.decode())
    assert result.stdout.splitlines()[1:] == [
        "  11 system trace audit number: 000001",
        "  70 network management information code: 301",
    ]
    assert iso8583("decode", "-d", "ISO87-ASCII", body.hex()).stdout == result.stdout


def test_a_stream_is_cut_into_its_frames_and_the_bad_one_named() -> None:
    bad = LINES["unionpay"].build(BODY[:-1], FRAME[2:7], FRAME[7:13])
    result = iso8583("decode", given=FRAME + bad + FRAME)
    assert result.exit_code == 2
    assert [line for line in result.stdout.splitlines() if line.startswith("frame ")] == [
        f"frame {number}: line unionpay, TPDU 6000030000, header 603100310000" for number in (1, 2, 3)
    ]
    assert result.stderr.startswith("tillbench: frame 2: field 64")


def test_encode_takes_what_decode_gives() -> None:
    decoded = iso8583("decode", "-f", "json", "--unmasked", FRAME.hex())
    data = json.loads(decoded.stdout)
    assert data["fields"]["2"] == PAN
    assert (data["line"], data["tpdu"], data["header"]) == ("unionpay", "6000030000", "603100310000")
    again = iso8583("encode", "-", "--line", "unionpay", "--tpdu", data["tpdu"], given=decoded.stdout.encode())
    assert bytes.fromhex(again.stdout) == FRAME
    bare = iso8583("encode", decoded.stdout, "-f", "json")
    assert json.loads(bare.stdout) == {"line": "bare", "size": len(BODY), "hex": BODY.hex().upper()}


def test_encode_puts_chinese_into_gbk() -> None:
    result = iso8583("encode", json.dumps({"mti": "0210", "fields": {"63": "余额"}}))
    assert bytes.fromhex(result.stdout)[-6:] == b"\x00\x04" + "余额".encode("gbk")


def test_a_fault_as_json_names_path_and_place() -> None:
    result = iso8583("decode", "-f", "json", FRAME[:60].hex())
    data = json.loads(result.stdout)
    assert data["fields"]["25"] == "00"
    assert data["error"] == {
        "path": "35",
        "name": "track 2 data",
        "offset": 39,
        "expected": "17 bytes",
        "found": "8 bytes",
    }


def test_a_fault_inside_field_55_names_the_tag() -> None:
    message = sale()
    message.fields[55] = bytes.fromhex("9F2608A1A2A3A4A5A6A7A8 9505 000000")
    result = iso8583("decode", UNIONPAY.encode(message).hex())
    assert "field 55 (IC card data), part 95, at byte" in result.stderr
    assert "expected 5 bytes, found 3 bytes" in result.stderr
    encoded = iso8583("encode", json.dumps({"mti": "0200", "fields": {"55": "9505000000"}}))
    assert encoded.exit_code == 2
    assert "part 95" in encoded.stderr


def test_bits_are_explained_on_request() -> None:
    assert "byte 4 bit 8: transaction exceeds floor limit" not in iso8583("describe", FRAME.hex()).stdout
    explained = iso8583("describe", "--bits", FRAME.hex()).stdout
    assert "byte 4 bit 8: transaction exceeds floor limit" in explained
    assert "UnionPay: key index 01, cryptogram version 01" in explained
    assert "       2 batch: 000001" in explained
    data = json.loads(iso8583("describe", "-f", "json", FRAME.hex()).stdout)
    [icc] = [entry for entry in data["fields"] if entry["path"] == "55"]
    [tvr] = [tag for tag in icc["children"] if tag["path"] == "55.95"]
    assert tvr["bits"] == ["byte 4 bit 8: transaction exceeds floor limit"]
    assert BODY[tvr["offset"] :][: tvr["size"]].hex() == "0000008000"
    rich = iso8583("describe", "--bits", "-f", "rich", FRAME.hex()).stdout
    assert "transaction exceeds floor limit" in rich
    assert PAN not in rich


def test_a_difference_is_one_line_and_exit_code_1() -> None:
    other = sale()
    other.mti = "0210"
    other.fields |= {2: "6200000000000013", 39: "00", 55: bytes.fromhex("9F3602000291023030")}
    del other.fields[35]
    data = UNIONPAY.encode(other).hex()
    same = iso8583("diff", FRAME.hex(), FRAME.hex())
    assert (same.exit_code, same.stdout) == (0, "")
    result = iso8583("diff", FRAME.hex(), data)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "~ mti message type: 0200 -> 0210"
    assert "+ 39 response code: 00" in lines
    assert "~ 55.9F36 Application Transaction Counter (ATC): 0001 -> 0002" in lines
    assert [line for line in lines if line.startswith("- 35")] == [
        "- 35 track 2 data: 620000******0005D*****************"
    ]
    assert PAN not in result.stdout
    changes = json.loads(iso8583("diff", "-f", "json", FRAME.hex(), data).stdout)
    assert changes[0]["kind"] == "changed"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["decode", "/no/such.hex"], "/no/such.hex: no such file, and not hex"),
        (["decode", "02z0"], "the argument, line 1, column 3: expected hex digits, found 'z'"),
        (["decode", "020"], "the argument: expected an even number of hex digits, found 3"),
        (["decode", ""], "the argument: empty, expected a message"),
        (["decode", "-d", "acme", "0200"], "--dialect: no dialect 'acme'; there are unionpay"),
        (["decode", "-d", "acme.yaml", "0200"], "acme.yaml: expected a readable definition, found FileNotFoundError"),
        (["decode", "-l", "x25", "0200"], "--line x25: no such line; there is auto, unionpay"),
        (["decode", "-l", "ascii4", "0200"], "line ascii4: length at byte 0: expected 4 bytes, found 2 bytes"),
        (["decode", "-l", "ascii4", "30303x30"], "found 'x'"),
        (["encode", "-l", "auto", "{}"], "--line auto: a frame to be made needs the name of its line"),
        (["encode", "{"], "the argument: expected JSON"),
        (["encode", "[]"], 'the argument: expected {"mti": "0200"'),
        (["encode", '{"mti": "0200", "fields": {"x": "1"}}'], "fields.x: expected a field number and text"),
        (["encode", '{"mti": "0200", "fields": {"3": 0}}'], "fields.3: expected a field number and text"),
        (["encode", '{"mti": "0200", "fields": {"52": "0z"}}'], "fields.52, line 1, column 2: expected hex digits"),
        (
            ["encode", '{"mti": "0200", "fields": {"3": "0000"}}'],
            "field 3 (processing code) at byte 10: expected length 6",
        ),
        (["encode", '{"mti": "0200", "fields": {"3": "00000٣"}}'], "expected digits, found U+0663 at 5"),
        (["encode", '{"mti": "02", "fields": {}}'], "message type at byte 0: expected length 4, found 2"),
        (
            ["encode", "-l", "unionpay", "--tpdu", "60", '{"mti": "0800", "fields": {}}'],
            "TPDU at byte 2: expected 5 bytes",
        ),
        (["diff", FRAME.hex(), FRAME[:-1].hex()], "right: field 64 (message authentication code)"),
        (["diff", FRAME.hex() * 2, FRAME.hex()], "expected one message, found 2"),
        (["table", "-d", "nope"], "--dialect: no dialect 'nope'"),
        (["import", "spec.txt"], "spec.txt: expected a file .py, .yaml"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(arguments: list[str], words: str) -> None:
    result = iso8583(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("tillbench: ")
    assert words in result.stderr


def test_a_table_of_each_dialect() -> None:
    for name, dialect in DIALECTS.items():
        lines = iso8583("table", "-d", name).stdout.splitlines()
        assert lines[0].startswith(f"{name}: ")
        assert len(lines) == 3 + len(dialect.fields)
    markdown = iso8583("table", "-d", "iso87-bcd", "--markdown").stdout.splitlines()
    assert (
        "| 3 | processing code | n | 6 | packed digits | transaction type 2, account from 2, account to 2 |"
        in "\n".join(markdown)
    )
    assert len({line.count("|") for line in markdown}) == 1
    data = json.loads(iso8583("table", "-f", "json").stdout)
    assert [row["number"] for row in data["fields"]] == [str(number) for number in UNIONPAY.fields]
    assert "UnionPay POS" in iso8583("table", "-f", "rich").stdout


def test_a_dialect_of_ones_own_in_yaml_python_or_imported(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text("name: acme\nbase: cup\nfields:\n  48: {counts: bytes}\n")
    (tmp_path / "acme.py").write_text(
        "from tillbench.protocols.iso8583.dialects.unionpay import variant\nDIALECT = variant('acme', in_bytes=[48])\n"
    )
    frame = by_name("cup").counting(bytes=(48,)).encode(Message("0500", {48: "0" * 62})).hex()
    assert iso8583("decode", frame).exit_code == 2
    first, second = (iso8583("decode", "-d", str(tmp_path / f"acme.{suffix}"), frame) for suffix in ("yaml", "py"))
    assert first.exit_code == second.exit_code == 0
    assert first.stdout == second.stdout
    imported = iso8583("import", str(tmp_path / "acme.py"), "--name", "other")
    data = yaml.safe_load(imported.stdout)
    assert (data["name"], data["mac"], data["fields"][48]["counts"]) == ("other", "cup-ecb", "bytes")
    (tmp_path / "other.yaml").write_text(imported.stdout)
    assert iso8583("decode", "-d", str(tmp_path / "other.yaml"), frame).stdout == first.stdout
    assert json.loads(iso8583("import", str(tmp_path / "acme.py"), "-f", "json").stdout)["name"] == "acme"
