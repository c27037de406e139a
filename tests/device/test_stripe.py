"""The magnetic stripe: characters out of bits and intervals in MicroPython, and whole swipes on the driver's pins."""

from __future__ import annotations

import random

import pytest
from tillbench.host.devices.stripe_head import FAULTS
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.magstripe import TRACKS, NotOnThisTrack, bits, intervals, packed

from tests.device.stripe_faults import READ, TRACK, head

TEXTS = {1: "B6225880123456789^LAB/CARD ONE^28122010000000000000", 2: TRACK, 3: "59" + TRACK + "=000000000000=1"}


def reading(recorded: list[int]) -> tuple[bytes, int]:
    return packed(recorded), len(recorded)


@pytest.mark.parametrize("track", TRACKS)
def test_every_track_both_ways(device: Bench, track: int) -> None:
    recorded = bits(track, TEXTS[track])
    assert device.call("stripe_probe:texts", track, [reading(recorded), reading(recorded[::-1])]) == [TEXTS[track]] * 2


def test_the_bits_are_the_standards() -> None:
    """Written out by hand: `;1=?` with parity below each character, and its LRC."""
    characters = ["11010", "10000", "10110", "11111", "00010"]
    assert "".join(map(str, bits(2, "1=", 0, 0))) == "".join(characters)
    with pytest.raises(NotOnThisTrack, match="track 2, character 2: 'A' is not in its character set"):
        bits(2, "1A")
    with pytest.raises(NotOnThisTrack, match="track 2: expected at most 37 characters, found 38"):
        bits(2, "1" * 38)


def test_no_single_wrong_bit_is_read(device: Bench) -> None:
    """Nor any two neighbours: nothing but the truth, or a reason."""
    plain = bits(2, "6225880123456789=2812201", 4, 4)
    spoilt = []
    for width in (1, 2):
        for at in range(4, len(plain) - 4 - width):
            recorded = list(plain)
            for n in range(width):
                recorded[at + n] ^= 1
            spoilt.append(reading(recorded))
    outcomes = device.call("stripe_probe:texts", 2, spoilt)
    assert len(outcomes) == len(spoilt)
    assert [text for text in outcomes if not text.startswith("! ")] == []
    assert set(outcomes) == {"! PARITY", "! LRC", "! END"}


def hand(count: int, chance: random.Random, jitter: float, faster: float) -> list[float]:
    """Bit lengths of a hand that gets faster by a factor from first to last, and shakes."""
    return [600 * faster ** (-n / count) * (1 + chance.uniform(-jitter, jitter)) for n in range(count)]


@pytest.mark.parametrize(("jitter", "faster"), [(0, 1), (0.1, 1), (0.05, 4), (0.05, 0.25), (0.12, 2)])
def test_reversals_of_an_unsteady_hand(device: Bench, jitter: float, faster: float) -> None:
    chance = random.Random(3)
    recorded = bits(2, TRACK)
    swipes = [intervals(recorded[::way], hand(len(recorded), chance, jitter, faster)) for way in (1, -1, 1, -1)]
    assert device.call("stripe_probe:of_intervals", 2, swipes) == [TRACK] * 4


def test_a_lost_reversal_is_no_f2f(device: Bench) -> None:
    times = intervals(bits(2, TRACK), [600.0] * len(bits(2, TRACK)))
    first_one = next(n for n, us in enumerate(times) if us < 400)
    outcomes = device.call("stripe_probe:of_intervals", 2, [times[:first_one] + times[first_one + 1 :], [], [600] * 3])
    assert outcomes == ["! CLOCK", "! EMPTY", "! EMPTY"]


@pytest.mark.parametrize("speed", [5, 20, 150])
def test_slow_and_fast_swipes(device: Bench, speed: int) -> None:
    head(device).swipe(TRACK, speed_cm_s=speed)
    assert tuple(device.call("stripe_probe:swipe")) == READ


def test_tracks_1_and_3_on_their_heads(device: Bench) -> None:
    for track in (1, 3):
        head(device, track).swipe(TEXTS[track], fault="backwards")
        assert device.call("stripe_probe:swipe")[0] == TEXTS[track]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_never_read_as_another_number(device: Bench, fault: str) -> None:
    head(device).swipe(TRACK, fault=fault)
    text, reason = device.call("stripe_probe:swipe")
    assert text in ("", TRACK)
    assert bool(text) != bool(reason)


def test_a_swipe_after_one_that_was_refused(device: Bench) -> None:
    model = head(device)
    model.swipe(TRACK, fault="parity bit flipped")
    device.clock.after(2_000_000, lambda: model.swipe("1234567890123452=2812201"))
    assert device.call("stripe_probe:swipes", 2) == ["", "1234567890123452=2812201"]
