"""Profiles on disk: the shipped ones by name, others by path; errors name file, line and field."""

import difflib
from functools import cache
from pathlib import Path

from pydantic import ValidationError
from tillbench.host.cards import located_yaml
from tillbench.host.cards.located_yaml import Mapping, Scalar, Sequence, Value, YamlError
from tillbench.host.cards.profile import CardProfile
from tillbench.protocols.emv import mask_pan

PROFILES = Path(__file__).parent / "profiles"
# `till`: the cards in the acquirer's books, for sales at the counter. `lab`: cards for a kernel alone, of schemes and
# versions that the acquirer does not know, with certificates that are right or wrong on purpose.
SHELVES = {"till": PROFILES, "lab": PROFILES / "lab"}
_SECRET_FIELDS = frozenset({"pin", "imk_ac", "imk_smi", "imk_smc"})
_MAX_DEPTH = 8  # profiles extending profiles


class ProfileError(ValueError):
    """A card that cannot be made: unknown name, or a file with `problems`, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def profile_names(shelf: str = "till") -> list[str]:
    """The names of the shipped cards of one of `SHELVES`, in alphabetical order."""
    return list(_names(shelf))


def load_profile(name: str | Path) -> CardProfile:
    """A shipped card by its name, or a file by a path that ends in `.yaml`.

    Raises `ProfileError`: for an unknown name with the names there are, for a bad file with file, line and field of
    every problem.
    """
    path = _path_of(name)
    return _shipped(path) if path.parent in SHELVES.values() else _load(path)


# Shipped cards do not change while a program runs, and every emulator start asks for the whole shelf.


@cache
def _names(shelf: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in SHELVES[shelf].glob("*.yaml")))


@cache
def _shipped(path: Path) -> CardProfile:
    return _load(path)


def _load(path: Path) -> CardProfile:
    try:
        merged = _read(path, depth=0)
    except YamlError as error:
        raise ProfileError([str(error)]) from None
    try:
        return CardProfile.model_validate(located_yaml.plain(merged))
    except ValidationError as error:
        problems = [_problem(merged, item["loc"], item["msg"]) for item in error.errors(include_input=False)]
        raise ProfileError(problems) from None


def _path_of(name: str | Path) -> Path:
    if isinstance(name, Path) or name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise ProfileError([f"no such card file: {path}"])
        return path
    for shelf, folder in SHELVES.items():
        if name in _names(shelf):
            return folder / f"{name}.yaml"
    names = [card for shelf in SHELVES for card in _names(shelf)]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise ProfileError([f"unknown card {name!r}{hint}; cards: {', '.join(names)}"])


def _read(path: Path, depth: int) -> Mapping:
    """The file with what it `extends` below it, and `each_application` laid over every application."""
    document = located_yaml.read(path)
    items = dict(document.items)
    base = items.pop("extends", None)
    each = items.pop("each_application", None)
    name = items.get("name")
    if path.parent in SHELVES.values() and isinstance(name, Scalar) and name.text != path.stem:
        raise YamlError(name.where, f"name: expected {path.stem} as the file is called, found {name.text}")
    merged = Mapping(items, document.where)
    if base is not None:
        if not isinstance(base, Scalar):
            raise YamlError(base.where, "extends: expected the name of a card")
        if depth == _MAX_DEPTH:
            raise YamlError(base.where, f"extends: more than {_MAX_DEPTH} profiles deep")
        below = path.parent / f"{base.text}.yaml"
        beneath = _read(below if below.is_file() else _path_of(base.text), depth + 1)
        # What comes of another card is no promise for this one.
        inherited = {key: value for key, value in beneath.items.items() if key != "expect"}
        merged = located_yaml.merge(Mapping(inherited, beneath.where), merged)
    return merged if each is None else _lay_over_applications(merged, each)


def _lay_over_applications(document: Mapping, each: Value) -> Mapping:
    if not isinstance(each, Mapping):
        raise YamlError(each.where, "each_application: expected `key: value` lines")
    applications = document.items.get("applications")
    if not isinstance(applications, Sequence):
        return document
    laid = tuple(located_yaml.merge(item, each) if isinstance(item, Mapping) else item for item in applications.items)
    return Mapping(document.items | {"applications": Sequence(laid, applications.where)}, document.where)


def _problem(document: Mapping, path: tuple[int | str, ...], message: str) -> str:
    where = located_yaml.locate(document, path)
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    text = message.removeprefix("Value error, ")
    found = _found(document, path)
    return f"{where}: {field + ': ' if field else ''}{text}{found}"


def _found(document: Mapping, path: tuple[int | str, ...]) -> str:
    value: Value = document
    for step in path:
        if isinstance(value, Mapping) and step in value.items:
            value = value.items[str(step)]
        elif isinstance(value, Sequence) and isinstance(step, int):
            value = value.items[step]
        else:
            return ""
    if not isinstance(value, Scalar) or path[-1] in _SECRET_FIELDS:
        return ""
    return f" (found {mask_pan(value.text) if path[-1] == 'pan' else value.text!r})"
