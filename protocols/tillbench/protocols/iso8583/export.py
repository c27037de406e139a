"""A dialect in the terms of other tools."""

from typing import Any

from tillbench.protocols.iso8583.dialect import Dialect, Field


def pyiso8583_spec(dialect: Dialect) -> dict[str, dict[str, Any]]:
    """The specification that pyiso8583 (4.0 or later) takes for the bodies of this dialect; plain data, fit for JSON.

    It has no word for some of our rules, so it accepts more than the dialect does: hex digits in n fields, any text
    in an and ans fields, empty fields of variable length, any pad nibble of a fixed field that it does not need.
    Counts in digits of binary fields it cannot express: ValueError. Tracks and binary values are hex text there.
    """
    hexadecimal = {"data_enc": "b", "len_enc": "bcd", "len_type": 0}
    rows = {str(row.number): _row(row) for row in dialect.rows}
    absent = {str(n): {**hexadecimal, "max_len": 0, "desc": "not used"} for n in range(2, 129) if str(n) not in rows}
    return {
        "h": {**hexadecimal, "max_len": 0, "desc": "header"},
        "t": {**hexadecimal, "max_len": 2, "desc": "message type"},
        "p": {**hexadecimal, "max_len": 8, "desc": "bitmap"},
        "1": {**hexadecimal, "max_len": 0, "desc": "second bitmap"},
        **absent,
        **rows,
    }


def _row(field: Field) -> dict[str, Any]:
    if field.unit == "bytes" and field.counts == "digits":
        raise ValueError(f"field {field.number}: pyiso8583 cannot count the digits of binary data and give bytes")
    return {
        "data_enc": "latin-1" if field.unit == "characters" else "b",
        "len_enc": "bcd",
        "len_type": field.length.prefix,
        "max_len": field.counts_from_to[1],
        "len_count": "nibbles" if field.unit == "digits" and field.counts != "bytes" else "bytes",
        f"{field.pad}_pad": "0",
        "desc": field.name,
    }
