"""The chip as the card of a transaction: its records alone, or the whole EMV transaction around the answer of the host.

A sale may be approved by card and terminal alone, below the floor limit that the host has sent; everything else goes
online, or not at all.
"""

from emv.errors import EmvError
from emv.kernel import FOR_THE_APPLICATION, FOR_THE_CHECKS, Kernel

from terminal import card_data
from terminal.card_reader import exchange_with
from terminal.flows.card import CHIP, Card
from terminal.i18n import text
from terminal.money import price
from terminal.ui.dialogs import Stop
from terminal.unload import forget_if_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields
    from terminal.transaction import Transaction

TEXTS = {
    "TERMINATE": "card_terminated",
    "FORMAT": "card_format",
    "NOT_ACCEPTED": "card_not_accepted",
    "ISSUER_DATA": "answer_malformed",
}
"""What an EmvError means to a cashier, by its reason; every other one is a "card_fault"."""

_INPUTS = b"\x00\x82\x00\x9a\x00\x9c\x9f\x37\x9f\x33\x9f\x34"
"""What the journal keeps beside the cryptogram, so that the issuer can verify it later; two bytes a tag."""
_TRANSACTION_TYPES = {"refund": 0x20, "balance": 0x31}
"""9C; goods and services (00) for every other kind."""

_READ = FOR_THE_APPLICATION + (  # noqa: RUF005  MicroPython has no star in a tuple
    "iso7816.atr",
    "terminal.emv_config",
    "terminal.tables",
    "terminal.number_lists",
    "terminal.flows.choose_application",
    "terminal.ui.menu",
)
_CHECKED = FOR_THE_CHECKS + (  # noqa: RUF005  the same
    "terminal.flows.online_pin",
    "terminal.ui.pin_entry",
    "crypto.pinblock",
)
"""Modules that nothing needs any more when the card is read, and when it has signed."""


class ChipCard(Card):
    """The chip in the slot, powered up."""

    entry = CHIP

    def __init__(self, terminal: Terminal, kind: str, amount: int, stan: int) -> None:
        from terminal.emv_config import emv_config

        super().__init__(terminal, kind, amount, stan)

        async def exchange(apdu: bytes) -> bytes:
            return await exchange_with(terminal, apdu)

        self.kernel = Kernel(exchange, terminal.board.entropy, emv_config(terminal))

    async def read(self) -> None:
        """From the selection of an application to its last record. Raises Stop, EmvError."""
        from terminal.flows.choose_application import open_application

        kernel = self.kernel
        transaction_type = _TRANSACTION_TYPES.get(self.kind, 0)
        account = int(self.account_type, 16) if self.account_type else None
        await open_application(self, kernel, transaction_type, account)
        await kernel.read_records()
        forget_if_short(_READ)
        self.pan = card_data.card_number(kernel)
        self.expiry = card_data.expiry(kernel)
        self.track_2 = card_data.track_2(kernel)
        self.sequence_number = card_data.sequence_number(kernel)

    async def authenticate(self) -> None:
        """Is it genuine, may it be used here, who is holding it, what do terminal and card make of it?

        The PIN, if one is asked for, is a PIN block when this returns. Raises Stop, EmvError.
        """
        kernel, terminal = self.kernel, self.terminal
        await kernel.data_authentication()
        kernel.restrictions()
        cvm = await kernel.cardholder_verification(self.ask_pin)
        if self.pin_block is None:
            self.cvm = "NONE" if cvm == "NONE" else "SIGNATURE"
        await kernel.risk_management()
        amount = price(terminal.parameters, self.amount)
        terminal.screen.show(text(self.kind), amount, text("reading_card"), text("please_wait"))
        decision = await kernel.first_generate_ac()
        forget_if_short(_CHECKED)
        if decision == "AAC":
            raise Stop("card_declined")
        if decision == "TC":
            if self.kind != "sale":
                raise Stop("offline_refused")
            # The card and the terminal have agreed on it: the host is told of a sale, not asked for one.
            self.kind = "chip_offline"
            self.approved_offline = True
        self.signs = True

    def online_data(self) -> bytes:
        """F55 of the request; empty for a card that was only read."""
        return self.kernel.online_data() if self.signs else b""

    def describe(self, t: Transaction) -> None:
        """Application, and the cryptogram if there is one."""
        t.aid = self.kernel.tag("84")
        t.label = card_data.label(self.kernel)
        if self.signs:
            self._take(t, "TC" if self.approved_offline else "ARQC")

    async def approve(self, t: Transaction, answer: Fields) -> str:
        """The second GENERATE AC. Only a TC makes a transaction of it; see `Card.approve`."""
        if not self.signs:
            return ""
        try:
            final = await self.kernel.complete(t.response_code.encode(), _issuer_data(answer))
        except Stop as stop:
            return stop.why
        except EmvError as fault:
            if fault.reason == "ISSUER_DATA":
                await self.give_up()
            return TEXTS.get(fault.reason, "card_fault")
        self._take(t, final)
        return "" if final == "TC" else "card_declined"

    async def decline(self, t: Transaction, answer: Fields) -> None:
        """The same after a refusal: the card has nothing to say any more that could change the result."""
        if self.signs:
            try:
                self._take(t, await self.kernel.complete(t.response_code.encode(), _issuer_data(answer)))
            except (Stop, EmvError):
                pass

    async def give_up(self) -> None:
        """The same without an issuer; what comes of it changes nothing."""
        if self.signs:
            try:
                await self.kernel.complete(None, b"")
            except (Stop, EmvError):
                pass

    def _take(self, t: Transaction, cryptogram_type: str) -> None:
        """What the card's last cryptogram said and what the terminal has found so far."""
        kernel = self.kernel
        t.tvr = bytes(kernel.tvr)
        t.tsi = bytes(kernel.tsi)
        t.atc = kernel.tag("9F36")
        t.cryptogram_type = cryptogram_type
        t.cryptogram = kernel.tag("9F26")
        t.reversal_data = kernel.reversal_data()
        t.chip_inputs = kernel.online_data(_INPUTS)
        t.script_results = kernel.tag("9F5B")


def _issuer_data(answer: Fields) -> bytes:
    return bytes(answer.get(55, b""))  # type: ignore[arg-type]  # field 55 is bytes
