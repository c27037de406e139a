"""What can go wrong between a terminal and a contact card."""


class CardError(Exception):
    """The card session is over.

    `reason` is one of
    "REMOVED" (the card left the slot), "MUTE" (no answer to reset), "BAD_ATR" (an answer to reset that EMV Book 1,
    8.3 rejects), "TIMEOUT" (silent for longer than its waiting time), "COLLISION" (the I/O line did not carry
    what was sent), "PROTOCOL" (characters, blocks or status bytes that T=0 or T=1 does not allow).
    "RESYNCHED" alone leaves it open: a T=1 dialogue began anew outside of EMV's rules, and the command is lost.
    `detail` says where, what was expected and what was found; never data of a command, which may be a PIN.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
