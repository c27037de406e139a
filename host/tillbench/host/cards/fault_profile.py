"""Faults as a profile states them: which command is hit, and what becomes of its answer."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from tillbench.host.cards.profile_fields import Model, TwoBytes, hex_bytes
from tillbench.protocols.apdu import Ins, ins_name

_NAMES = {ins_name(ins): int(ins) for ins in Ins}


def _instruction(value: object) -> object:
    """`GENERATE AC` or `AE`."""
    if not isinstance(value, str) or value in _NAMES:
        return _NAMES.get(value, value) if isinstance(value, str) else value
    try:
        return int(value, 16)
    except ValueError:
        raise ValueError(f"expected a command such as {', '.join(sorted(_NAMES)[:3])}, or its INS byte") from None


class FaultProfile(Model):
    """Hits the `at`-th APDU after each reset, or the `nth` one with instruction `ins` in the card's life (from then on
    all of them when `lasting`). Then one of: `answer` this status word and execute nothing; `mute`; or execute, and
    answer `delay` etu late, or of the answer's data `flip` the last bit of one byte (from 0; -1 is the last), `cut`
    bytes off the end, `append` some, or `replace` them all."""

    at: Annotated[int, Field(ge=1)] | None = None
    ins: Annotated[int, BeforeValidator(_instruction), Field(ge=0, le=255)] | None = None
    nth: Annotated[int, Field(ge=1)] = 1
    lasting: bool = False
    answer: TwoBytes | None = None
    mute: bool = False
    delay: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    flip: int | None = None
    cut: Annotated[int, Field(ge=1, le=256)] | None = None
    append: Annotated[bytes, hex_bytes(1, 256)] | None = None
    replace: Annotated[bytes, hex_bytes(0, 256)] | None = None

    @field_validator("ins")
    @classmethod
    def _hits_something(cls, value: int | None, info: ValidationInfo) -> int | None:
        if (value is None) == (info.data.get("at") is None):
            raise ValueError("a fault needs either `at` (which APDU) or `ins` (which instruction)")
        return value

    @field_validator("replace")
    @classmethod
    def _does_one_thing(cls, value: bytes | None, info: ValidationInfo) -> bytes | None:
        said = [info.data.get(name) for name in ("answer", "delay", "flip", "cut", "append")]
        if sum(item is not None for item in (*said, value)) + bool(info.data.get("mute")) != 1:
            raise ValueError("a fault is one of answer, mute, delay, flip, cut, append, replace")
        return value

    def changed(self, data: bytes) -> bytes:
        """The answer's data after flip, cut, append or replace. Data too short to be hit stay as they are."""
        if self.flip is not None:
            if not -len(data) <= self.flip < len(data):
                return data
            at = self.flip % len(data)
            return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]
        if self.cut is not None:
            return data[: -self.cut]
        if self.append is not None:
            return data + self.append
        return data if self.replace is None else self.replace

    def __str__(self) -> str:
        where = f"APDU {self.at}" if self.ins is None else f"{ins_name(self.ins)} number {self.nth}"
        what = [f"answer {self.answer.hex().upper()}"] if self.answer else ["mute"] * self.mute
        what += [f"{name} {value}" for name in ("delay", "flip", "cut") if (value := getattr(self, name)) is not None]
        for name in ("append", "replace"):
            if (data := getattr(self, name)) is not None:
                what.append(f"{name} {data.hex().upper() or 'nothing'}")
        return f"{where}{' and all after it' * self.lasting}: {what[0]}"
