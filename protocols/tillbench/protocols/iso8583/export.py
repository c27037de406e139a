"""A dialect in the terms of other tools."""

from typing import Any

from tillbench.protocols.iso8583.dialect import Dialect, Field
from tillbench.protocols.iso8583.rule import Rule


def pyiso8583_spec(dialect: Dialect) -> dict[str, dict[str, Any]]:
    """The specification that pyiso8583 (4.0 or later) takes for the bodies of this dialect; plain data, fit for JSON.

    It has no word for some of our rules, so it accepts more than the dialect does: hex digits in n fields, any text
    in an and ans fields, empty fields of variable length, any pad nibble of a fixed field that it does not need.
    Counts in digits of binary fields it cannot express: ValueError. Tracks and binary values are hex text there.
    """
    hexadecimal = {"data_enc": "b", "len_enc": "bcd", "len_type": 0}
    rows = {str(row.number): _row(row, dialect.rules[row.number]) for row in dialect.rows}
    absent = {str(n): {**hexadecimal, "max_len": 0, "desc": "not used"} for n in range(2, 129) if str(n) not in rows}
    return {
        "h": {**hexadecimal, "max_len": 0, "desc": "header"},
        "t": {**hexadecimal, "max_len": 2, "desc": "message type"},
        "p": {**hexadecimal, "max_len": 8, "desc": "bitmap"},
        "1": {**hexadecimal, "max_len": 0, "desc": "second bitmap"},
        **absent,
        **rows,
    }


def _row(field: Field, rule: Rule) -> dict[str, Any]:
    if rule.code not in ("packed", "ascii", "raw") or rule.count_code != "bcd" or rule.trim or rule.type == "x+n":
        raise ValueError(f"field {field.number}: no word in pyiso8583 for {rule.code}, count {rule.count_code}")
    if rule.multiply == 2:
        raise ValueError(f"field {field.number}: pyiso8583 cannot count the digits of binary data and give bytes")
    return {
        "data_enc": "latin-1" if rule.code == "ascii" else "b",
        "len_enc": "bcd",
        "len_type": rule.prefix,
        "max_len": rule.counts[1],
        "len_count": "nibbles" if rule.code == "packed" and rule.divide == 1 else "bytes",
        "left_pad" if rule.pad_left else "right_pad": rule.fill,
        "desc": field.name,
    }
