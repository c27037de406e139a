"""pyiso8583 reads what the reference codec writes, and writes what it reads (the device: tests/device).

What it cannot express is in `tillbench.protocols.iso8583.export`; there it accepts more than we do, never less.
"""

from __future__ import annotations

from random import Random

import iso8583
import pytest
from tillbench.protocols.iso8583 import UNIONPAY, Dialect, FormatError, Message, corpus, samples, tlv
from tillbench.protocols.iso8583.export import pyiso8583_spec

IN_BYTES = UNIONPAY.counting(bytes=(48, 60, 61))


def as_theirs(message: Message) -> dict[str, str]:
    values = {str(n): v if isinstance(v, str) else v.hex().upper() for n, v in message.fields.items()}
    return {"t": message.mti, **values}


def as_ours(dialect: Dialect, decoded: dict[str, str]) -> Message:
    fields: dict[int, str | bytes] = {
        int(key): bytes.fromhex(value) if dialect.fields[int(key)].type == "b" else value
        for key, value in decoded.items()
        if key.isdigit()
    }
    return Message(decoded["t"], fields)


@pytest.mark.parametrize("dialect", [UNIONPAY, IN_BYTES], ids=["digits", "bytes"])
def test_both_ways(dialect: Dialect) -> None:
    random = Random(8583)
    spec = pyiso8583_spec(dialect)
    for _ in range(500):
        message = corpus.message(dialect, random)
        body = dialect.encode(message)
        decoded, _ = iso8583.decode(body, spec)
        assert as_ours(dialect, decoded) == message
        encoded, _ = iso8583.encode(as_theirs(message), spec)
        assert bytes(encoded) == body
        assert dialect.decode(bytes(encoded)) == message


def test_what_pyiso8583_refuses_is_refused_here() -> None:
    random = Random(7)
    spec = pyiso8583_spec(UNIONPAY)
    refused = 0
    for _ in range(2000):
        data = corpus.mutated(UNIONPAY.encode(corpus.message(UNIONPAY, random)), random)
        try:
            iso8583.decode(data, spec)
        except iso8583.DecodeError:
            refused += 1
            with pytest.raises(FormatError):
                UNIONPAY.decode(data)
    assert refused > 500


def test_the_message_that_codecs_are_measured_with_is_the_same_to_both() -> None:
    message, spec = samples.sale(), pyiso8583_spec(UNIONPAY)
    body = UNIONPAY.encode(message)
    assert (len(message.fields), len(body)) == (15, len(samples.CHIP_DATA) + 100)
    assert [tag.hex() for tag, _ in tlv.walk(samples.CHIP_DATA)][:3] == ["9f26", "9f27", "9f10"]
    assert len(tlv.walk(samples.CHIP_DATA)) == 20
    assert bytes(iso8583.encode(samples.as_pyiso8583(message), spec)[0]) == body
    assert as_ours(UNIONPAY, iso8583.decode(body, spec)[0]) == message
