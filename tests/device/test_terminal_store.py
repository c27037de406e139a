"""What the terminal keeps on flash: whole or refused, and never the same number twice."""

from __future__ import annotations

import binascii
import json
import struct

import psec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench

from tests.device.terminal_rig import DONE, STOP, TMK, Counter, keys
from tests.sample import examples

BODIES = [b"first", b"", bytes(300)]


def frame(body: bytes) -> bytes:
    """A record as the module's description has it, written down a second time."""
    counted = struct.pack(">H", len(body)) + body
    return b"\xa7R" + counted + struct.pack(">I", binascii.crc32(counted))


@pytest.fixture
def flash(device: Bench) -> Bench:
    device.call("terminal_probe:new_flash")
    return device


def test_a_log_is_read_back_as_it_was_written(flash: Bench) -> None:
    flash.call("terminal_probe:log", "log", BODIES)
    assert flash.call("terminal_probe:read_raw", "log") == b"".join(map(frame, BODIES))
    assert [body for _, body in flash.call("terminal_probe:records", "log")] == BODIES


def test_a_log_is_closed_while_a_record_of_it_is_looked_at(flash: Bench) -> None:
    flash.call("terminal_probe:log", "log", BODIES)
    assert not flash.call("terminal_probe:left_in_the_middle", "log")


def test_a_log_is_read_back_that_is_longer_than_one_reading(flash: Bench) -> None:
    bodies = [bytes([n]) * size for n, size in enumerate([1000, 7, 1016, 1017, 2048, 0, 500] * 2)]
    flash.call("terminal_probe:log", "log", bodies)
    assert [body for _, body in flash.call("terminal_probe:records", "log")] == bodies


def test_a_log_that_was_never_written_is_empty(flash: Bench) -> None:
    assert flash.call("terminal_probe:records", "log") == []


def test_every_torn_end_is_damage_and_no_shorter_log(flash: Bench) -> None:
    whole = frame(b"first") + frame(b"second")
    for size in range(len(frame(b"first")) + 1, len(whole)):
        flash.call("terminal_probe:write_raw", "log", whole[:size])
        offset, reason = flash.call("terminal_probe:records", "log")
        assert offset == len(frame(b"first"))
        assert reason.startswith("torn")


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_no_changed_bit_goes_unseen(shared_device: Bench, data: st.DataObject) -> None:
    whole = bytearray(frame(b"a record of some length") + frame(b"another"))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    shared_device.call("terminal_probe:new_flash")
    shared_device.call("terminal_probe:write_raw", "log", bytes(whole))
    found = shared_device.call("terminal_probe:records", "log")
    assert isinstance(found, tuple), f"bit {bit} was not noticed"


def test_a_single_record_is_replaced_as_a_whole(flash: Bench) -> None:
    assert flash.call("terminal_probe:replace_and_read", "one", [b"a", b"bb"]) == [None, b"a", b"bb"]


def test_trace_numbers_survive_a_restart_and_go_round(flash: Bench) -> None:
    assert flash.call("terminal_probe:count_stans", 999997, 4) == [999998, 999999, 1, 2, 7]


def test_the_journal_reads_back_what_became_of_each(flash: Bench) -> None:
    seen = flash.call("terminal_probe:journal_of", ["A", "D", "R", "A"])
    assert seen == (4, False, 4, 1 << 36, "123453", b"\x80\x00\x04\x80\x00")


def test_the_journal_knows_that_a_reversal_is_owed(flash: Bench) -> None:
    count, pending, stan, *_ = flash.call("terminal_probe:journal_of", ["A", "P"])
    assert (count, pending, stan) == (2, True, 2)


def test_the_journal_opens_nothing_while_a_reversal_is_owed(flash: Bench) -> None:
    with pytest.raises(Exception, match="reversal_due"):
        flash.call("terminal_probe:journal_of", ["P", "A"])


def test_parameters_have_types_and_ranges(flash: Bench) -> None:
    good = [["answer_ms", 45000], ["merchant_name", "SHOP"], ["terminal", "87654321"]]
    assert flash.call("terminal_probe:parameters", good) == dict(map(tuple, good))  # type: ignore[arg-type]  # pairs
    for name, value in [("answer_ms", "30"), ("answer_ms", 10), ("answer_ms", True), ("terminal", "1"), ("nope", 1)]:
        refusal = flash.call("terminal_probe:parameters", [[name, value]])
        assert (refusal[0], refusal[2]) == (name, value)
    assert flash.call("terminal_probe:parameters", [["answer_ms", 45001]]) == {"answer_ms": 45001}


def stored(flash: Bench, record: dict[str, object]) -> None:
    flash.call("terminal_probe:write_raw", "parameters", frame(json.dumps(record).encode()))


def test_settings_of_the_first_version_are_brought_up_to_date(flash: Bench) -> None:
    stored(flash, {"operator": "007", "answer_ms": 45000})
    assert flash.call("terminal_probe:parameters", [["card_ms", 20000]]) == {"card_ms": 20000}
    assert flash.call("terminal_probe:read_parameters") == {"operator": "07", "answer_ms": 45000, "card_ms": 20000}
    assert b'"v": 2' in flash.call("terminal_probe:read_raw", "parameters")


