"""Keypad: fingers on a matrix of contacts, 5 rows by 4 columns, that bounce, stick and ghost like the real thing.

The model only closes and opens contacts between a row net and a column net; what the scanner sees of it (three keys of
a rectangle included) follows from the copper.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tillbench.host.emulator.wires import Clock, Nets, Timer

LAYOUT = (
    ("1", "2", "3", "CANCEL"),
    ("4", "5", "6", "CLEAR"),
    ("7", "8", "9", "ENTER"),
    ("*", "0", "#", "MENU"),
    ("FN", "UP", "DOWN", "FEED"),
)

MASKED = "*"
_SINGLE = frozenset("0123456789*#")


@dataclass(frozen=True)
class KeyEvent:
    """What the world may know of a finger: while keys are masked the key is `*` and the time is not told."""

    key: str
    action: str
    at_us: int | None


class KeypadModel:
    """`rows` and `cols` are the nets of the matrix, `layout` the caption of each key.

    Times are microseconds of `clock`. `masked()` says whether key identities must not be told (PIN entry is open);
    `on_event` hears of every finger through one method, `_tell`, and nothing else names a key.
    """

    BOUNCE_US = (5_000, 20_000)
    HOLD_US = (70_000, 130_000)
    GAP_US = (60_000, 180_000)
    # Same key again: the contact must have been open for longer than it bounces.
    REPEAT_US = 60_000
    LEAST_US = 60_000

    def __init__(
        self,
        clock: Clock,
        nets: Nets,
        rows: Sequence[str],
        cols: Sequence[str],
        rng: random.Random,
        layout: Sequence[Sequence[str]] = LAYOUT,
        *,
        bounce: bool = True,
        masked: Callable[[], bool] = lambda: False,
        on_event: Callable[[KeyEvent], None] = lambda event: None,
    ) -> None:
        if len(layout) != len(rows) or any(len(captions) != len(cols) for captions in layout):
            raise ValueError(f"layout: expected {len(rows)} rows of {len(cols)} keys")
        self._clock = clock
        self._nets = nets
        self._rng = rng
        self._bounce = bounce
        self._masked = masked
        self._on_event = on_event
        self._contacts = {
            caption: (rows[r], cols[c]) for r, captions in enumerate(layout) for c, caption in enumerate(captions)
        }
        self._bounces: dict[str, list[Timer]] = {}
        self._fingers: dict[str, int] = {}
        self._stuck: set[str] = set()
        self._busy_until = 0
        self._free_at: dict[str, int] = {}
        self._typing: list[Timer] = []
        self._seen_at: dict[str, int] = {}
        self._let_go_at = 0

    @property
    def captions(self) -> tuple[str, ...]:
        """The names of the keys, row by row."""
        return tuple(self._contacts)

    @property
    def busy_until(self) -> int:
        """When the last scheduled finger is up and its contact at rest."""
        return self._busy_until

    def keys(self, text: str) -> list[str]:
        """Split `1 2 3 ENTER` (or `123 ENTER`) into key names.

        Raises:
            ValueError: a key that this keypad does not have; its position is told, and its name unless masked.
        """
        found: list[str] = []
        for word in text.split():
            run = list(word) if set(word) <= _SINGLE else [word.upper()]
            for key in run:
                self._check(key, f"key {len(found) + 1}")
                found.append(key)
        return found

    def press(self, key: str, hold_us: int = 100_000) -> int:
        """Press `key` now and lift it after `hold_us`; returns when the contact is at rest again."""
        return self._stroke(key, self._clock.now, hold_us)

    @property
    def stuck(self) -> list[str]:
        """The keys whose contacts stay closed."""
        return sorted(self._stuck)

    def hold(self, key: str) -> None:
        """Press `key` now and keep it down until `release`."""
        self._check(key)
        self._down(key)

    def release(self, key: str) -> None:
        """Lift `key` now. ValueError if no finger is on it."""
        self._check(key)
        if not self._fingers.get(key):
            raise ValueError("release: no finger is on that key")
        self._up(key)

    def finger(self, key: str, down: bool) -> None:
        """Put a finger on `key`, or take it away, now or as soon as the scanner has had the time to see the last one.

        For fingers that come over a network, or from a busy computer: whose pauses say nothing. A key is down for at
        least `LEAST_US` and as long up again, and one that was let go is up before the next goes down.
        """
        self._check(key)
        at = max(self._clock.now, self._seen_at.get(key, 0), self._let_go_at if down else 0)
        self._seen_at[key] = at + self.LEAST_US
        if not down:
            self._let_go_at = at
        self._typing = [timer for timer in self._typing if timer.due >= self._clock.now]
        self._typing.append(self._clock.at(at, lambda: self._down(key) if down else self._up(key)))

    def hands_off(self) -> None:
        """Whoever types stops: keys that are down come up now, those still to be typed are not."""
        for timer in self._typing:
            timer.cancel()
        self._typing.clear()
        self._seen_at.clear()
        self._let_go_at = 0
        self._busy_until = self._clock.now
        for key, fingers in list(self._fingers.items()):
            for _ in range(fingers):
                self._up(key)

    def stick(self, key: str) -> None:
        """The contact of `key` closes now and stays closed, whatever fingers do, until `unstick`."""
        self._check(key)
        self._stuck.add(key)
        self._tell(key, "stuck")
        self._settle(key, True)

    def unstick(self, key: str) -> None:
        """Repair a stuck key."""
        self._check(key)
        self._stuck.discard(key)
        self._tell(key, "unstuck")
        self._settle(key, bool(self._fingers.get(key)))

    def type(self, text: str, hold_us: int | None = None, gap_us: int | None = None) -> int:
        """Type keys one after the other, from when the typing before is finished; returns when all is at rest.

        Args:
            text: as for `keys`.
            hold_us: how long each key is down; a person's 70-130 ms if not given.
            gap_us: from one key up to the next one down; a person's 60-180 ms if not given. Negative: the next key
                goes down before this one is up (fast typing rolls over).
        """
        start = max(self._clock.now, self._busy_until)
        done = start
        for key in self.keys(text):
            hold = self._rng.randint(*self.HOLD_US) if hold_us is None else hold_us
            gap = self._rng.randint(*self.GAP_US) if gap_us is None else gap_us
            start = max(start, self._free_at.get(key, 0))
            done = max(done, self._stroke(key, start, hold))
            self._free_at[key] = start + hold + self.REPEAT_US
            start = max(start + hold + gap, start + 1)
        return done

    def _check(self, key: str, what: str = "key") -> None:
        if key not in self._contacts:
            shown = MASKED if self._masked() else repr(key)
            raise ValueError(f"{what}: no key {shown}, there is {' '.join(self._contacts)}")

    def _stroke(self, key: str, start: int, hold_us: int) -> int:
        self._check(key)
        if hold_us <= 0:
            raise ValueError(f"hold_us: expected more than 0, found {hold_us}")
        self._typing = [timer for timer in self._typing if timer.due >= self._clock.now]
        self._typing.append(self._clock.at(start, lambda: self._down(key)))
        self._typing.append(self._clock.at(start + hold_us, lambda: self._up(key)))
        rest = start + hold_us + (self.BOUNCE_US[1] if self._bounce else 0)
        self._busy_until = max(self._busy_until, rest)
        return rest

    def _down(self, key: str) -> None:
        self._fingers[key] = self._fingers.get(key, 0) + 1
        self._tell(key, "down")
        self._settle(key, True)

    def _up(self, key: str) -> None:
        self._fingers[key] -= 1
        self._tell(key, "up")
        self._settle(key, bool(self._fingers[key]))

    def _tell(self, key: str, action: str) -> None:
        if self._masked():
            self._on_event(KeyEvent(MASKED, action, None))
        else:
            self._on_event(KeyEvent(key, action, self._clock.now))

    def _settle(self, key: str, closed: bool) -> None:
        """Bring the contact to its new state, by way of its bounces."""
        closed = closed or key in self._stuck
        for timer in self._bounces.pop(key, []):
            timer.cancel()
        pair = self._contacts[key]
        if self._bounce and closed != self._is_closed(pair):
            self._bounces[key] = self._schedule_bounces(pair, closed)
        self._set(pair, closed)

    def _schedule_bounces(self, pair: tuple[str, str], closed: bool) -> list[Timer]:
        """The contact makes (or breaks) at once, then goes there and back a few times within 5 to 20 ms."""
        length = self._rng.randint(*self.BOUNCE_US)
        flips = 2 * self._rng.randint(1, 4)
        times = sorted(self._rng.sample(range(100, length), flips - 1))
        timers = []
        state = closed
        for at in [*times, length]:
            state = not state
            timers.append(self._clock.after(at, partial(self._set, pair, state)))
        return timers

    def _is_closed(self, pair: tuple[str, str]) -> bool:
        return tuple(sorted(pair)) in self._nets.closures

    def _set(self, pair: tuple[str, str], closed: bool) -> None:
        if closed:
            self._nets.close(*pair)
        else:
            self._nets.open(*pair)

    def __repr__(self) -> str:
        return f"Keypad of {len(self._contacts)} keys"
