"""The session file, version 1: JSON Lines, a header and then what happened, in order (docs/sessions.md).

Bytes are hexadecimal digits in capitals; `*` stands for a digit that is not told. Times are microseconds since the
start of the session.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from tillbench.host.session.command_fields import without_pin
from tillbench.host.whole_file import write_whole

VERSION = 1

Hex = Annotated[str, Field(pattern=r"^([0-9A-F*]{2})*$", max_length=2 * 65_544)]
Command = Annotated[
    str, Field(pattern=r"^[0-9A-F]{8}([0-9A-F*]{2})*$", max_length=2 * 65_544), AfterValidator(without_pin)
]
"""A PIN in it is starred, whoever made the exchange: the card, another program's log, a file written by hand."""
Response = Annotated[str, Field(pattern=r"^(([0-9A-F*]{2})*[0-9A-F]{4})?$", max_length=2 * 65_544)]
Micros = Annotated[int, Field(ge=0)]


class SessionError(ValueError):
    """A session that cannot be read, or cannot be used for what is wanted; the text names file, line and field."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Header(_Line):
    """The first line.

    Attributes:
        tillbench_session: version of the format.
        contents: whether digits are starred.
        source: where it was recorded: reader, slot, middle, replay, or import and the format.
        reader: its name, if it was one.
        card: name of the virtual card, if it was one.
        created: UTC, ISO 8601.
        terminal: what is known of the terminal, by name.
        note: for people.
    """

    tillbench_session: Literal[1] = 1
    contents: Literal["masked", "full"] = "masked"
    source: Annotated[str, Field(max_length=80)] = ""
    reader: Annotated[str, Field(max_length=200)] = ""
    card: Annotated[str, Field(max_length=200)] = ""
    created: Annotated[str, Field(max_length=40)] = ""
    terminal: dict[str, str] = Field(default_factory=dict)
    note: Annotated[str, Field(max_length=2000)] = ""


class Reset(_Line):
    """A card was powered or reset. `atr` is empty if it stayed mute."""

    event: Literal["reset"] = "reset"
    t_us: Micros = 0
    cold: bool = True
    atr: Hex = ""


class Exchange(_Line):
    """A command and its answer: a TPDU where 61xx and 6Cxx were seen, else an APDU.

    `t_us` is when the command went out, `took_us` how long the answer took (None: not known); `response` is empty if
    the card stayed mute or was gone. Header and status word are never starred.
    """

    event: Literal["exchange"] = "exchange"
    t_us: Micros = 0
    took_us: Micros | None = None
    command: Command
    response: Response = ""


class Removal(_Line):
    """The card left."""

    event: Literal["removal"] = "removal"
    t_us: Micros = 0


class Note(_Line):
    """Something for people to know at this place."""

    event: Literal["note"] = "note"
    t_us: Micros = 0
    text: Annotated[str, Field(max_length=2000)]


Event = Reset | Exchange | Removal | Note
_Row = TypeVar("_Row")
_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])


@dataclass
class Session:
    """A recording: its header, and the events in order."""

    header: Header = field(default_factory=Header)
    events: list[Event] = field(default_factory=list)

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges alone."""
        return [event for event in self.events if isinstance(event, Exchange)]

    @property
    def atr(self) -> bytes:
        """The first answer to reset, empty without one."""
        return next((octets(event.atr) for event in self.events if isinstance(event, Reset) and event.atr), b"")

    @property
    def is_masked(self) -> bool:
        """Whether digits may be missing."""
        return self.header.contents == "masked"

    def lines(self) -> Iterator[str]:
        """The file's lines, without their ends."""
        yield _json(self.header)
        for event in self.events:
            yield _json(event)

    def write(self, path: Path) -> None:
        """Raises OSError; then `path` is as it was."""
        write_whole(path, "".join(line + "\n" for line in self.lines()).encode())

    @classmethod
    def read(cls, path: Path) -> Session:
        """Raises SessionError naming line and field, OSError."""
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise SessionError(f"{path}: expected UTF-8 text, found byte {error.object[error.start]:02X}") from None
        return cls.parse(text.splitlines(), str(path))

    @classmethod
    def parse(cls, lines: Iterable[str], name: str = "session") -> Session:
        """Raises SessionError naming `name`, line and field."""
        numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if not numbered:
            raise SessionError(f"{name}: expected a session, found nothing")
        number, first = numbered[0]
        where = f"{name}:{number}"
        row = _object(first, where)
        if "tillbench_session" not in row:
            raise SessionError(f"{where}: expected a header with tillbench_session, found none: is it to be imported?")
        if row["tillbench_session"] != VERSION:
            raise SessionError(f"{where}: tillbench_session: expected {VERSION}, found {row['tillbench_session']!r}")
        header = _checked(TypeAdapter(Header), row, where)
        events = [_checked(_EVENT, _object(line, f"{name}:{at}"), f"{name}:{at}") for at, line in numbered[1:]]
        return cls(header, events)


def octets(text: str) -> bytes:
    """The bytes of hexadecimal digits; digits that are not told count as 0."""
    return bytes.fromhex(text.replace("*", "0"))


def digits(data: bytes) -> str:
    """Bytes as they stand in a session."""
    return data.hex().upper()


def _json(row: Header | Event) -> str:
    first = "tillbench_session" if isinstance(row, Header) else "event"
    told = {name: value for name, value in row.model_dump(exclude_none=True).items() if value not in ("", {})}
    return json.dumps({first: told.pop(first), **told}, ensure_ascii=False)


def _object(line: str, where: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise SessionError(f"{where}: column {error.colno}: expected JSON, found {error.msg}") from None
    if not isinstance(row, dict):
        raise SessionError(f"{where}: expected a JSON object, found {type(row).__name__}")
    return row


def _checked(model: TypeAdapter[_Row], row: dict[str, object], where: str) -> _Row:
    try:
        return model.validate_python(row)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"] if step not in ("reset", "exchange", "removal", "note"))
        raise SessionError(f"{where}: {place + ': ' if place else ''}{first['msg']}") from None
