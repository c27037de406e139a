"""Wires for one fault: what is plugged in for it is unplugged when it has been played. So one device serves all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tillbench.host.emulator.bench import Bench, WaitTimeout

UARTS = (1, 2)
_SETTLED_S = 6
"""Virtual: what a model has still to do by itself is over then, a finger off the key, a card out."""


@contextmanager
def borrowed(bench: Bench) -> Iterator[None]:
    """The bench's copper, as it was before when this is over."""
    nets = bench.nets
    watchers = {net: list(heard) for net, heard in nets._watchers.items()}
    pwm_watchers = {net: list(heard) for net, heard in nets._pwm_watchers.items()}
    closures, driven, voltages = set(nets.closures), dict(nets.driven), dict(nets.voltages)
    chips = dict(bench.i2c(0).chips)
    try:
        yield
    finally:
        if bench.powered:
            with suppress(WaitTimeout):
                bench.run_for(_SETTLED_S)
        bench.detach_chips()
        nets._watchers.clear()
        nets._watchers.update(watchers)
        nets._pwm_watchers.clear()
        nets._pwm_watchers.update(pwm_watchers)
        for number in UARTS:
            bench.uart(number).on_bytes = lambda data: None
            bench.uart(number).on_config = lambda config: None
        for pair in set(nets.closures) - closures:
            nets.open(*pair)
        for net in set(nets.driven) - set(driven):
            nets.drive(net, None)
        for net in set(nets.voltages) - set(voltages):
            nets.set_voltage(net, 0)
        bench.i2c(0).chips.update(chips)


def on_borrowed_wires(play: Callable[[Bench], Any]) -> Callable[[Bench], Any]:
    """The same fault, and nothing left of it."""

    def alone(bench: Bench) -> Any:
        with borrowed(bench):
            return play(bench)

    return alone
