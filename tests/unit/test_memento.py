"""What objects hold, kept and put back in place."""

from __future__ import annotations

import hashlib
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from tillbench.host.emulator.memento import CannotKeep, Memento
from tillbench.host.emulator.wires import Clock


class Slotted:
    __slots__ = ("late", "value")
    late: int

    def __init__(self) -> None:
        self.value = 1


@dataclass
class Model:
    numbers: list[int] = field(default_factory=lambda: [1, 2])
    names: dict[str, list[int]] = field(default_factory=lambda: {"a": [1]})
    queue: deque[int] = field(default_factory=lambda: deque([1]))
    marks: set[int] = field(default_factory=lambda: {1})
    data: bytearray = field(default_factory=lambda: bytearray(b"abc"))
    whims: random.Random = field(default_factory=lambda: random.Random(1))
    slotted: Slotted = field(default_factory=Slotted)
    pair: tuple[list[int], int] = field(default_factory=lambda: ([1], 2))

    def change(self) -> None:
        self.numbers.append(3)
        self.names["a"].append(2)
        self.names["b"] = []
        self.queue.clear()
        self.marks.add(2)
        self.data[0] = 0
        self.slotted.value = self.slotted.late = 2
        self.pair[0].append(2)
        self.whims.random()


def test_everything_is_put_back_where_it_was() -> None:
    model = Model()
    numbers, before = model.numbers, repr(model)
    memento = Memento(model)
    first = model.whims.random()
    for _ in range(2):
        model.change()
        model.numbers = []
        memento.put_back()
        assert model.numbers is numbers
        assert [repr(each) for each in (model.names, model.queue, model.marks)] == ["{'a': [1]}", "deque([1])", "{1}"]
        assert (model.numbers, bytes(model.data), model.slotted.value, model.pair) == ([1, 2], b"abc", 1, ([1], 2))
        assert not hasattr(model.slotted, "late")
        assert model.whims.random() == first
        memento.put_back()
    assert repr(model)[:40] == before[:40]


def test_what_functions_hold_on_to() -> None:
    counted, model = 0, Model()

    def count() -> int:
        nonlocal counted
        counted += 1
        return counted

    class Holder:
        def __init__(self, *calls: Callable[[], object]) -> None:
            self.calls = calls

    def queue(into: Model = model) -> None:
        into.queue.append(9)

    stack = [1]
    holder = Holder(count, model.change, partial(model.numbers.append, 9), queue, stack.clear)
    memento = Memento(holder)
    for call in holder.calls:
        call()
    memento.put_back()
    assert (count(), model.numbers, list(model.queue), stack) == (1, [1, 2], [1], [1])


def test_appointments_happen_again() -> None:
    clock, happened = Clock(), list[int]()
    clock.after(5, lambda: happened.append(clock.now))
    memento = Memento(clock)
    for _ in range(2):
        clock.advance_to(10)
        assert happened == [5]
        memento.put_back()
        assert (clock.now, happened) == (0, [])


def test_a_running_digest() -> None:
    class Wire:
        def __init__(self) -> None:
            self.digest = hashlib.sha256(b"a")

    wire = Wire()
    memento = Memento(wire)
    found = set()
    for _ in range(2):
        wire.digest.update(b"b")
        found.add(wire.digest.hexdigest())
        memento.put_back()
    assert found == {hashlib.sha256(b"ab").hexdigest()}


def test_what_belongs_outside_and_what_knows_more() -> None:
    books = [1]

    class Ledger:
        outside_of_mementos = ("process",)

        def __init__(self) -> None:
            self.process = "first"
            self.size = 1

        def rewinder(self) -> Callable[[], None]:
            kept = list(books)
            return lambda: books.__setitem__(slice(None), kept)

    ledger = Ledger()
    memento = Memento(ledger)
    ledger.process, ledger.size = "second", 2
    books.append(2)
    memento.put_back()
    assert (ledger.process, ledger.size, books) == ("second", 1, [1])


def test_a_generator_cannot_be_kept() -> None:
    def work() -> Iterator[int]:
        yield 1
        yield 2

    class Worker:
        def __init__(self) -> None:
            self.work = work()

    worker = Worker()
    next(worker.work)
    with pytest.raises(CannotKeep, match="work is in the middle of its work"):
        Memento(worker)
    assert list(worker.work) == [2]
    Memento(worker)
