"""Short APDUs: cases 1 to 4 against the construct definition, and the words for them."""

import construct
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.protocols import apdu
from tillbench.protocols.apdu import ApduError, Command, Response

BYTE = st.integers(0, 255)
COMMANDS = st.builds(Command, BYTE, BYTE, BYTE, BYTE, st.binary(max_size=255), st.none() | BYTE)


@given(COMMANDS)
def test_commands_round_trip_and_agree_with_the_definition(command: Command) -> None:
    raw = command.build()
    assert Command.parse(raw) == command
    body = apdu.COMMAND.parse(raw).body
    assert (body.get("data", b""), body.get("le")) == (command.data, command.le)


@given(st.binary(max_size=20))
def test_any_bytes_parse_alike_by_hand_and_by_definition(raw: bytes) -> None:
    try:
        command = Command.parse(raw)
    except ApduError:
        with pytest.raises(construct.ConstructError):
            apdu.COMMAND.parse(raw)
    else:
        assert command.build() == raw
        assert apdu.COMMAND.parse(raw).ins == command.ins


@pytest.mark.parametrize(
    ("raw", "case"), [("00840000", 1), ("0084000000", 2), ("008200000401020304", 3), ("00A4040002A00000", 4)]
)
def test_cases(raw: str, case: int) -> None:
    assert Command.parse(bytes.fromhex(raw)).case == case


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("00A4", "APDU header at offset 0: expected 4 bytes CLA INS P1 P2, found 2"),
        ("00A404000300", "APDU data at offset 5: expected 3 bytes as Lc says, then at most Le, found 1"),
        ("00A40400000000", "APDU Lc at offset 4: expected 01..FF before a data field, found 00"),
    ],
)
def test_errors_name_field_and_offset(raw: str, text: str) -> None:
    with pytest.raises(ApduError) as caught:
        Command.parse(bytes.fromhex(raw))
    assert str(caught.value) == text


def test_too_much_data_is_refused() -> None:
    with pytest.raises(ApduError, match="at most 255 bytes, found 256"):
        Command(0, 0xDA, 0, 0, bytes(256)).build()


@given(st.binary(max_size=256), st.integers(0, 0xFFFF))
def test_responses_round_trip(data: bytes, sw: int) -> None:
    raw = Response(data, sw).build()
    assert Response.parse(raw) == Response(data, sw)
    defined = apdu.RESPONSE.parse(raw)
    assert (defined.data, defined.sw) == (data, sw)
    assert apdu.RESPONSE.build({"data": data, "sw": sw}) == raw


def test_a_response_without_status_is_refused() -> None:
    with pytest.raises(ApduError, match="expected 2 bytes SW1 SW2, found 1"):
        Response.parse(b"\x90")


@pytest.mark.parametrize(
    ("sw", "text"),
    [
        (0x9000, "success"),
        (0x63C2, "verification failed, 2 tries left"),
        (0x611E, "30 bytes of answer to fetch"),
        (0x6C00, "wrong Le, 256 bytes available"),
        (0x6985, "conditions of use not satisfied"),
        (0x9999, "unknown status"),
    ],
)
def test_status_words_in_words(sw: int, text: str) -> None:
    assert apdu.sw_text(sw) == text


def test_no_data_in_repr_or_one_line_description() -> None:
    verify = Command(0x00, 0x20, 0x00, 0x80, bytes.fromhex("24 1234 FFFFFFFFFF"))
    line = apdu.describe(verify.build(), b"\x63\xc2")
    assert line == "VERIFY P1=00 P2=80 (8 bytes) -> 0 bytes, 63C2 verification failed, 2 tries left"
    assert "1234" not in repr(verify) + line
    assert "6200" not in repr(Response(bytes.fromhex("5A086200000000000005"), 0x9000))
    assert apdu.ins_name(0x5F) == "INS 5F"
