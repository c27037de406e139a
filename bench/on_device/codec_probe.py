"""Many messages through generated codecs in one call, errors as plain values."""

# mypy: disable-error-code="import-not-found"

from iso8583.errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_made: "dict[str, dict[str, Any]]" = {}


def make(name: str, source: str) -> None:
    """The codec of a dialect out of its generated source, in the place of the one that was there."""
    _made.clear()
    _made[name] = {}
    exec(source, _made[name])


def decode(name: str, bodies: "list[bytes]") -> "list[tuple[Any, ...]]":
    """For each body ("ok", (message type, fields)), or the error."""
    return [_outcome(_made[name]["decode"], body) for body in bodies]


def encode(name: str, messages: "list[tuple[Any, ...]]") -> "list[tuple[Any, ...]]":
    """For each (message type, fields) ("ok", bytes), or the error."""
    return [_outcome(_made[name]["encode"], *message) for message in messages]


def _outcome(function: "Callable[..., Any]", *arguments: "Any") -> "tuple[Any, ...]":
    try:
        return ("ok", function(*arguments))
    except FormatError as error:
        return ("error", error.field, "", error.offset, error.nibble, error.expected, error.found)
