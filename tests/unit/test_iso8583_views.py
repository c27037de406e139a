"""Values as what they mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from tillbench.protocols.iso8583 import FormatError, Message, views

MESSAGE = Message(
    "0200",
    {
        3: "00000x",
        4: "000000001234",
        5: "1562000000001234",
        7: "0229235959",
        11: "123",
        12: "235959",
        13: "0229",
        14: "3012",
        15: "20260230",
        16: "260131",
        17: "260131120000",
        28: "D00000100",
        29: "C00000100",
        30: "E00000100",
        52: b"12345678",
    },
)


@pytest.mark.parametrize(
    ("view", "number", "value"),
    [
        (views.amount, 4, 1234),
        (views.amount, 5, 1234),
        (views.signed_amount, 28, -100),
        (views.signed_amount, 29, 100),
        (views.local_time, 12, time(23, 59, 59)),
        (views.local_date, 13, date(2024, 2, 29)),
        (views.local_date, 16, date(2026, 1, 31)),
        (views.date_time, 7, datetime(2024, 2, 29, 23, 59, 59)),
        (views.date_time, 17, datetime(2026, 1, 31, 12)),
        (views.expiry, 14, (30, 12)),
    ],
)
def test_views(view: Callable[[Message, int], object], number: int, value: object) -> None:
    assert view(MESSAGE, number) == value


@pytest.mark.parametrize(
    ("view", "number", "words"),
    [
        (views.amount, 3, "field 3 at byte 0: expected digits, found 6 characters"),
        (views.amount, 52, "field 52 at byte 0: expected digits, found 8 bytes"),
        (views.signed_amount, 30, "field 30 at byte 0: expected C or D and digits, found 9 characters"),
        (views.signed_amount, 4, "field 4 at byte 0: expected C or D and digits, found 12 characters"),
        (views.local_time, 11, "field 11 at byte 0: expected 6 digits of time, found 3 digits"),
        (views.local_time, 16, "field 16 at byte 0: expected a time, found 260131"),
        (views.local_date, 11, "field 11 at byte 0: expected 4, 6 or 8 digits of date, found 3 digits"),
        (views.local_date, 15, "field 15 at byte 0: expected a date, found 20260230"),
        (views.date_time, 11, "field 11 at byte 0: expected 10, 12 or 14 digits of date and time, found 3 digits"),
        (views.date_time, 4, "field 4 at byte 0: expected a date and time, found 000000001234"),
        (views.expiry, 13, "field 13 at byte 2: expected a year and a month 01..12, found 0229"),
    ],
)
def test_what_a_value_does_not_say(view: Callable[[Message, int], object], number: int, words: str) -> None:
    with pytest.raises(FormatError) as error:
        view(MESSAGE, number)
    assert str(error.value) == words


def test_a_date_of_another_year() -> None:
    assert views.local_date(MESSAGE, 13, 2028) == date(2028, 2, 29)
    with pytest.raises(FormatError, match="expected a date, found 0229"):
        views.local_date(MESSAGE, 13, 2026)


@pytest.mark.parametrize("view", [views.amount, views.signed_amount, views.local_date, views.local_time, views.expiry])
def test_an_absent_field_is_a_key_error(view: Callable[[Message, int], object]) -> None:
    with pytest.raises(KeyError):
        view(MESSAGE, 99)
