"""Scenarios as data, checked, with file and line in every error."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from tillbench.host.acquirer.rule_file import RuleEntry
from tillbench.host.cards import located_yaml
from tillbench.host.cards.located_yaml import Mapping, YamlError
from tillbench.host.devices.keypad import LAYOUT

KEYS = tuple(key for row in LAYOUT for key in row)
LAST_SLIP = "slip"
"""What `scan` calls the slip that was cut last."""
Text = Annotated[str, Field(min_length=1, max_length=200)]


def _only_true(value: bool) -> bool:
    if not value:
        raise ValueError("expected true")
    return value


Done = Annotated[bool, AfterValidator(_only_true)]


class ScenarioFileError(ValueError):
    """No scenario: file, line, what was expected."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Model):
    """A transaction in the host's ledger: what is given must be so of the last one of that kind."""

    kind: Text
    code: str | None = None
    amount: str | None = None
    in_force: bool | None = None


class Step(_Model):
    """One step; exactly one of these.

    Attributes:
        press: keys, one after the other.
        see: a frame with this text, or with one of these, since the last thing that was done.
        insert, half: a card goes in, or half in.
        reader: the card in the PC/SC reader of that name acts as if it were inserted.
        remove: the card is pulled.
        swipe, tap: a card goes through the stripe reader, or into the contactless field.
        pin: the PIN of the card in the slot is entered, or another one. No PIN is ever written down.
        scan: a slip is held in front of the scanner, `slip` is the last one that was cut; or a code with that text.
        slip: a slip is cut that has this text.
        tear: the slip is taken away.
        paper: the roll ends, or a new one is loaded.
        case: the terminal's case, with its tamper switch.
        power: the switch; `cut-after N` is on, and off again in the middle of the N-th flash operation.
        network: the plug.
        rule: what the host shall do wrong.
        host: a message that the host has received, by its type, answered with this code.
        ledger: what the books say.
        skip: so many seconds pass.
    """

    press: Text | None = None
    see: Text | tuple[Text, ...] | None = None
    insert: Text | None = None
    half: Text | None = None
    reader: Text | None = None
    remove: Done | None = None
    swipe: Text | None = None
    tap: Text | None = None
    case: Literal["opened", "shut"] | None = None
    pin: Literal["right", "wrong"] | None = None
    scan: Text | None = None
    slip: Text | None = None
    tear: Done | None = None
    paper: Literal["out", "new"] | None = None
    power: Annotated[str, Field(pattern=r"^(on|off|cut-after [1-9][0-9]{0,4})$")] | None = None
    network: Literal["unplugged", "plugged"] | None = None
    rule: RuleEntry | None = None
    host: Annotated[str, Field(pattern=r"^[0-9]{4}( [0-9A-Z]{2})?$")] | None = None
    ledger: Entry | None = None
    skip: Annotated[float, Field(gt=0, le=86_400)] | None = None

    @field_validator("press")
    @classmethod
    def _are_keys(cls, value: str | None) -> str | None:
        for word in (value or "").split():
            if word.upper() not in KEYS and not set(word) <= set("0123456789*#"):
                raise ValueError(f"no key {word!r}, there is {' '.join(KEYS)}")
        return value

    @field_validator("power", mode="before")
    @classmethod
    def _on_is_no_truth(cls, value: Any) -> Any:
        """YAML reads `on` and `off` as true and false."""
        return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"expected one step, found {len(self.model_fields_set)}")
        return self

    @property
    def verb(self) -> str:
        """Which it is."""
        return next(iter(self.model_fields_set))

    def __str__(self) -> str:
        value = getattr(self, self.verb)
        if isinstance(value, BaseModel):
            given = value.model_dump(exclude_defaults=True)
            value = given.get("name", ", ".join(f"{name} {each}" for name, each in given.items()))
        if isinstance(value, tuple):
            value = " or ".join(value)
        return self.verb if value is True else f"{self.verb} {value}"


class Wording(_Model):
    """How a scenario is called, and what to look for in it."""

    name: Text
    look_for: Annotated[str, Field(max_length=600)] = ""


class Scenario(Wording):
    """A scenario. `zh`: its wording in Chinese; what its steps expect of the screen is English."""

    zh: Wording | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=1000)]


def read(text: str, name: str) -> Scenario:
    """The scenario in a YAML text; `name` is the file's, for errors. Raises ScenarioFileError."""
    try:
        tree = located_yaml.parse(text, name)
    except YamlError as error:
        raise ScenarioFileError(str(error)) from None
    if not isinstance(tree, Mapping):
        raise ScenarioFileError(f"{name}: expected a mapping with name and steps")
    try:
        return Scenario.model_validate(located_yaml.plain(tree))
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(step for step in first["loc"] if isinstance(step, int) or step in _NAMES)
        where = ".".join(map(str, path))
        message = f"{where}: {first['msg'].removeprefix('Value error, ')}"
        raise ScenarioFileError(f"{located_yaml.locate(tree, path)}: {message}") from None


_NAMES = {*Scenario.model_fields, *Step.model_fields, *Entry.model_fields, *RuleEntry.model_fields}


def load(path: Path) -> Scenario:
    """The scenario in a file. Raises ScenarioFileError."""
    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioFileError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None


def gallery() -> dict[str, Scenario]:
    """Those that are shipped, by the name of their file."""
    found = sorted((files("tillbench.host.scenario") / "gallery").iterdir(), key=lambda each: each.name)
    return {
        each.name.removesuffix(".yaml"): read(each.read_text(encoding="utf-8"), each.name)
        for each in found
        if each.name.endswith(".yaml")
    }


def as_yaml(scenario: Scenario) -> str:
    """What `read` reads."""
    data = scenario.model_dump(mode="json", exclude_unset=True)
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    return text
