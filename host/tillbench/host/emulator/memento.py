"""What Python objects hold, kept and put back in place: the models of a bench, its clock, its books.

Nothing is copied but contents: every object stays the one that it is, so closures, listeners and appointments go on
pointing at what they point at. What is not Python's own, a process, a socket, a file, stays as it is. An object that
knows more than its attributes, as books in a database, has a method `rewinder` that gives what puts that back.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from types import BuiltinMethodType, CellType, FunctionType, GeneratorType, MethodType
from typing import Any

OURS = "tillbench"
OUTSIDE = "outside_of_mementos"
"""A class names in this attribute those of its own that belong to the world outside."""


class CannotKeep(Exception):
    """Something is under way that cannot be put back; the message says what."""


class Memento:
    """The contents of everything that can be reached from `roots` now.

    Looked into are containers, closures, and objects whose class is tillbench's, or of the package of one of the roots.

    Raises:
        CannotKeep: a generator is in the middle of its work.
    """

    def __init__(self, *roots: object) -> None:
        self._packages = {OURS, *(type(root).__module__.partition(".")[0] for root in roots)} - {"builtins"}
        self._seen: dict[int, object] = {}  # the objects too: a number is only theirs while they live
        self._rewinders: list[Callable[[], None]] = []
        self._todo: list[object] = list(roots)
        while self._todo:
            found = self._todo.pop()
            if id(found) not in self._seen:
                self._seen[id(found)] = found
                self._keep(found)

    def put_back(self) -> None:
        """Everything holds again what it held. Any number of times."""
        for rewind in self._rewinders:
            rewind()

    def _keep(self, found: Any) -> None:
        if isinstance(found, (str, bytes, int, float, type, Enum)) or found is None:
            return
        if isinstance(found, dict):
            self._container(found, dict(found), found.update)
            self._todo += found.keys()
            self._todo += found.values()
        elif isinstance(found, (list, deque)):
            self._container(found, list(found), found.extend)
            self._todo += found
        elif isinstance(found, set):
            self._container(found, set(found), found.update)
        elif isinstance(found, (tuple, frozenset)):
            self._todo += found
        elif isinstance(found, bytearray):
            self._container(found, bytes(found), found.extend)
        elif isinstance(found, random.Random):
            self._rewinders.append(partial(found.setstate, found.getstate()))
        elif isinstance(found, FunctionType):
            self._todo += found.__closure__ or ()
            self._todo += found.__defaults__ or ()
        elif isinstance(found, CellType):
            self._cell(found)
        elif isinstance(found, (MethodType, BuiltinMethodType)):
            self._todo.append(found.__self__)
        elif isinstance(found, partial):
            self._todo += (found.func, found.args, found.keywords)
        elif isinstance(found, GeneratorType):
            if found.gi_frame is not None:
                raise CannotKeep(f"{found.__qualname__} is in the middle of its work, which cannot be put back")
        elif type(found).__module__.partition(".")[0] in self._packages:
            self._object(found)

    def _container(self, found: Any, content: Any, fill: Callable[[Any], object]) -> None:
        def rewind() -> None:
            found.clear()
            fill(content)

        self._rewinders.append(rewind)

    def _cell(self, cell: CellType) -> None:
        try:
            content = cell.cell_contents
        except ValueError:
            return  # not filled yet
        self._todo.append(content)
        self._rewinders.append(lambda: setattr(cell, "cell_contents", content))

    def _object(self, found: object) -> None:
        rewinder = getattr(found, "rewinder", None)
        if rewinder is not None:
            self._rewinders.append(rewinder())
        held = {}
        for name in _attributes(found):
            value = getattr(found, name)
            # A running digest changes under its name.
            held[name] = value.copy() if _is_digest(value) else value
            self._todo.append(value)
        frozen = getattr(getattr(type(found), "__dataclass_params__", None), "frozen", False)
        if held and not frozen:
            self._rewinders.append(partial(_fill, found, held))


def _fill(found: object, held: dict[str, Any]) -> None:
    for name in set(_attributes(found)) - held.keys():
        object.__delattr__(found, name)
    for name, value in held.items():
        object.__setattr__(found, name, value.copy() if _is_digest(value) else value)


def _attributes(found: object) -> Iterator[str]:
    outside = getattr(type(found), OUTSIDE, ())
    names = set(getattr(found, "__dict__", ()))
    for each in type(found).__mro__:
        slots = each.__dict__.get("__slots__", ())
        names.update(name for name in ((slots,) if isinstance(slots, str) else slots) if hasattr(found, name))
    return (name for name in sorted(names - {"__weakref__", "__dict__"}) if name not in outside)


def _is_digest(value: object) -> bool:
    return hasattr(value, "digest") and hasattr(value, "update") and hasattr(value, "copy")
