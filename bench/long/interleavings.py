"""Random interleavings of terminals, line and host, many of them: the books keep.

The steps are those of the state machine in `tests/unit`, which hypothesis drives there, and shrinks. Here a seeded
generator draws them, which costs a tenth, and a failure says which steps they were.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.unit.acquirer_interleavings import FIRST, FOLLOWS
from tests.unit.acquirer_interleavings import Interleavings as Machine
from tests.unit.acquirer_power import MOMENTS

MOST_STEPS = 14
ARRIVES = (1, 1, 1, 2, 0)
BESIDE = (0, 0, 0, -1, 1)

Draw = Callable[[Random], dict[str, Any]]


def _choice(random: Random) -> dict[str, Any]:
    return {"choice": random.randrange(100)}


STEPS: dict[str, tuple[int, Draw]] = {
    "ask": (
        8,
        lambda random: {
            "client": random.randrange(2),
            "name": random.choice(FIRST),
            "amount": random.choice((1, random.randint(1, 400_00))),
            "arrives": random.choice(ARRIVES),
        },
    ),
    "follow": (
        8,
        lambda random: {
            **_choice(random),
            "name": random.choice(sorted(FOLLOWS)),
            "beside": random.choice(BESIDE),
            "arrives": random.choice(ARRIVES),
        },
    ),
    "reverse": (4, lambda random: {**_choice(random), "arrives": random.choice(ARRIVES)}),
    "repeat": (4, lambda random: {**_choice(random), "arrives": random.choice(ARRIVES)}),
    "deliver": (4, _choice),
    "drop": (1, _choice),
    "cut": (2, lambda random: {**_choice(random), "moment": random.choice(MOMENTS)}),
    "restart": (1, lambda _: {}),
    "wait": (2, lambda random: {"awake": random.random() < 0.7, "beside": random.random() < 0.3}),
    "sign_on": (1, lambda random: {"client": random.randrange(2)}),
}
"""By the name of the machine's rule: its weight, and what it is called with."""
NEEDS = {"follow": "sent", "reverse": "sent", "repeat": "sent", "deliver": "air", "drop": "air", "cut": "air"}
"""What must not be empty for a step; as the rule's precondition."""


class Interleavings:
    """One case is `examples` interleavings of up to `MOST_STEPS` steps."""

    name = "interleavings"
    share = 2.0

    def __init__(self, examples: int = 100) -> None:
        self._examples = examples

    def run(self, random: Random, folder: Path) -> str:  # noqa: ARG002  the machine has a folder of its own
        """Run them; "kept" when the books were right after every step. AssertionError: the steps that led to it."""
        for _ in range(self._examples):
            interleave(random)
        return "kept"

    def close(self) -> None:
        """Nothing is shared that does not end by itself."""


def interleave(random: Random) -> None:
    """One interleaving. AssertionError: the steps that led to it."""
    machine = Machine()
    done: list[str] = []
    try:
        machine.open()
        for _ in range(random.randint(2, MOST_STEPS)):
            names = [name for name in STEPS if name not in NEEDS or getattr(machine, NEEDS[name])]
            (name,) = random.choices(names, [STEPS[name][0] for name in names])
            arguments = STEPS[name][1](random)
            done.append(f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})")
            getattr(machine, name)(**arguments)
            machine.the_money_is_where_the_answers_say()
        done.append("teardown()")
        machine.teardown()
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}\nafter " + "\n      ".join(done)) from error
