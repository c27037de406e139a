"""The slot's electrical model, driven by a terminal that does what each test tells it to."""

from __future__ import annotations

import random

import pytest
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import ATR, RECORD, ScriptedCard
from tillbench.host.emulator.wires import Clock, Nets, UartConfig, UartPort

ETU_US = 93
CHARACTER_US = 12 * ETU_US
NOMINAL = UartConfig(10_753, 8, 0, 2)
READ = bytes.fromhex("00B2010C10")
VERIFY = bytes.fromhex("0020008008")


class Bench:
    """Wires, a slot, and a terminal's hands on its contacts."""

    def __init__(self) -> None:
        self.clock = Clock(1_000_000)
        self.nets = Nets()
        self.uart = UartPort(2)
        self.got: list[tuple[int, bytes]] = []
        self.uart.to_device = lambda data: self.got.append((self.clock.now, data))
        self.slot = Slot(self.clock, self.nets, self.uart, rng=random.Random(5))
        self.uart.configured(NOMINAL)

    def wait(self, us: int) -> None:
        self.clock.advance_to(self.clock.now + us)

    def vcc(self, level: int) -> None:
        self.nets.level_changed("P13", level)

    def rst(self, level: int) -> None:
        self.nets.level_changed("P32", level)

    def clk(self, hz: int, duty: int = 32768) -> None:
        self.nets.pwm_changed("P33", hz, duty)

    def power_up(self, reset_us: int = 10_500) -> None:
        self.vcc(1)
        self.wait(500)
        self.clk(4_000_000)
        self.wait(reset_us)
        self.rst(1)

    def activate(self, card: ScriptedCard | None = None) -> ScriptedCard:
        """Card in, power up, answer to reset received, line quiet."""
        card = card or ScriptedCard()
        self.slot.insert(card)
        self.power_up()
        self.wait(100_000)
        assert self.take() == card.atr
        return card

    def send(self, data: bytes, wait_us: int = 200_000) -> bytes:
        """Send, wait, and return what RX has got: the echo and the answer."""
        self.uart.on_bytes(data)
        self.wait(wait_us)
        return self.take()

    def take(self) -> bytes:
        data = b"".join(data for _, data in self.got)
        self.got.clear()
        return data

    def blames(self) -> list[str]:
        return [violation.what for violation in self.slot.violations]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_answer_to_reset_comes_after_400_to_40000_cycles(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    bench.power_up()
    high = bench.clock.now
    bench.wait(100_000)
    ((at, data),) = bench.got
    assert data == ATR
    begin = at - len(ATR) * CHARACTER_US - high
    assert 400 / 4 <= begin <= 40_000 / 4
    assert bench.blames() == []


def test_a_command_is_echoed_when_its_last_character_ends_and_then_answered(bench: Bench) -> None:
    card = bench.activate()
    begin = bench.clock.now
    bench.uart.on_bytes(READ)
    bench.wait(200_000)
    (echo_at, echo), (reply_at, reply) = bench.got
    assert (echo, reply) == (READ, b"\xb2" + RECORD + b"\x90\x00")
    assert abs(echo_at - begin - 5 * CHARACTER_US) <= 2
    turnaround = reply_at - len(reply) * CHARACTER_US - (echo_at - CHARACTER_US)
    assert abs(turnaround - 16 * ETU_US) <= 3
    assert card.commands == [READ]
    assert bench.blames() == []


def test_long_runs_come_in_fifo_portions(bench: Bench) -> None:
    bench.power_up()
    bench.uart.on_bytes(bytes(255))
    bench.wait(300_000)
    assert [len(data) for _, data in bench.got] == [120, 120, 15]


def test_character_by_character_when_the_card_is_to_leave_at_one(bench: Bench) -> None:
    bench.slot.faults.out_after_characters = len(ATR) + 3
    card = bench.activate()
    bench.uart.on_bytes(READ)
    bench.wait(200_000)
    assert bench.slot.card is None
    assert card.commands == []
    assert ("GND", "P27") not in bench.nets.closures
    # The echo is the terminal's own wire and goes on without a card.
    assert bench.take() == READ


def test_a_warm_reset_needs_no_power_cycle(bench: Bench) -> None:
    card = bench.activate()
    bench.rst(0)
    bench.wait(10_500)
    bench.rst(1)
    bench.wait(50_000)
    assert bench.take() == ATR
    assert card.resets == [True, False]
    assert bench.blames() == []


def test_reset_in_the_middle_of_an_answer_cuts_it(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    bench.power_up()
    bench.wait(500 + 2 * CHARACTER_US + 100)
    bench.rst(0)
    bench.wait(10_500)
    assert bench.take() == ATR[:2]


# What the terminal does wrong


@pytest.mark.parametrize(("reset_us", "cycles"), [(9_900, 39_600), (11_300, 45_200)])
def test_a_reset_outside_the_window_is_noted(bench: Bench, reset_us: int, cycles: int) -> None:
    bench.slot.insert(ScriptedCard())
    bench.power_up(reset_us)
    bench.wait(100_000)
    assert bench.take() == ATR
    assert bench.blames() == [f"RST low for {cycles} clock cycles: 40,000 to 45,000"]


def test_a_reset_of_less_than_400_cycles_is_none_for_the_card(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    bench.power_up(90)
    bench.wait(100_000)
    assert bench.take() == b""
    assert bench.blames() == ["RST low for 360 clock cycles: 40,000 to 45,000"]


@pytest.mark.parametrize("hz", [900_000, 5_100_000])
def test_a_clock_out_of_range_makes_the_card_mute(bench: Bench, hz: int) -> None:
    bench.slot.insert(ScriptedCard())
    bench.vcc(1)
    bench.clk(hz)
    bench.wait(42_000 * 1_000_000 // hz)
    bench.rst(1)
    bench.wait(100_000)
    assert bench.take() == b""
    assert bench.blames() == [f"CLK at {hz} Hz: 1 to 5 MHz"]


def test_a_lopsided_clock_is_noted(bench: Bench) -> None:
    bench.vcc(1)
    bench.clk(4_000_000, 16_384)
    assert bench.blames() == ["CLK duty cycle 25 %: 40 to 60 %"]


def test_the_order_of_activation_is_checked(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    bench.clk(4_000_000)
    bench.rst(1)
    bench.vcc(1)
    bench.wait(100_000)
    assert bench.take() == b""
    assert bench.blames() == [
        "CLK runs while VCC is off",
        "RST goes high while VCC is off",
        "RST is high when VCC comes on",
        "CLK runs when VCC comes on",
    ]


def test_reset_without_a_clock_is_noted(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    bench.vcc(1)
    bench.rst(1)
    bench.wait(100_000)
    assert bench.take() == b""
    assert bench.blames() == ["RST goes high while CLK stands still"]


def test_the_order_of_deactivation_is_checked(bench: Bench) -> None:
    bench.activate()
    bench.vcc(0)
    assert bench.blames() == ["VCC goes off while RST is high", "VCC goes off while CLK runs"]


def test_a_clock_that_stops_or_changes_ends_the_session(bench: Bench) -> None:
    bench.activate()
    bench.clk(2_000_000)
    assert bench.send(READ) == READ
    bench.clk(0)
    assert bench.blames() == [
        "CLK changes from 4000000 to 2000000 Hz within a session",
        "CLK stops while RST is high",
    ]


def test_switching_on_again_at_once_is_noted(bench: Bench) -> None:
    bench.activate()
    for _ in range(2):
        bench.rst(0)
        bench.clk(0)
        bench.vcc(0)
        bench.wait(9_999)
        bench.vcc(1)
    assert bench.blames() == ["VCC comes on less than 10 ms after it went off"] * 2


def test_characters_at_the_wrong_moment_are_noted(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    assert bench.send(b"\x00", 2_000) == b""
    bench.power_up()
    bench.send(b"\x00", 100_000)
    assert bench.blames() == ["I/O driven while VCC is off", "I/O driven before the answer to reset is over"]


def test_turning_round_too_fast_is_noted(bench: Bench) -> None:
    bench.activate()
    bench.uart.on_bytes(VERIFY)
    while len(bench.got) < 2:
        bench.wait(10)
    bench.send(b"\x24")
    assert len(bench.blames()) == 1
    assert bench.blames()[0].startswith("12.")


def test_talking_over_the_card_is_a_collision(bench: Bench) -> None:
    bench.activate()
    bench.uart.on_bytes(READ)
    bench.wait(8 * CHARACTER_US)
    bench.take()
    got = bench.send(b"\x55\x55")
    assert b"\x55" not in got
    assert b"\x00\x00" in got


def test_sending_data_before_the_card_has_asked_is_a_collision(bench: Bench) -> None:
    bench.activate()
    got = bench.send(VERIFY + bytes.fromhex("241234FFFFFFFFFF"))
    assert got[:5] == VERIFY
    assert got[5:7] == b"\x00\x00"


def test_too_little_guard_time_is_noted(bench: Bench) -> None:
    bench.activate(ScriptedCard(bytes.fromhex("3B600005")))
    bench.send(READ)
    assert bench.blames() == ["a character every 12.0 etu: at least 17"]


def test_one_stop_bit_is_too_little(bench: Bench) -> None:
    bench.activate()
    bench.uart.configured(UartConfig(10_753, 8, 0, 1))
    bench.send(READ)
    assert bench.blames() == ["a character every 11.0 etu: at least 12"]


def test_a_wrong_rate_garbles_both_ways(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    bench.uart.configured(UartConfig(9_600, 8, 0, 2))
    bench.power_up()
    bench.wait(100_000)
    atr = bench.take()
    assert len(atr) == len(ATR)
    assert atr != ATR
    bench.uart.configured(UartConfig(21_505, 8, 0, 2))
    bench.send(READ)
    assert bench.slot.exchanges == []


def test_without_parity_the_card_does_not_take_every_character(bench: Bench) -> None:
    card = bench.activate()
    bench.uart.configured(UartConfig(10_753, 8, None, 2))
    bench.send(READ)
    assert card.commands == []
    assert "a character reached the card with wrong parity or stop bits" in bench.blames()


def test_a_card_pushed_into_a_live_slot_is_noted_and_dead(bench: Bench) -> None:
    bench.power_up()
    bench.wait(100_000)
    bench.slot.insert(ScriptedCard())
    assert bench.send(READ) == READ
    assert bench.blames() == ["VCC is on while a card goes in"]


# What the card and the slot do wrong


def test_a_damaged_character_has_no_mark(bench: Bench) -> None:
    bench.slot.faults.flips[1] = 0x01
    bench.slot.insert(ScriptedCard())
    bench.power_up()
    bench.wait(100_000)
    assert bench.take() == bytes([ATR[0], ATR[1] ^ 1, *ATR[2:]])


def test_a_disturbed_echo_does_not_disturb_the_card(bench: Bench) -> None:
    card = bench.activate()
    bench.slot.faults.echo_flips[2] = 0xFF
    got = bench.send(READ)
    assert got[:5] == bytes([*READ[:2], READ[2] ^ 0xFF, *READ[3:]])
    assert card.commands == [READ]


def test_null_bytes_and_a_slow_card(bench: Bench) -> None:
    bench.activate()
    bench.slot.faults.nulls = 2
    bench.slot.faults.reply_delay_etu = 9_504
    bench.got.clear()
    begin = bench.clock.now
    bench.uart.on_bytes(READ)
    bench.wait(4_000_000)
    times = [at for at, _ in bench.got]
    assert [data[:1] for _, data in bench.got] == [READ[:1], b"\x60", b"\x60", b"\xb2"]
    assert times[1] - times[0] == pytest.approx(9_504 * ETU_US, abs=5)
    assert times[2] - times[1] == pytest.approx(9_504 * ETU_US, abs=5)
    assert times[0] - begin == pytest.approx(5 * CHARACTER_US, abs=3)


def test_a_mute_card_and_bad_answers(bench: Bench) -> None:
    bench.slot.faults.bad_atrs.append(b"\x3b\x00")
    bench.slot.insert(ScriptedCard())
    bench.power_up()
    bench.wait(50_000)
    assert bench.take() == b"\x3b\x00"
    bench.slot.faults.mute = True
    bench.rst(0)
    bench.wait(10_500)
    bench.rst(1)
    bench.wait(50_000)
    assert bench.take() == b""


def test_a_card_that_leaves_takes_its_sentence_with_it(bench: Bench) -> None:
    bench.activate()
    bench.uart.on_bytes(READ)
    bench.wait(8 * CHARACTER_US)
    bench.slot.remove()
    bench.wait(100_000)
    assert bench.take() == READ + b"\xb2" + RECORD[:1]
    (exchange,) = bench.slot.exchanges
    assert (exchange.complete, exchange.command) == (False, READ)


def test_a_card_can_leave_after_an_exchange(bench: Bench) -> None:
    bench.slot.faults.out_after_exchanges = 2
    bench.activate()
    for expected in (True, False):
        bench.send(READ)
        assert (bench.slot.card is not None) is expected


def test_a_bouncing_switch_ends_where_it_should(bench: Bench) -> None:
    edges: list[tuple[int, bool]] = []
    bench.nets.on_closure = lambda a, b, closed: edges.append((bench.clock.now, closed))
    began = bench.clock.now
    bench.slot.insert(ScriptedCard(), bounces=6)
    bench.wait(100_000)
    assert [closed for _, closed in edges] == [True, *[False, True] * 6]
    assert edges[-1][0] - began < 40_000
    bench.slot.remove(bounces=3)
    bench.wait(100_000)
    assert edges[-1][1] is False
    assert len(edges) == 13 + 7


def test_there_is_room_for_one_card(bench: Bench) -> None:
    bench.slot.insert(ScriptedCard())
    with pytest.raises(ValueError, match="there is a card in the slot"):
        bench.slot.insert(ScriptedCard())


# What is told


def test_exchanges_are_told_with_the_pin_masked(bench: Bench) -> None:
    heard: list[tuple[bytes, bytes]] = []
    bench.slot.on_exchange = lambda command, response: heard.append((command, response))
    card = bench.activate()
    bench.send(VERIFY)
    bench.send(bytes.fromhex("241234FFFFFFFFFF"))
    bench.send(READ)
    assert heard == [(VERIFY + b"*" * 8, b"\x90\x00"), (READ, RECORD + b"\x90\x00")]
    assert card.commands[0] == VERIFY + bytes.fromhex("241234FFFFFFFFFF")
    assert "1234" not in repr(bench.slot.exchanges)


def test_the_line_falls_with_vcc(bench: Bench) -> None:
    bench.activate()
    bench.rst(0)
    bench.clk(0)
    bench.vcc(0)
    bench.wait(5_000)
    assert bench.take() == b"\x00"
    assert bench.blames() == []


def test_a_power_cut_is_nobodys_violation(bench: Bench) -> None:
    bench.activate()
    bench.uart.on_bytes(READ)
    bench.slot.power_lost()
    bench.wait(100_000)
    assert bench.take() == b""
    assert bench.blames() == []
    assert not bench.slot.powered
    for level in (bench.vcc, bench.rst):
        level(0)
    bench.nets.pwm_changed("P33", 4_000_000, 0)
    bench.power_up()
    bench.wait(100_000)
    assert bench.take() == ATR
    assert bench.blames() == []
