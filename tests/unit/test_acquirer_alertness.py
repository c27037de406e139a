"""Waiting awake for the next message: only on a brisk line, and not for long. Time is what the test says it is."""

from collections.abc import Callable
from functools import partial

import pytest
from tillbench.host.acquirer.alertness import AWAKE_S, Alertness


class Loop:
    """Turns when it is told to."""

    def __init__(self) -> None:
        self.ready: list[Callable[[], object]] = []

    def call_soon(self, callback: Callable[..., object], *args: object) -> None:
        self.ready.append(partial(callback, *args))

    def turn(self) -> bool:
        """Whether there was anything to do, so that it did not sleep."""
        ready, self.ready = self.ready, []
        for call in ready:
            call()
        return bool(ready)


class Scene:
    def __init__(self) -> None:
        self.now = 100.0
        self.loop = Loop()
        self.rests = 0
        self.alertness = Alertness(self._rest, lambda: self.now)

    def _rest(self) -> None:
        self.rests += 1

    def message(self, after: float) -> None:
        """One comes so long after the last, and is answered at once."""
        self.now += after
        self.alertness.asked(self.now)
        self.alertness.answered(self.now, self.loop.call_soon)

    def turns(self) -> int:
        """How often the loop turns before it sleeps, if each turn takes a tenth of the time that it waits."""
        for number in range(1000):
            if not self.loop.turn():
                return number
            self.now += AWAKE_S / 10
        raise AssertionError("it never sleeps")


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_the_first_message_keeps_nobody_awake(scene: Scene) -> None:
    scene.message(after=0)
    assert scene.turns() == 0


def test_who_asks_again_at_once_is_waited_for(scene: Scene) -> None:
    scene.message(after=0)
    scene.message(after=AWAKE_S / 2)
    assert 10 <= scene.turns() <= 12


def test_a_terminal_with_people_before_it_lets_the_host_sleep(scene: Scene) -> None:
    for _ in range(5):
        scene.message(after=AWAKE_S * 2)
        assert scene.turns() == 0


def test_a_brisk_line_that_stops_to_think_must_be_brisk_again_first(scene: Scene) -> None:
    scene.message(after=0)
    scene.message(after=AWAKE_S / 2)
    assert scene.turns()
    scene.message(after=AWAKE_S * 2)
    assert scene.turns() == 0
    scene.message(after=AWAKE_S / 2)
    assert scene.turns()


def test_messages_one_after_the_other_share_one_wait(scene: Scene) -> None:
    """Not one more turn each for the messages of a burst."""
    for _ in range(20):
        scene.message(after=AWAKE_S / 2)
        scene.loop.turn()
        assert len(scene.loop.ready) <= 1
    assert scene.turns() <= 12


def test_once_it_waits_no_more_it_says_so(scene: Scene) -> None:
    scene.message(after=0)
    assert not scene.alertness.awake
    scene.message(after=AWAKE_S / 2)
    assert scene.alertness.awake
    assert scene.rests == 0
    scene.turns()
    assert (scene.alertness.awake, scene.rests) == (False, 1)
