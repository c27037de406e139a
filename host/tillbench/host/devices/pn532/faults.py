"""What a PN532 and its connection can do wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from tillbench.protocols.pn532 import Status


@dataclass
class Pn532Faults:
    """What goes wrong. A number is how many times it still does; all of it can be changed at any time.

    Attributes:
        at: the code of the command at which it does; None: at whatever comes.
        absent: nothing is acknowledged, and nothing answered.
        deaf: a command is not heard.
        lost_acks: an ACK does not arrive, what follows it does.
        garbled_acks: an ACK arrives as something else.
        wrong_length: bits that turn over in LEN of the next answer.
        wrong_data: an answer has a flipped bit in its last byte of data.
        cut: an answer breaks off in its middle.
        stuck: after its ACK the chip does nothing more, and hears no command, until an ACK ends it.
        busy_us: from an answer's being due to the chip's saying that it is there.
        syntax_errors: a command is not understood.
        stale: before an answer comes one to another command.
        noise: bytes before an answer.
        statuses: error codes of the next exchanges with a card; `GOOD` lets one pass.
        no_interrupt: the interrupt line is not connected.
        ic: what it calls itself.
    """

    at: int | None = None
    absent: bool = False
    deaf: int = 0
    lost_acks: int = 0
    garbled_acks: int = 0
    wrong_length: int = 0
    wrong_data: int = 0
    cut: int = 0
    stuck: int = 0
    busy_us: int = 0
    syntax_errors: int = 0
    stale: int = 0
    noise: bytes = b""
    statuses: list[Status] = field(default_factory=list)
    no_interrupt: bool = False
    ic: int = 0x32

    def happens(self, name: str, code: int) -> bool:
        """Whether the fault of that name happens at this command; then it does so once less."""
        left: int = getattr(self, name)
        if not left or self.at not in (None, code):
            return False
        setattr(self, name, left - 1)
        return True

    def length_mask(self, code: int) -> int:
        """The bits that turn over in LEN of the answer to this command."""
        if self.at not in (None, code):
            return 0
        mask, self.wrong_length = self.wrong_length, 0
        return mask
