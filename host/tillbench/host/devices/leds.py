"""LEDs: which of them shine, and since when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tillbench.host.emulator.wires import Clock, Nets


class Leds:
    """LEDs on nets, by name. `lit_level` is the level at which they shine; `on_change(name, on)` hears of each change.

    `history` is every change so far: time in microseconds, name, lit or not.
    """

    def __init__(
        self,
        clock: Clock,
        nets: Nets,
        wiring: Mapping[str, str],
        lit_level: int = 1,
        on_change: Callable[[str, bool], None] = lambda name, on: None,
    ) -> None:
        self._clock = clock
        self._lit_level = lit_level
        self._on_change = on_change
        self.lit = dict.fromkeys(wiring, False)
        self.history: list[tuple[int, str, bool]] = []
        for name, net in wiring.items():
            nets.watch(net, self._watcher(name))

    def _watcher(self, name: str) -> Callable[[int], None]:
        def changed(level: int) -> None:
            on = level == self._lit_level
            if on != self.lit[name]:
                self.lit[name] = on
                self.history.append((self._clock.now, name, on))
                self._on_change(name, on)

        return changed
