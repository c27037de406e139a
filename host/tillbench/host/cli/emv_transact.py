"""`tillbench emv transact`: a transaction through the device's kernel, told phase by phase. No PAN, no PIN, no data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from getpass import getpass

from tillbench.host.cards import load_profile
from tillbench.host.cards.expectation import tvr_names
from tillbench.host.cli.errors import Refused
from tillbench.host.emv_run import KernelProcess, Order, Parties, Result, Step, TerminalSetup
from tillbench.host.emv_run.card_guard import ForeignCard, command_name
from tillbench.host.emv_run.pcsc_slot import NoReader, PcscSlot
from tillbench.host.emv_run.reader_counter import ReaderCounter, terminal_for_any_card
from tillbench.host.emv_run.sale import WRONG_DIGITS, Counter, terminal_for
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import mask_pan

PHASES = {
    "candidates": "Application selection (Book 1, 12)",
    "select": "Final selection (Book 1, 12.4)",
    "initiate": "Initiate application processing (Book 3, 10.1)",
    "read_records": "Read application data (10.2)",
    "data_authentication": "Offline data authentication (10.3)",
    "restrictions": "Processing restrictions (10.4)",
    "cardholder_verification": "Cardholder verification (10.5)",
    "risk_management": "Terminal risk management (10.6)",
    "first_generate_ac": "Action analysis, first GENERATE AC (10.7, 10.8)",
    "request_aac": "Closing with an AAC",
    "complete": "Issuer authentication, scripts, completion (10.9 to 10.11)",
}
CRYPTOGRAMS = {0x00: "AAC", 0x40: "TC", 0x80: "ARQC"}
Say = Callable[[str], None]


class Narrator:
    """Stands between the kernel and the counter (`Parties`), and says what goes to the card: the command's name and
    what it is about, the size of the answer and its status word."""

    def __init__(self, parties: Parties, say: Say) -> None:
        self._parties = parties
        self._say = say
        self._lines: list[str] = []

    def step(self, step: Step) -> None:
        """A step is over: its title, its commands, what it changed."""
        self._say(PHASES.get(step.name, step.name))
        for line in self._lines:
            self._say("    " + line)
        self._lines.clear()
        before = tvr_names(step.before)
        new = [name for name in tvr_names(step.after) if name not in before]
        if new:
            self._say("  TVR + " + ", ".join(new))
        if step.why:
            self._say("  " + step.why)

    def reset(self, cold: bool) -> bytes:
        """See `Parties`."""
        atr = self._parties.reset(cold)
        self._say(f"{'Cold' if cold else 'Warm'} reset: {atr.hex(' ').upper() or 'no answer'}")
        return atr

    def apdu(self, command: bytes) -> bytes | None:
        """See `Parties`."""
        answer = self._parties.apdu(command)
        said = "no answer" if answer is None else f"{answer[-2:].hex().upper()}  {len(answer) - 2} bytes"
        self._lines.append(f"{described(command):48} {said}")
        return answer

    def choose(self, names: Sequence[tuple[bytes, str, bool]]) -> int | None:
        """See `Parties`."""
        for aid, label, confirm in names:
            self._say(f"  {aid.hex().upper()}  {label}{'  (to be confirmed)' if confirm else ''}")
        return self._parties.choose(names)

    def online_pin(self) -> bool:
        """See `Parties`."""
        entered = self._parties.online_pin()
        self._lines.append("PIN for the issuer " + ("entered" if entered else "not entered"))
        return entered

    def offline_pin(self, tries: int) -> str | None:
        """See `Parties`."""
        return self._parties.offline_pin(tries)

    def online(self, chip_data: bytes) -> tuple[str, bytes] | None:
        """See `Parties`."""
        answer = self._parties.online(chip_data)
        said = "no answer" if answer is None else f"code {answer[0]}, field 55 of {len(answer[1])} bytes"
        self._say(f"Online: field 55 of {len(chip_data)} bytes; {said}")
        return answer

    def entropy(self, count: int) -> bytes:
        """See `Parties`."""
        return self._parties.entropy(count)


def described(command: bytes) -> str:
    """A command in words; of its data only an AID."""
    ins, p1, p2 = command[1], command[2], command[3]
    name = command_name(ins)
    if ins == Ins.SELECT:
        aid = command[5 : 5 + command[4]]
        shown = aid.decode() if aid.isascii() and aid.decode().isprintable() else aid.hex().upper()
        return f"{name} {shown}{' (next)' if p2 == 2 else ''}"
    if ins == Ins.READ_RECORD:
        return f"{name} {p1} of file {p2 >> 3}"
    if ins == Ins.GET_DATA:
        return f"{name} {p1:02X}{p2:02X}"
    if ins == Ins.GENERATE_AC:
        return f"{name}, {CRYPTOGRAMS.get(p1 & 0xC0, '?')}{' with CDA' if p1 & 0x18 else ''}"
    if ins == Ins.VERIFY:
        return f"{name}, PIN {'enciphered' if p2 == 0x88 else 'in the clear'}"
    return name


def run_transaction(card: str | None, reader: str | None, order: Order, pin: str, line_up: bool, say: Say) -> Result:
    """One transaction, told to `say`; `pin` is right, wrong or none, and asked for where the card is in a reader.

    Raises Refused, ProfileError, NoMicroPython.
    """
    if (card is None) == (reader is None):
        raise Refused("expected one of --card NAME and --reader NAME")
    if reader is None:
        assert card is not None
        profile = load_profile(card)
        digits = {"right": profile.pin, "wrong": WRONG_DIGITS, "none": None}[pin]
        return run(Counter(profile, order, digits, line_up), terminal_for(profile), order, say)
    try:
        slot = PcscSlot(reader)
    except NoReader as error:
        raise Refused(f"--reader {reader}: {error}") from None
    try:
        return run(ReaderCounter(slot, order, ask_pin, line_up=line_up), terminal_for_any_card(), order, say)
    finally:
        slot.close()


def minor_units(option: str, amount: str) -> int:
    """ "12.34" as 1234. Raises Refused."""
    whole, point, cents = amount.partition(".")
    sound = amount.isascii() and whole.isdigit() and (not point or (len(cents) == 2 and cents.isdigit()))
    if not sound or len(whole) > 10:
        raise Refused(f"{option} {amount}: expected an amount such as 12.34, below 10,000,000,000.00")
    return int(whole) * 100 + int(cents or 0)


def ask_pin(prompt: str) -> str | None:
    """The PIN of a test card, not shown; an empty line is no entry."""
    try:
        digits = getpass(prompt + " (test cards only; empty: none): ")
    except EOFError:
        return None
    return digits if 4 <= len(digits) <= 12 and digits.isdecimal() else None


def run(parties: Parties, terminal: TerminalSetup, order: Order, say: Say) -> Result:
    """The transaction and its end. Raises Refused for a card that is none of ours."""
    narrator = Narrator(parties, say)
    with KernelProcess() as kernel:
        try:
            result = kernel.transact(terminal, order, narrator, narrator.step)
        except ForeignCard as error:
            raise Refused(f"{error}. Cards that are not the bench's are read, and no more") from None
    for line in ending(result):
        say(line)
    return result


def ending(result: Result) -> Iterator[str]:
    """How it ended, in words and in the data elements that tell."""
    data = result.data
    yield ""
    yield f"{result.outcome}: {result.reason}"
    if 0x5A in data:
        yield f"PAN            {mask_pan(data[0x5A].hex().upper().rstrip('F'))}"
    if 0x9F27 in data:
        yield f"Cryptogram     {CRYPTOGRAMS.get(data[0x9F27][0] & 0xC0, 'reserved type')}"
    for tag, name in ((0x95, "TVR"), (0x9B, "TSI"), (0x9F34, "CVM Results"), (0x9F5B, "Script results")):
        if data.get(tag):
            words = " ".join(tvr_names(data[tag])) if tag == 0x95 else ""
            yield f"{name:14} {data[tag].hex().upper()} {words}".rstrip()
    if 0x8A in data:
        yield f"Response code  {data[0x8A].decode('ascii', 'replace')}"
    if result.must_reverse:
        yield "A reversal is owed: the host approved, and nothing came of it"
    if result.advice:
        yield "The card asks for an advice"
