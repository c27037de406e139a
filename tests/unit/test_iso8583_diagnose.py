"""Frames that a definition cannot read, and the one thing in it that is to be changed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import yaml
from tillbench.protocols.iso8583 import UNIONPAY, Message
from tillbench.protocols.iso8583.definition import from_data
from tillbench.protocols.iso8583.definition_export import change_data
from tillbench.protocols.iso8583.diagnose import findings
from tillbench.protocols.iso8583.diagnose_frame import diagnose
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.lines import LINES
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.samples import sale

from .iso8583_command import BODY, FRAME, iso8583
from .iso8583_faults import faults

ISO_BCD = DIALECTS["iso87-bcd"]
SETTLEMENT = Message(
    "0500",
    {
        7: "1128142200",
        11: "000042",
        41: "12345678",
        42: "898110053110001",
        48: "0000000123000050000000000000001" * 2,
        49: "156",
        66: "1",
        97: "C0000000000001230",
    },
)


@pytest.mark.one_in(3)
@pytest.mark.timeout(300)  # a quarter of a minute where nothing else runs
def test_the_right_field_comes_first() -> None:
    """220 frames, each from a sender whose definition differs in one thing (see `iso8583_faults`)."""
    random = Random("a corpus that no cost was chosen by")
    first: Counter[str] = Counter()
    three: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    for fault in faults(random, 220):
        found = diagnose(fault.reader, fault.data, fault.line, DIALECTS.values())
        assert found.error is not None or found.line_error is not None
        paths = [finding.path for finding in found.findings]
        all_of[fault.how] += 1
        first[fault.how] += fault.path in paths[:1]
        three[fault.how] += fault.path in paths[:3]
    table = {how: (count, first[how], three[how]) for how, count in sorted(all_of.items())}
    print(f"{all_of.total()} faults, {first.total()} named first, {three.total()} in the first three: {table}")
    assert first.total() >= 0.9 * all_of.total(), table
    assert three.total() >= 0.98 * all_of.total(), table
    assert len(table) >= 12
    assert min(all_of.values()) >= 2


@pytest.mark.parametrize(
    ("change", "field", "value", "words"),
    [
        ({"type": "n", "code": "packed"}, 48, None, "the count counts digits, not characters"),
        ({"counts": "nibbles"}, 48, "TERMINAL BATCH 42", "the count counts nibbles, not characters"),
        ({"code": "ebcdic"}, 42, None, "EBCDIC, not ASCII"),
        ({"count_code": "ascii"}, 48, None, "the count in ASCII, not BCD"),
    ],
)
def test_the_change_is_said_in_words_and_reads_the_frame(
    change: dict[str, object], field: int, value: str | None, words: str
) -> None:
    message = Message(SETTLEMENT.mti, {**SETTLEMENT.fields, field: value or SETTLEMENT[field]})
    body = ISO_BCD.changed({field: change}).encode(message)
    best = findings(ISO_BCD, body, DIALECTS.values())[0]
    assert best.path == str(field)
    assert words in best.words
    repaired = ISO_BCD.changed(best.change["fields"])
    assert repaired.decode(body)[49] == "156"


def test_digits_in_field_48_by_the_command_and_its_answer_put_to_use(tmp_path: Path) -> None:
    body = ISO_BCD.changed({48: {"type": "n", "code": "packed"}}).encode(SETTLEMENT)
    result = iso8583("diagnose", "--dialect", "iso87-bcd", body.hex())
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("field 48 (additional data, private) at byte ")
    assert lines[4] == (
        " 1. field 48 (additional data, private): type n, not ans; packed digits, not ASCII; "
        "the count counts digits, not characters"
    )
    data = yaml.safe_load("{" + lines[5].strip() + "}")
    mended = tmp_path / "mended.yaml"
    mended.write_text(yaml.safe_dump({"name": "mended", "base": "iso87-bcd", **data}))
    assert iso8583("decode", "-d", str(mended), body.hex()).exit_code == 0
    as_json = json.loads(iso8583("diagnose", "-d", "iso87-bcd", "-f", "json", body.hex()).stdout)
    assert as_json["error"]["path"] == "48"
    assert as_json["findings"][0]["change"] == {"fields": {"48": {"type": "n", "code": "packed"}}}


def test_every_change_that_is_found_can_be_written_as_a_definition() -> None:
    for fault in faults(Random(11), 20):
        if fault.line != "bare":
            continue
        for finding in findings(fault.reader, fault.data, DIALECTS.values())[:3]:
            if not finding.change or finding.path == "dialect":
                continue
            data = json.loads(json.dumps(change_data(finding.change)))
            repaired = from_data({"name": "repaired", "base": "reader", **data}, lambda _, d=fault.reader: d)  # type: ignore[misc]  # mypy does not infer a lambda with a default
            assert repaired.decode(fault.data)


def test_a_frame_without_a_fault() -> None:
    found = diagnose(UNIONPAY, FRAME)
    assert (found.found.line, found.error, found.line_error, found.findings) == ("unionpay", None, None, [])
    result = iso8583("diagnose", FRAME.hex())
    assert (result.exit_code, result.stdout.splitlines()[1]) == (
        0,
        f"{len(FRAME)} bytes, read without a fault in dialect unionpay.",
    )


def test_a_pad_on_the_wrong_side_that_happens_to_be_readable() -> None:
    found = diagnose(UNIONPAY.changed({22: {"pad": "left"}}), BODY)
    assert found.error is not None or found.findings
    assert found.findings[0].path == "22"


def test_a_cut_frame_is_no_fault_of_the_definition() -> None:
    result = iso8583("diagnose", FRAME[:-1].hex())
    assert result.stdout.splitlines()[-1].startswith("The frame is shorter than its length says")
    bare = findings(UNIONPAY, BODY[:-3], DIALECTS.values())
    assert bare[0].path == "end" or bare[0].path == "64"
    assert "3 bytes of field 64 missing" in next(one.words for one in bare if one.path == "end")


@pytest.mark.parametrize(
    ("line", "path", "words"),
    [
        ("binary2", "line", "line unionpay"),
        ("binary2-tpdu", "header", "a header of 6 bytes, not 0"),
        ("binary2-header6", "TPDU", "a TPDU of 5 bytes"),
        ("bcd2", "line", "line unionpay"),
    ],
)
def test_the_line_is_diagnosed_too(line: str, path: str, words: str) -> None:
    best = diagnose(UNIONPAY, FRAME, line).findings[0]
    assert (best.path, best.words) == (path, words)


def test_another_dialect_on_whatever_line() -> None:
    body = DIALECTS["iso87-ascii"].encode(Message("0800", {7: "1128142200", 11: "000042", 70: "301"}))
    for line in ("bare", "binary2", "ascii4", "bcd2", "binary4"):
        found = diagnose(UNIONPAY, LINES[line].build(body), others=DIALECTS.values())
        assert (found.found.line, found.findings[0].path) == (line, "dialect")
        assert found.findings[0].words.startswith("another dialect: iso87-ascii")


def test_of_several_frames_the_first_bad_one() -> None:
    sender = UNIONPAY.counting(bytes=(60,))
    message = sale()
    message.fields[60] = "220000010030"
    bad = LINES["unionpay"].build(sender.encode(message), FRAME[2:7], FRAME[7:13])
    result = iso8583("diagnose", given=FRAME + bad + FRAME)
    assert result.exit_code == 1
    assert result.stdout.startswith("frame 2, line unionpay")
    assert "field 60" in result.stdout.splitlines()[1]
    assert "fields: {60: {counts: bytes}}" in result.stdout


def test_what_no_single_change_explains() -> None:
    assert "No single change" in iso8583("diagnose", "deadbeef").stdout
    assert "line ascii4: length at byte 0: expected digits" in iso8583("diagnose", "-l", "ascii4", FRAME.hex()).stdout


@pytest.mark.parametrize("dialect", [UNIONPAY, DIALECTS["iso87-ascii"]], ids=lambda dialect: dialect.name)
def test_noise_ends_in_an_answer(dialect: Dialect) -> None:
    random = Random(4)
    whole = dialect.encode(Message("0200", {3: "000000", 11: "000001", 41: "12345678"}))
    for size in (0, 1, 2, 9, 10, 30, 300):
        for data in (random.randbytes(size), whole + random.randbytes(size), whole[:size]):
            diagnose(dialect, data, "auto", DIALECTS.values())
