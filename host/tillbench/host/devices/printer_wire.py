"""What arrives when two ends of a serial line are not set alike: the line as bits, sampled at the receiver's pace."""

from __future__ import annotations

from typing import NamedTuple

from tillbench.host.emulator.wires import UartConfig


class Arrival(NamedTuple):
    """One received character: when its last bit was in (microseconds from the first edge), and what was read."""

    us: int
    byte: int
    framing_error: bool = False
    parity_error: bool = False


def receive(data: bytes, sent: UartConfig, read: UartConfig) -> list[Arrival]:
    """What a receiver set to `read` makes of `data` sent without gaps by a UART set to `sent`.

    After `data` the line is taken to be idle. Equal settings give the bytes back.
    """
    if sent == read:
        return [Arrival((index + 1) * sent.char_us, byte) for index, byte in enumerate(data)]
    line = _line(data, sent)
    # Time counts in units of 1 / (sent.baud * read.baud) s, so that both bit times are whole numbers.
    sent_bit, read_bit = read.baud, sent.baud
    second = sent.baud * read.baud

    def level(at: int) -> int:
        index = at // sent_bit
        return line[index] if index < len(line) else 1

    arrivals = []
    earliest = 0
    for index, bit in enumerate(line):
        edge = index * sent_bit
        if bit or edge < earliest or (index and not line[index - 1]):
            continue
        samples = [level(edge + read_bit * (2 * number + 1) // 2) for number in range(_bits(read))]
        if samples[0]:
            continue  # a spike shorter than half a bit is no start bit
        value = sum(bit << number for number, bit in enumerate(samples[1 : 1 + read.bits]))
        parity_error = read.parity is not None and (sum(samples[1 : 2 + read.bits]) - read.parity) % 2 != 0
        earliest = edge + read_bit * (2 * len(samples) - 1) // 2
        # The receiver looks at the first stop bit only, and hunts for the next start bit from its middle on.
        arrivals.append(Arrival(-(-earliest * 1_000_000 // second), value, not samples[-1], parity_error))
    return arrivals


def _bits(config: UartConfig) -> int:
    """Start, data, parity and the first stop bit."""
    return 2 + config.bits + (config.parity is not None)


def _line(data: bytes, config: UartConfig) -> list[int]:
    """The levels of the line, one for each bit time."""
    line = []
    for byte in data:
        bits = [byte >> number & 1 for number in range(config.bits)]
        line += [0, *bits]
        if config.parity is not None:
            line.append((sum(bits) + config.parity) % 2)
        line += [1] * config.stop
    return line
