"""The bench's end of the link against a device of a few lines: windows, questions, what an acknowledgement frees."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.emulator import link
from tillbench.host.emulator.link import SERIAL_WINDOW, LinkClosed, LinkEnd, LinkLost
from tillbench.protocols.link import Channel, Control, FrameReader, control, control_fields, encode

from tests.sample import examples

STDIN_SIZE = 260


@dataclass
class SlowDevice:
    """A wire and the device behind it in one: a receive buffer of 260 bytes, read when the test says so.

    It acknowledges in order and says how much it has read, as `firmware/port/link.py` does.
    """

    window: int | None = SERIAL_WINDOW
    buffer: bytearray = field(default_factory=bytearray)
    most: int = 0
    dropped: int = 0
    taken: int = 0
    seen: int = 0
    got: list[bytes] = field(default_factory=list)
    lose: random.Random | None = None
    reader: FrameReader = field(default_factory=FrameReader)

    def __post_init__(self) -> None:
        self._read, self._written = os.pipe()

    def fileno(self) -> int:
        return self._read

    def read(self) -> bytes:
        return os.read(self._read, 65536)

    def write(self, data: bytes) -> None:
        if self.lose is not None and not self.lose.randrange(6):
            data = data[: self.lose.randrange(len(data))]
        room = STDIN_SIZE - len(self.buffer)
        self.dropped += max(0, len(data) - room)
        self.buffer += data[:room]
        self.most = max(self.most, len(self.buffer))

    def close(self) -> None:
        os.close(self._read)
        os.close(self._written)

    def work(self) -> None:
        """Read the buffer and answer."""
        data = bytes(self.buffer)
        self.buffer.clear()
        bad = self.reader.bad
        frames = self.reader.feed(data) or self.reader.give_up()
        self.taken += len(data)
        wrong = self.reader.bad != bad
        for frame in frames:
            if frame.channel == Channel.CONTROL:
                op, number, _ = control_fields(frame.payload)
                if op == Control.PING:
                    self.say(Control.PONG, number)
            elif frame.seq == (self.seen + 1) & 0xFF:
                self.seen = frame.seq
                self.got.append(frame.payload)
            else:
                wrong = wrong or (self.seen - frame.seq) & 0xFF >= 128
        self.say(Control.NAK if wrong else Control.ACK)

    def say(self, op: Control, number: int = 0) -> None:
        if self.lose is None or self.lose.randrange(6):
            os.write(self._written, control(0, self.seen, op, number, self.taken))


@pytest.fixture
def device() -> Iterator[SlowDevice]:
    device = SlowDevice()
    yield device
    device.close()


def test_never_more_than_the_window_is_on_its_way(device: SlowDevice) -> None:
    end = LinkEnd(device)
    message = random.Random(1).randbytes(5000)
    end.send(Channel.RUN, message)
    while not end.all_taken:
        for _ in range(3):
            end.ask()  # questions count, too
        device.work()
        end.receive(0)
    assert b"".join(device.got) == message
    assert device.dropped == 0
    assert SERIAL_WINDOW // 2 < device.most <= SERIAL_WINDOW


@settings(deadline=None, max_examples=examples(60))
@given(seed=st.integers(0, 2**32 - 1), sizes=st.lists(st.integers(0, 600), min_size=1, max_size=12))
def test_a_lossy_serial_line_delivers_all_in_order_and_keeps_the_window(seed: int, sizes: list[int]) -> None:
    device = SlowDevice(lose=random.Random(seed))
    end = LinkEnd(device)
    messages = [random.Random(size).randbytes(size) for size in sizes]
    for message in messages:
        end.send(Channel.RUN, message)
    rounds = 0
    while not end.all_taken:
        rounds += 1
        assert rounds < 2000, "the link makes no progress"
        device.work()
        if not end.receive(0):
            end.ask()
    assert b"".join(device.got) == b"".join(messages)
    assert device.dropped == 0
    assert device.most <= SERIAL_WINDOW
    device.close()


def test_an_answer_and_the_close_in_one_piece_are_both_heard(device: SlowDevice) -> None:
    end = LinkEnd(device)
    answer = encode(1, 0, Channel.RUN, b"answer")
    assert end.feed(answer + control(1, 0, Control.CLOSE)) == [(Channel.RUN, b"answer")]
    with pytest.raises(LinkClosed):
        end.receive(0)


def test_stray_text_is_handed_on(device: SlowDevice) -> None:
    end = LinkEnd(device)
    text = bytearray()
    end.on_stray = text.extend
    assert end.feed(b"boot\r\n" + encode(1, 0, Channel.LOG, b"x") + b">>> ") == [(Channel.LOG, b"x")]
    assert text == b"boot\r\n>>> "
    assert end.faults()["stray"] == 10


def test_a_message_on_an_unknown_channel_is_counted(device: SlowDevice) -> None:
    end = LinkEnd(device)
    assert end.feed(encode(1, 0, 0x55, b"?") + encode(2, 0, Channel.LOG, b"x")) == [(Channel.LOG, b"x")]
    assert end.faults()["unknown"] == 1


@pytest.mark.parametrize("ack", [2, 50, 101, 200, 255])
def test_an_acknowledgement_of_what_was_never_sent_frees_nothing(device: SlowDevice, ack: int) -> None:
    device.window = None
    end = LinkEnd(device)
    end.send(Channel.RUN, b"kept")
    end.feed(control(0, ack, Control.ACK))
    assert not end.all_taken
    end.feed(control(0, 1, Control.ACK))
    assert end.all_taken


def test_a_late_answer_does_not_repeat_what_was_sent_after_the_question(device: SlowDevice) -> None:
    device.window = None
    end = LinkEnd(device)
    end.ask()
    end.send(Channel.RUN, b"after the question")
    end.feed(control(0, 0, Control.PONG, 1))
    assert end.faults()["repeats"] == 0
    end.ask()
    end.feed(control(0, 0, Control.PONG, 2))
    assert end.faults()["repeats"] == 1


@dataclass
class Spoiler(SlowDevice):
    """A device whose message is spoilt on its way, so many times; what it answers to questions arrives."""

    spoilt: int = 0

    def write(self, data: bytes) -> None:
        super().write(data)
        if any(control_fields(frame.payload)[0] == Control.PING for frame in FrameReader().feed(data)):
            self.work()
            message = bytearray(encode(1, 0, Channel.RUN, b"at last"))
            message[8] ^= bool(self.spoilt)
            self.spoilt -= bool(self.spoilt)
            os.write(self._written, message)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "SILENCE_S", 0.02)


@pytest.mark.usefixtures("hurried")
def test_a_device_that_answers_on_a_bad_line_is_asked_again_soon() -> None:
    """Ten times with twice the pause each time would be twenty seconds."""
    device = Spoiler(spoilt=10)
    assert LinkEnd(device, patience_s=5).expect() == [(Channel.RUN, b"at last")]
    device.close()


@pytest.mark.usefixtures("hurried")
def test_a_line_on_which_nothing_arrives_whole_is_told_from_silence() -> None:
    device = Spoiler(spoilt=1_000_000)
    with pytest.raises(LinkLost, match=r"has said nothing whole for .* damaged\)"):
        LinkEnd(device, patience_s=0.2).expect()
    device.close()
    silent = SlowDevice()
    with pytest.raises(LinkLost, match=r"has said nothing for .*, 0 damaged\)"):
        LinkEnd(silent, patience_s=0.05).expect()
    silent.close()
