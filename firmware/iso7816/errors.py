"""What can go wrong between a terminal and a contact card."""


class CardError(Exception):
    """The card session is over.

    `reason` is one of
    "REMOVED" (the card left the slot), "MUTE" (no answer to reset), "BAD_ATR" (an answer to reset that EMV Book 1,
    8.3 rejects), "TIMEOUT" (silent for longer than the work waiting time), "COLLISION" (the I/O line did not carry
    what was sent), "PROTOCOL" (characters or status bytes that T=0 does not allow).
    `detail` says where, what was expected and what was found; never data of a command, which may be a PIN.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
