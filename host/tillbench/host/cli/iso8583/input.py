"""What `tillbench iso8583` is given: dialects by name or file; messages as hex, text, JSON, binary or pcap files."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from tillbench.host.cli.errors import Refused
from tillbench.protocols import pcap
from tillbench.protocols.iso8583 import FormatError, Message, gbk
from tillbench.protocols.iso8583.diagnose_line import ALL_LINES, Found, detect, opened, reach, stripped
from tillbench.protocols.iso8583.dialect import Dialect, DialectError
from tillbench.protocols.iso8583.files import SUFFIXES, from_file
from tillbench.protocols.iso8583.names import dialect as by_name

_HEX = frozenset("0123456789abcdefABCDEF")
_LONGEST_NAME, _LONGEST_HEAD = 255, 8
_ARGUMENT = "the argument"


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it came, and where from (a stream of a capture), "" for a single one."""

    data: bytes = field(repr=False)  # holds card data
    origin: str = ""


def read_dialect(name: str) -> Dialect:
    """A dialect of ours by name, or the one that a file defines (see `iso8583.files`). Refused."""
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        try:
            return by_name(name)
        except LookupError as error:
            raise Refused(f"--dialect: {error.args[0]}; or a file ({', '.join(SUFFIXES)})") from None
    try:
        return from_file(path, yaml.safe_load)
    except DialectError as error:
        raise Refused(" ".join(str(error).split())) from None


def check_line(line: str) -> None:
    """Refused: no such line."""
    if line != "auto" and line not in ALL_LINES:
        raise Refused(f"--line {line}: no such line; there is auto, {', '.join(ALL_LINES)}")


def read_frames(source: str, text: bool, line: str, dialect: Dialect) -> list[Frame]:
    """The frames in `source`: `-` for standard input, the name of a file, or hex. `text`: characters, not hex.
    Streams are cut into frames where `line` has a length; on line `auto` by the line whose frames the dialect can
    read. Refused."""
    data, given = _source(source)
    if given == _ARGUMENT and not text and ("." in source or "/" in source) and not set(source) <= _HEX:
        raise Refused(f"{source}: no such file, and not hex")
    if pcap.is_pcap(data):
        return _captured(data, given, line, dialect)
    if text:
        body = data.rstrip(b"\r\n")
    elif given != _ARGUMENT and _binary(data):
        body = data
    else:
        body = unhex(_characters(data, given), given)
    if not body:
        raise Refused(f"{given}: empty, expected a message")
    return [Frame(piece) for piece in _pieces(body, line, dialect)]


def _source(source: str) -> tuple[bytes, str]:
    """What is meant, and where it came from, in words."""
    if source == "-":
        return sys.stdin.buffer.read(), "standard input"
    path = Path(source)
    if len(source) > _LONGEST_NAME or "\0" in source or not path.is_file():
        return source.encode("utf-8", "surrogateescape"), _ARGUMENT
    try:
        return path.read_bytes(), source
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None


def _binary(data: bytes) -> bool:
    return any((byte < 0x20 and byte not in b"\t\r\n") or byte > 0x7E for byte in data)


def _characters(data: bytes, given: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{given}, byte {error.start}: expected text, found {data[error.start]:02X}") from None


def unhex(text: str, given: str) -> bytes:
    """Hex digits with blanks between them, lines beginning with # left out. Refused names the first other character."""
    digits = ""
    for number, row in enumerate(text.splitlines(), 1):
        row = row.strip()
        if row.startswith("#"):
            continue
        for column, character in enumerate(row, 1):
            if character in _HEX:
                digits += character
            elif column == 2 and row[:2] in ("0x", "0X"):
                digits = digits[:-1]
            elif not character.isspace() and character != ":":
                raise Refused(f"{given}, line {number}, column {column}: expected hex digits, found {character!r}")
    if len(digits) % 2:
        raise Refused(f"{given}: expected an even number of hex digits, found {len(digits)}")
    return bytes.fromhex(digits)


def take_apart(dialect: Dialect, frame: bytes, line: str) -> Found:
    """The message inside its framing; `auto` finds the line. Refused: bytes that the line does not allow, other than
    too few or too many behind the head (`Found.missing` says how many)."""
    if line == "auto":
        return detect(dialect, frame)
    try:
        return opened(line, frame)
    except FormatError as error:
        if found := stripped(line, frame):
            return found
        raise Refused(f"line {line}: {error}\n" + "\n".join(error.around(frame))) from None


def read_message(source: str, dialect: Dialect) -> Message:
    """A message as JSON, `{"mti": "0200", "fields": {"2": "..."}}`, binary values in hex: the output of
    `decode --format json --unmasked` fits. Chinese is put into GBK. Refused names the key."""
    data, given = _source(source)
    try:
        tree = json.loads(_characters(data, given))
    except (json.JSONDecodeError, RecursionError) as error:
        raise Refused(f"{given}: expected JSON: {error}") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("mti"), str) or not isinstance(tree.get("fields"), dict):
        raise Refused(f'{given}: expected {{"mti": "0200", "fields": {{"3": "000000"}}}}')
    fields: dict[int, str | bytes] = {}
    for key, value in tree["fields"].items():
        if not (key.isascii() and key.isdigit() and len(key) <= 3) or not isinstance(value, str):
            raise Refused(f"{given}, fields.{key}: expected a field number and text")
        number = int(key)
        kind = dialect.fields[number].type if number in dialect.fields else ""
        if kind == "b":
            fields[number] = unhex(value, f"{given}, fields.{key}")
        else:
            fields[number] = _in_gbk(value) if kind == "ans" else value
    return Message(tree["mti"], fields)


def _in_gbk(value: str) -> str:
    if all(character <= "\xff" for character in value):
        return value
    try:
        return gbk.to_wire(value)
    except UnicodeEncodeError:
        return value  # the codec names the character


def _captured(data: bytes, given: str, line: str, dialect: Dialect) -> list[Frame]:
    try:
        streams = pcap.streams(data)
    except pcap.PcapError as error:
        raise Refused(f"{given}: {error}") from None
    if not streams:
        raise Refused(f"{given}: no TCP data over IPv4 in it")
    frames = []
    for stream in streams:
        origin = f"{stream.source} > {stream.target}"
        frames += [Frame(piece, origin) for piece in _pieces(stream.data, line, dialect)]
        if stream.missing:
            print(
                f"tillbench: {origin}: {stream.missing} bytes were not captured; the rest is left out", file=sys.stderr
            )
    return frames


def _pieces(data: bytes, line: str, dialect: Dialect) -> list[bytes]:
    """The frames of a stream, what is behind the last whole one as one more. On line `auto` by the line that makes
    most of the stream into frames that begin like a message of the dialect; all as one when there is none."""
    names = [line] if line != "auto" else [name for name, one in ALL_LINES.items() if one.length]
    best: list[bytes] = []
    for name in names:
        pieces = _cut(data, name, dialect if line == "auto" else None)
        if sum(map(len, pieces)) > sum(map(len, best)):
            best = pieces
    rest = data[sum(map(len, best)) :]
    return [*best, rest] if rest else best


def _cut(data: bytes, name: str, dialect: Dialect | None) -> list[bytes]:
    line = ALL_LINES[name]
    pieces: list[bytes] = []
    at = 0
    while line.length and at < len(data):
        try:
            size = line.frame_size(data[at : at + _LONGEST_HEAD])
            if size is None or size > len(data) - at:
                break
            body = opened(name, data[at : at + size]).packet.body
        except FormatError:
            break
        if dialect and reach(dialect, body) == 0:
            break
        pieces.append(data[at : at + size])
        at += size
    return pieces
