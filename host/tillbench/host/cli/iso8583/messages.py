"""The commands that read and make messages: decode, describe, encode, diff."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer
from tillbench.host.cli.errors import USER_ERROR, Refused, for_people
from tillbench.host.cli.iso8583 import output
from tillbench.host.cli.iso8583.input import (
    Frame,
    check_line,
    read_dialect,
    read_frames,
    read_message,
    take_apart,
    unhex,
)
from tillbench.host.cli.iso8583.options import AsText, DialectName, LineName, Output, Source, Unmasked
from tillbench.host.cli.iso8583.output import Format
from tillbench.protocols.iso8583 import FormatError, Message
from tillbench.protocols.iso8583.describe_entries import Entry, entries, title
from tillbench.protocols.iso8583.describe_fault import fault_lines
from tillbench.protocols.iso8583.diagnose_line import ALL_LINES, Found, opened
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.difference import differences


class Reading(NamedTuple):
    """What came of a frame: the message as far as it could be read, its fields as entries, and what stopped that."""

    found: Found
    message: Message
    shown: tuple[Entry, ...]
    error: FormatError | None
    why: list[str]


def decode(
    frame: Source = "-",
    dialect: DialectName = "unionpay",
    line: LineName = "auto",
    text: AsText = False,
    unmasked: Unmasked = False,
    format: Output = Format.plain,
) -> None:
    """Print the fields of messages, and the tags of field 55. As JSON and unmasked it is what `encode` takes."""

    def show(origin: str, reading: Reading) -> None:
        if format is not Format.json:
            _print(origin, reading, format, bits=False, parts=False)
            return
        data: dict[str, Any] = {"mti": reading.message.mti}
        data["fields"] = {entry.path: entry.value for entry in reading.shown}
        print(output.as_json(data | output.framing_data(reading.found) | output.error_data(reading.error)))

    _each(frame, dialect, line, text, unmasked, show)


def describe(
    frame: Source = "-",
    dialect: DialectName = "unionpay",
    line: LineName = "auto",
    text: AsText = False,
    bits: Annotated[bool, typer.Option("--bits", help="Say what each bit of TVR, TSI, 9F10 and others means.")] = False,
    unmasked: Unmasked = False,
    format: Output = Format.plain,
) -> None:
    """Explain messages: names, meanings, subfields, EMV tags, and on request bits."""

    def show(origin: str, reading: Reading) -> None:
        if format is not Format.json:
            _print(origin, reading, format, bits, parts=True)
            return
        mti = reading.message.mti
        data: dict[str, Any] = {"mti": mti, "meaning": title(mti), "dialect": dialect}
        data |= output.framing_data(reading.found)
        data["fields"] = [output.entry_data(entry) for entry in reading.shown]
        print(output.as_json(data | output.error_data(reading.error)))

    _each(frame, dialect, line, text, unmasked, show)


def encode(
    message: Annotated[
        str, typer.Argument(help="JSON, a file of it, or - for standard input.", metavar="MESSAGE")
    ] = "-",
    dialect: DialectName = "unionpay",
    line: LineName = "bare",
    tpdu: Annotated[str, typer.Option(help="The 5 bytes of a line's TPDU, in hex.", metavar="HEX")] = "6000000000",
    header: Annotated[str, typer.Option(help="The bytes of a line's header, in hex.", metavar="HEX")] = "603100310000",
    format: Output = Format.plain,
) -> None:
    """Make the bytes of a message, in hex."""
    with for_people():
        check_line(line)
        if line == "auto":
            raise Refused("--line auto: a frame to be made needs the name of its line")
        definition = read_dialect(dialect)
        given = read_message(message, definition)
        how = ALL_LINES[line]
        heads = unhex(tpdu, "--tpdu") if how.tpdu else b"", unhex(header, "--header") if how.header else b""
        try:
            body = definition.encode(given)
            definition.open(body)
            frame = how.build(body, *heads)
        except FormatError as error:
            raise Refused(str(error)) from None
        digits = frame.hex().upper()
        print(output.as_json({"line": line, "size": len(frame), "hex": digits}) if format is Format.json else digits)


def diff(
    left: Annotated[str, typer.Argument(help="Hex or a file.", metavar="LEFT")],
    right: Annotated[str, typer.Argument(help="Hex, a file, or -.", metavar="RIGHT")],
    dialect: DialectName = "unionpay",
    line: LineName = "auto",
    text: AsText = False,
    unmasked: Unmasked = False,
    format: Output = Format.plain,
) -> None:
    """Say what is different in two messages, down to subfields and tags. Exit code 1 when something is."""
    with for_people():
        check_line(line)
        definition = read_dialect(dialect)
        messages = []
        for source in (left, right):
            frames = read_frames(source, text, line, definition)
            if len(frames) != 1:
                raise Refused(f"{source}: expected one message, found {len(frames)}")
            reading = _read(definition, frames[0], line, unmasked)
            if reading.why:
                raise Refused(
                    "\n".join([f"{'left' if source is left else 'right'}: {reading.why[0]}", *reading.why[1:]])
                )
            messages.append(reading.message)
        changes = differences(messages[0], messages[1], definition, unmasked)
        if format is Format.json:
            print(output.as_json([output.change_data(change) for change in changes]))
        else:
            for change in changes:
                output.print_change(change, format is Format.rich)
        if changes:
            raise typer.Exit(1)


def _each(
    source: str, dialect: str, line: str, text: bool, unmasked: bool, show: Callable[[str, Reading], None]
) -> None:
    """Show every frame as far as it can be read; what stopped it goes to standard error, with exit code 2."""
    with for_people():
        check_line(line)
        definition = read_dialect(dialect)
        frames = read_frames(source, text, line, definition)
        failed = False
        for index, frame in enumerate(frames, 1):
            origin = f"{frame.origin}, frame {index}" if frame.origin else f"frame {index}" if len(frames) > 1 else ""
            why: list[str] = []
            try:
                reading = _read(definition, frame, line, unmasked)
                why = reading.why
                if reading.message.mti:
                    show(origin, reading)
            except Refused as refused:
                why = str(refused).splitlines()
            if why:
                failed = True
                sys.stdout.flush()
                print("\n".join([f"tillbench: {origin + ': ' if origin else ''}{why[0]}", *why[1:]]), file=sys.stderr)
        if failed:
            sys.exit(USER_ERROR)


def _read(definition: Dialect, frame: Frame, line: str, unmasked: bool) -> Reading:
    """A frame's message up to its first fault. Refused: its framing cannot be read."""
    found = take_apart(definition, frame.data, line)
    body = found.packet.body
    message = Message("")
    steps = {}
    error: FormatError | None = None
    why: list[str] = []
    try:
        for step in definition.walk(body):
            if not step.number:
                message.mti = str(step.value)
                continue
            steps[step.number] = step
            message.fields[step.number] = step.value
            definition.parts(step.number, step.value, step.value_start)
    except FormatError as fault:
        error = fault
        why = fault_lines(definition, body, fault, found.start, unmasked)
    if found.missing:
        why.insert(1 if why else 0, _length_is_wrong(found, frame.data))
    return Reading(found, message, entries(message, definition, unmasked, steps), error, why)


def _length_is_wrong(found: Found, data: bytes) -> str:
    try:
        opened(found.line, data)
    except FormatError as error:
        return f"line {found.line}: {error}"
    raise AssertionError("a frame that is whole and is not")


def _print(origin: str, reading: Reading, format: Format, bits: bool, parts: bool) -> None:
    framing = " ".join(filter(None, [origin + ":" if origin else "", output.framing_text(reading.found)]))
    if framing:
        print(framing)
    if format is Format.rich:
        output.print_rich(output.rich_tree(reading.message, reading.shown, bits, parts))
    else:
        print("\n".join(output.plain_lines(reading.message, reading.shown, bits, parts)))
