"""Two ends of a serial line that are not set alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.devices.printer_wire import receive
from tillbench.host.emulator.wires import UartConfig

from .printer_rig import Rig

N81 = UartConfig(baud=9600)


def read(data: bytes, sent: UartConfig, as_: UartConfig) -> bytes:
    return bytes(arrival.byte for arrival in receive(data, sent, as_))


@given(st.binary(max_size=40), st.sampled_from([0.98, 0.99, 1.01, 1.02]))
def test_two_percent_off_is_still_understood(data: bytes, factor: float) -> None:
    arrivals = receive(data, N81, UartConfig(baud=round(9600 * factor)))
    assert bytes(arrival.byte for arrival in arrivals) == data
    assert not any(arrival.framing_error for arrival in arrivals)


@given(st.binary(max_size=40))
def test_more_stop_bits_than_needed_are_idle_time(data: bytes) -> None:
    assert read(data, UartConfig(baud=9600, stop=2), N81) == data


def test_half_the_rate_reads_each_bit_twice() -> None:
    # 55 is 0 1 0 1 0 1 0 1 0 1 on the line, 00 11 00 11 00 11 00 11 00 11 at twice the rate: a start bit, 66, no stop
    # bit; then from the next falling edge a start bit, 0 1 1 0 0 1 1, and the idle line as last bit and stop bit.
    arrivals = receive(b"\x55", N81, UartConfig(baud=19200))
    assert [arrival.byte for arrival in arrivals] == [0b01100110, 0b11100110]
    assert [arrival.framing_error for arrival in arrivals] == [True, False]


def test_parity_is_taken_for_data_or_missed() -> None:
    even = UartConfig(baud=9600, parity=0)
    for byte, error in ((0x41, True), (0x43, False)):  # an even and an odd count of ones, a stop bit for parity bit
        (arrival,) = receive(bytes([byte]), N81, even)
        assert (arrival.byte, arrival.parity_error) == (byte, error)
    # The other way round a parity bit of 0 stands where the stop bit should be.
    assert [arrival.framing_error for arrival in receive(b"A", even, N81)] == [True]
    assert [arrival.framing_error for arrival in receive(b"C", even, N81)] == [False]


def test_times_are_those_of_the_last_bit() -> None:
    assert [arrival.us for arrival in receive(b"ab", N81, N81)] == [1042, 2084]
    # Sampled in the middle of the stop bit.
    assert receive(b"a", N81, UartConfig(baud=9600, stop=2))[0].us == 990


def test_a_wrong_rate_prints_garbage_and_answers_garbage() -> None:
    rig = Rig(UartConfig(baud=9600), uart=UartConfig(baud=4800))
    rig.print(b"TOTAL 12.34\n" * 10)
    assert "TOTAL" not in "".join(rig.lines)
    assert rig.printer.framing_errors > 0
    rig.port.config = UartConfig(baud=4800)
    assert rig.ask(b"\x10\x04\x01")[-1:] == b"\x12"
    rig.printer.load_paper()
    # The question is understood, the answer is read at another rate.
    rig.write(b"\x10\x04\x01")
    rig.port.config = UartConfig(baud=9600)
    before = len(rig.answers)
    rig.run()
    assert bytes(byte for _, byte in rig.answers[before:]) != b"\x12"
