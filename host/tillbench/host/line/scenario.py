"""What a line shall do wrong: rules with chances, from YAML, from flags or from a test."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from tillbench.host.cards import located_yaml
from tillbench.host.cards.located_yaml import YamlError

SLOWEST_BAUD = 50


class Way(StrEnum):
    """A direction."""

    TO_HOST = "to-host"
    TO_TERMINAL = "to-terminal"


class ScenarioError(ValueError):
    """A scenario that makes no sense; `problems` has a line for each fault, with file, line and name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _span(value: Any) -> Any:
    return (value, value) if isinstance(value, str | int) else value


Chance = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[int, Field(ge=0, le=3_600_000)]
Span = Annotated[tuple[Milliseconds, Milliseconds], BeforeValidator(_span)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Delay(_Strict):
    """The message waits, `ms` milliseconds (one number, or the ends of a range); later ones overtake it."""

    chance: Chance = 1.0
    ms: Span = (50, 3000)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.ms[0] > self.ms[1]:
            raise ValueError(f"expected a range from low to high, found {self.ms[0]} to {self.ms[1]}")
        return self


class Reorder(_Strict):
    """The message lets the next one of its way go first, and waits for it `wait_ms` milliseconds at most."""

    chance: Chance = 1.0
    wait_ms: Milliseconds = 2000


class Merge(_Strict):
    """The message waits for the next one of its way, `wait_ms` at most, and both leave in one write."""

    chance: Chance = 1.0
    wait_ms: Milliseconds = 200


class Split(_Strict):
    """The message leaves in pieces, `gap_ms` milliseconds apart, cut anywhere: also in its length."""

    chance: Chance = 1.0
    pieces: Annotated[int, Field(ge=2, le=64)] = 2
    gap_ms: Milliseconds = 20


class Flip(_Strict):
    """`bits` bits of the message are inverted, anywhere in its frame, or after the first `skip` bytes of it."""

    chance: Chance = 1.0
    bits: Annotated[int, Field(ge=1, le=64)] = 1
    skip: Annotated[int, Field(ge=0)] = 0


class Duplicate(_Strict):
    """The message leaves `copies` times more."""

    chance: Chance = 1.0
    copies: Annotated[int, Field(ge=1, le=100)] = 1


class Rule(_Strict):
    """Faults for some messages. A fault given as a number is its chance, 0 to 1, with the usual parameters.

    message: the class, which is the message type ("0200") or "opaque" for what is no ISO 8583 message; None: any.
    way: None: both. messages: only the n-th of those that match on a connection, from 1; empty: every one.
    drop: the message vanishes. reset: it vanishes, and both ends of the connection are reset.
    half_close: it arrives, and nothing after it: its sender's side ends there.
    """

    message: str | None = None
    way: Way | None = None
    messages: tuple[Annotated[int, Field(ge=1)], ...] = ()
    drop: Chance = 0.0
    reset: Chance = 0.0
    half_close: Chance = 0.0
    duplicate: Duplicate | None = None
    delay: Delay | None = None
    reorder: Reorder | None = None
    merge: Merge | None = None
    split: Split | None = None
    flip: Flip | None = None

    @field_validator("duplicate", "delay", "reorder", "merge", "split", "flip", mode="before")
    @classmethod
    def _chance_alone(cls, value: Any) -> Any:
        return {"chance": value} if isinstance(value, str | int | float) else value


class Scenario(_Strict):
    """Rules, and how fast the line is: `baud` bits a second each way (10 for each byte, as 8N1), None: no limit."""

    rules: tuple[Rule, ...] = ()
    baud: Annotated[int, Field(ge=SLOWEST_BAUD)] | None = None


def load_scenario(path: Path) -> Scenario:
    """A scenario file. Raises ScenarioError with file, line and name of every problem."""
    try:
        read = located_yaml.read(path)
    except YamlError as error:
        raise ScenarioError([str(error)]) from None
    except OSError as error:
        raise ScenarioError([f"{path}: {error.strerror}"]) from None
    try:
        return Scenario.model_validate(located_yaml.plain(read))
    except ValidationError as error:
        raise ScenarioError(
            [
                f"{located_yaml.locate(read, item['loc'])}: {'.'.join(map(str, item['loc']))}: {item['msg']}"
                for item in error.errors(include_input=False)
            ]
        ) from None
