"""Many messages through the generated codec in one call, errors as plain values."""

# mypy: disable-error-code="import-not-found"

from generated import iso8583_unionpay
from iso8583.errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def outcomes(function: str, calls: "list[tuple[Any, ...]]") -> "list[tuple[Any, ...]]":
    """("ok", result) or ("error", field, offset, expected, found) of each call of `decode` or `encode`."""
    found: "list[tuple[Any, ...]]" = []  # noqa: UP037  (MicroPython)
    for arguments in calls:
        try:
            found.append(("ok", getattr(iso8583_unionpay, function)(*arguments)))
        except FormatError as error:
            found.append(("error", error.field, error.offset, error.expected, error.found))
    return found