def test_settings_of_a_newer_version_are_not_guessed_at(flash: Bench) -> None:
    stored(flash, {"v": 3, "answer_ms": 45000})
    assert flash.call("terminal_probe:read_parameters") == ("v", "at most 2", 3)


def test_several_settings_change_together_or_not_at_all(flash: Bench) -> None:
    refusal = flash.call("terminal_probe:change", {"card_ms": 20000, "answer_ms": 1})
    assert refusal == ("answer_ms", "a number from 1000 to 120000", 1)
    assert flash.call("terminal_probe:read_parameters") == {}
    assert flash.call("terminal_probe:change", {"pin_shortest": 8, "pin_longest": 6})[:2] == (
        "pin_shortest",
        "at most pin_longest, 6",
    )
    assert flash.call("terminal_probe:change", {"pin_shortest": 6, "pin_longest": 6}) is None


def test_a_name_that_the_terminal_cannot_show_is_refused(flash: Bench) -> None:
    assert flash.call("terminal_probe:change", {"merchant_name": "测试商店"}) is None
    refusal = flash.call("terminal_probe:change", {"merchant_name": "鑫商店"})
    assert refusal == ("merchant_name", "characters that the terminal can show", "鑫")


def storage_key() -> bytes:
    return psec.des.encrypt_tdes_ecb(TMK, b"tillbench:seal-1")


@pytest.mark.filterwarnings("ignore:.*TripleDES")
@pytest.mark.parametrize(
    ("pan", "expiry"), [("6200000000000005", "3012"), ("6200000000000000003", ""), ("4000000000006", "2611")]
)
def test_card_data_are_sealed_as_described(flash: Bench, pan: str, expiry: str) -> None:
    sealed = flash.call("terminal_probe:seal", TMK, pan, expiry, 12, 3)
    assert flash.call("terminal_probe:unseal", TMK, sealed, 12, 3) == (pan, expiry)
    start = psec.des.encrypt_tdes_ecb(storage_key(), struct.pack(">II", 3, 12))
    plain = bytes.fromhex(pan.ljust(20, "F") + (expiry or "FFFF"))
    plain += struct.pack(">I", binascii.crc32(plain))
    assert sealed == psec.des.encrypt_tdes_cbc(storage_key(), start, plain)


def test_card_data_are_not_unsealed_for_another_transaction_or_key(flash: Bench) -> None:
    sealed = flash.call("terminal_probe:seal", TMK, "6200000000000005", "3012", 12, 3)
    assert sealed != flash.call("terminal_probe:seal", TMK, "6200000000000005", "3012", 13, 3)
    assert flash.call("terminal_probe:unseal", TMK, sealed, 13, 3) == "check value is wrong"
    assert flash.call("terminal_probe:unseal", bytes(16), sealed, 12, 3) == "check value is wrong"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("journal", "JOURNAL DAMAGED"),
        ("counters", "COUNTERS DAMAGED"),
        ("parameters", "SETTINGS DAMAGED"),
        ("working_keys", "KEY FILE DAMAGED"),
        ("operators", "OPERATORS BROKEN"),
    ],
)
def test_a_damaged_file_puts_the_terminal_out_of_service(device: Bench, name: str, text: str) -> None:
    counter = Counter(device)
    counter.run(*DONE)
    device.call("terminal_probe:write_raw", name, frame(b"whole")[:-1])
    counter.run(("OUT OF SERVICE", [keys(b"5\r"), ("later", 60000, STOP)]))
    assert counter.frames[-1] == ("[OUT OF SERVICE]", text, "AT 0", "CALL SERVICE")


def test_counters_that_are_gone_while_the_journal_is_there_are_not_begun_again(device: Bench) -> None:
    counter = Counter(device)
    counter.run(*DONE)
    device.call("terminal_probe:journal_of", ["A"])
    device.call("terminal_probe:write_raw", "counters", b"")
    counter.run(("COUNTERS DAMAGED", [STOP]))


def test_a_full_flash_stops_the_sale_before_anything_is_sent(device: Bench) -> None:
    counter = Counter(device)
    counter.run(*DONE)
    device.call("terminal_probe:fill_up", 60000)
    counter.run(("READY", [keys(b"5")]), ("FLASH IS FULL", [keys(b"\r")]), *DONE)
    assert [m.mti for m in counter.sent] == ["0800"]


def test_a_full_batch_stops_the_sale(device: Bench) -> None:
    counter = Counter(device)
    counter.run(*DONE)
    device.call("terminal_probe:journal_of", ["A", "D"])
    device.call("terminal_probe:parameters", [["batch_limit", 2]])
    counter.run(("BATCH IS FULL", [keys(b"5")]), ("[NOT APPROVED]", [keys(b"\r")]), ("BATCH IS FULL", [STOP]))
