"""Rules in a file: misbehaviour and risk in YAML, checked, with file and line in every error."""

from collections.abc import Sequence
from datetime import time
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from tillbench.host.acquirer.risk import BlackList, DuplicateGuard, Limit, RiskRule
from tillbench.host.acquirer.rule_match import Condition
from tillbench.host.acquirer.rules import Rule
from tillbench.host.acquirer.script_wish import parse
from tillbench.host.cards import located_yaml
from tillbench.host.cards.located_yaml import Mapping, YamlError

LAB = "lab"
"""Name of the set that is shipped, `lab_rules.yaml`."""
MICROSECONDS = 1000
LONGEST_DELAY = 86_400_000
"""Milliseconds: a day."""
LONGEST_MEMORY = 366 * 86_400
"""Seconds that a risk rule may look back: a year."""
MOST_TIMES = 100_000


class RuleFileError(ValueError):
    """A file that is no set of rules: file, line, what was expected."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _amounts(value: object) -> object:
    """`900000` or `900000-900099`, minor units. One that begins above its end would hold for nothing."""
    least, _, most = str(value).partition("-")
    if least.isdecimal() and most.isdecimal() and int(least) > int(most):
        raise ValueError(f"expected the least amount first, found {value}")
    return least, most or least


def _hours(value: object) -> object:
    """`22:00-06:00`."""
    return str(value).partition("-")[::2]


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


Digits = Annotated[str, Field(pattern=r"^\d+$")]


def _script(value: object) -> object:
    """Hexadecimal, tag 71 or 72 and what is in it, or a name with arguments."""
    text = str(value)
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return parse(text)
    if data[:1] not in (b"\x71", b"\x72"):
        raise ValueError(f"script: expected tag 71 or 72, found {data[:1].hex().upper() or 'nothing'}")
    return data


def _hexadecimal(value: object) -> object:
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        raise ValueError(f"expected bytes in hexadecimal, found {value}") from None


HexBytes = Annotated[bytes, BeforeValidator(_hexadecimal)]


class When(_Model):
    """Which requests; see `rule_match.Condition`."""

    message: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{4}$")], ...], BeforeValidator(_several)] = ()
    type: Annotated[str, Field(pattern=r"^\d{2}$")] | Literal[""] = ""
    amount: Annotated[tuple[int, int], BeforeValidator(_amounts)] | None = None
    amount_ends: Digits | Literal[""] = ""
    pan: Digits | Literal[""] = ""
    aid: Annotated[str, Field(pattern=r"^[0-9A-F]+$")] | Literal[""] = ""
    terminal: str = ""
    entry: Digits | Literal[""] = ""
    stan: Annotated[str, Field(pattern=r"^\d{6}$")] | Literal[""] = ""
    hours: Annotated[tuple[time, time], BeforeValidator(_hours)] | None = None

    def condition(self) -> Condition:
        return Condition(
            self.message,
            self.type,
            self.amount,
            self.amount_ends,
            self.pan,
            self.aid,
            self.terminal,
            self.entry,
            self.stan,
            self.hours,
        )


class Do(_Model):
    """What to do; see `rules.Misbehaviour`. `delay` is in milliseconds, `{}` is to behave."""

    answer: Annotated[str, Field(pattern=r"^([0-9A-Z]{2}|amount)$")] | None = None
    partial: Annotated[int, Field(ge=1, le=99)] | None = None
    wrong: Literal["mac", "arpc"] | None = None
    silent: bool = False
    lost: bool = False
    delay: Annotated[int, Field(ge=1, le=LONGEST_DELAY)] | None = None
    duplicate: bool = False
    other_stan: bool = False
    garbage: HexBytes | None = None
    first: Annotated[int, Field(ge=0)] | None = None
    close: bool = False
    script: Annotated[Any, BeforeValidator(_script)] = None
    ask: Annotated[str, Field(pattern=r"^[1-7]$")] | None = None

    def effect(self) -> dict[str, object]:
        named: dict[str, object] = {
            "code": self.answer,
            "partial_percent": self.partial,
            "wrong_mac": self.wrong == "mac",
            "wrong_arpc": self.wrong == "arpc",
            "silent": self.silent,
            "lost": self.lost,
            "delay_us": self.delay and self.delay * MICROSECONDS,
            "duplicate": self.duplicate,
            "other_stan": self.other_stan,
            "garbage": self.garbage,
            "first": self.first,
            "drop": self.close,
            "script": self.script,
            "ask": self.ask,
        }
        return {name: value for name, value in named.items() if value not in (None, False)}


class RuleEntry(_Model):
    """One rule. `do` may be a list: one for each match in turn. `times` (default for ever) counts rounds of it."""

    name: str
    when: When = When()
    do: Annotated[tuple[Do, ...], BeforeValidator(_several), Field(min_length=1)]
    skip: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] | None = None

    def rule(self) -> Rule:
        effects = tuple(each.effect() for each in self.do)
        return Rule(self.when.condition(), effects * (self.times or 1), self.times is None, self.skip, self.name)


class RiskEntry(_Model):
    """One risk rule: a limit, a duplicate guard (`same-within`) or a black list (`cards`)."""

    name: str
    per: Literal["card", "terminal", "merchant"] = "card"
    within: Annotated[int, Field(ge=1, le=LONGEST_MEMORY)] = 86_400
    count: Annotated[int, Field(ge=0)] = 0
    amount: Annotated[int, Field(ge=0)] = 0
    each: Annotated[int, Field(ge=0)] = 0
    same_within: Annotated[int, Field(ge=1, le=LONGEST_MEMORY)] | None = None
    cards: tuple[Digits, ...] = ()
    answer: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "RiskEntry":
        if sum((bool(self.count or self.amount or self.each), self.same_within is not None, bool(self.cards))) != 1:
            raise ValueError("expected either a limit (count, amount, each), or same_within, or cards")
        return self

    def rule(self) -> RiskRule:
        code: dict[str, Any] = {"code": self.answer} if self.answer else {}
        if self.cards:
            return BlackList(self.cards, self.name, **code)
        if self.same_within is not None:
            return DuplicateGuard(self.same_within, self.name, **code)
        return Limit(self.name, self.per, self.within, self.count, self.amount, self.each, **code)


class RuleFile(_Model):
    """A whole file."""

    rules: tuple[RuleEntry, ...] = ()
    risk: tuple[RiskEntry, ...] = ()


def load(name: str | Path) -> tuple[list[Rule], Sequence[RiskRule]]:
    """The rules and the risk rules of a file, or of the shipped set by its name `lab`. Raises RuleFileError."""
    path = Path(str(files("tillbench.host.acquirer") / "lab_rules.yaml")) if name == LAB else Path(name)
    try:
        tree = located_yaml.read(path)
    except OSError as error:
        raise RuleFileError(f"{path}: {error.strerror}") from None
    except YamlError as error:
        raise RuleFileError(str(error)) from None
    try:
        found = RuleFile.model_validate(located_yaml.plain(tree))
    except ValidationError as error:
        raise RuleFileError(_words(error, tree)) from None
    return [entry.rule() for entry in found.rules], tuple(entry.rule() for entry in found.risk)


def _words(error: ValidationError, tree: Mapping) -> str:
    """The first thing that is wrong, with its place."""
    first = error.errors()[0]
    path = tuple(step for step in first["loc"] if isinstance(step, int) or step in KEYS)
    where = located_yaml.locate(tree, path)
    if first["type"] == "extra_forbidden":
        return f"{where}: {'.'.join(map(str, (*path, first['loc'][-1])))}: there is no such key"
    name = ".".join(str(step) for step in path)
    return f"{where}: {name}: {first['msg'].removeprefix('Value error, ')}"


KEYS = {*RuleFile.model_fields, *RuleEntry.model_fields, *When.model_fields, *Do.model_fields, *RiskEntry.model_fields}
