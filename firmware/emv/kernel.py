"""The kernel: one contact transaction, phase by phase, in the order of EMV Book 3 section 8 (Figure 7).

Each phase is a module of its own that is imported when it begins. So a board that is short of memory may forget the
modules of the phases that are over: `FOR_THE_APPLICATION` once the records are read, `FOR_THE_CHECKS` after the first
GENERATE AC; the second one loads some of these again.
"""

from micropython import const

from emv.bits import AC_AAC, AC_ARQC, AC_TC, CID_ADVICE_REQUIRED, TSI_CARD_RISK_MANAGEMENT, raise_bit
from emv.config import Config
from emv.errors import EmvError
from emv.trace import Trace
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.cvm import AskOnlinePin
    from emv.offline_pin import AskOfflinePin
    from emv.risk import IsListed, LastAmount
    from emv.selection import Candidate
    from emv.transaction import Entropy, Exchange

_CID = const(0x9F27)  # Cryptogram Information Data
_RESPONSE_CODE = const(0x8A)  # Authorisation Response Code

FOR_THE_APPLICATION = ("emv.selection", "emv.language", "emv.initiate", "emv.records")
FOR_THE_CHECKS = (
    "emv.sda",
    "emv.dda",
    "emv.cda",
    "emv.signed_dynamic_data",
    "emv.certificates",
    "emv.capk",
    "emv.restrictions",
    "emv.dates",
    "emv.cvm",
    "emv.offline_pin",
    "emv.risk",
    "emv.action",
    "emv.generate_ac",
    "emv.oda",
    "emv.dol",
    "emv.command",
    "crypto.rsa",
    "crypto.sha1",
)

# Phases, as steps of a ladder. The four checks between the records and the cryptogram may come in any order.
_IDLE = const(0)
_SELECTED = const(1)
_INITIATED = const(2)
_READ = const(3)
_ARQC = const(4)
_DONE = const(5)

_DATA_AUTHENTICATION = const(1)
_RESTRICTIONS = const(2)
_CARDHOLDER = const(4)
_RISK = const(8)
_ALL_CHECKS = const(15)


class Kernel(Transaction):
    """Runs one transaction after the other over `exchange`. Every method raises EmvError (see `errors`).

    exchange: async, takes a command APDU, returns response data, SW1, SW2, with 61xx and 6Cxx dealt with; what it
    raises (a pulled card) passes through. entropy: takes a number, returns as many unpredictable bytes.

    `trace.listener` may receive a record of each step (see `emv.trace`). `fallback_allowed`: if the card goes no
    further than this, the stripe may be used instead: up to the final SELECT, and never if the card or one of its
    applications is blocked (payment system rules for fallback; a chip that stays mute is the terminal's to judge).
    A refund (9C 20) and what else needs no cryptogram of consent ends after the records with `request_aac`.
    """

    def __init__(self, exchange: Exchange, entropy: Entropy, config: Config) -> None:
        super().__init__(exchange, entropy, config)
        self.remaining: list[Candidate] = []
        self.trace = Trace(self)
        self._phase = _IDLE
        self._checks = 0
        self._candidate: Candidate | None = None

    async def candidates(self) -> list[Candidate]:
        """Begin: the applications in common, best first. `remaining` is the same list; dropped ones leave it.

        Raises "NOT_ACCEPTED" if there is none, "TERMINATE" if the card is blocked.
        """
        from emv import selection

        self.clear()
        self.languages = b""
        self.fallback_allowed = True
        self._phase = _IDLE
        with self.trace.step("candidates"):
            self.remaining = await selection.candidates(self)
            if not self.remaining:
                raise EmvError("NOT_ACCEPTED", "no application in common")
        return self.remaining

    async def select(self, candidate: Candidate) -> bool:
        """Final SELECT. False: the card no longer gives this application; it is dropped, try another of `remaining`."""
        from emv import selection

        self._phase = _IDLE
        with self.trace.step("select"):
            if await selection.select(self, candidate):
                self._candidate = candidate
                self._phase = _SELECTED
                return True
            self.why = "dropped"
        self._drop(candidate)
        return False

    def language(self, supported: "tuple[str, ...]") -> str | None:
        """The cardholder's language among `supported` (such as "zh"), None if the cardholder must choose.

        From the first answer of the card on; after `select` the application's preference counts.
        """
        from emv.language import preferred

        return preferred(self, supported)

    async def initiate(
        self,
        amount: int,
        other: int,
        tx_type: int,
        date: bytes,
        time: bytes,
        stan: int,
        account_type: int | None = None,
    ) -> None:
        """GET PROCESSING OPTIONS. Amounts in minor units (`amount` includes `other`; zero is allowed), tx_type is 9C:
        00 goods and services, 01 cash, 09 with cashback, 20 refund; date YYMMDD and time HHMMSS in BCD (3 bytes each),
        stan up to 8 digits; account_type is 5F57: 00 default, 10 savings, 20 cheque or debit, 30 credit.

        Raises "RESELECT" if the card refuses this application now: it is dropped, select another of `remaining`.
        """
        from emv import initiate

        self._require(_SELECTED)
        self._phase = _IDLE
        self.fallback_allowed = False
        with self.trace.step("initiate"):
            initiate.begin(self, amount, other, tx_type, date, time, stan, account_type)
            try:
                await initiate.get_processing_options(self)
            except EmvError as error:
                if error.reason == "RESELECT" and self._candidate is not None:
                    self._drop(self._candidate)
                raise
        self._phase = _INITIATED

    async def read_records(self) -> None:
        """Read application data: every record that the AFL names."""
        from emv import records

        self._require(_INITIATED)
        self._phase = _IDLE
        with self.trace.step("read_records"):
            await records.read_records(self)
        self._phase = _READ
        self._checks = 0

    async def data_authentication(self) -> None:
        """Offline data authentication: SDA, DDA, or the keys for CDA."""
        from emv import oda

        self._begin_check(_DATA_AUTHENTICATION)
        with self.trace.step("data_authentication"):
            await oda.data_authentication(self)

    def restrictions(self) -> None:
        """Processing restrictions: version, usage, dates."""
        from emv import restrictions

        self._begin_check(_RESTRICTIONS)
        with self.trace.step("restrictions"):
            restrictions.check_restrictions(self)

    async def cardholder_verification(
        self, ask_online_pin: AskOnlinePin, ask_offline_pin: AskOfflinePin | None = None
    ) -> str:
        """Walk the CVM List. `ask_online_pin`: async, True if the PIN was entered, False if it was bypassed.

        ask_offline_pin: async, gets the tries left (-1: unknown), gives the ASCII digits in a bytearray, which the
        kernel overwrites, or None if bypassed; it is called again after a wrong PIN. Without it there is no PIN pad.
        Returns "ONLINE_PIN", "OFFLINE_PIN", "SIGNATURE", "NONE" or "FAILED", see `emv.cvm.verify`.
        """
        from emv import cvm

        self._begin_check(_CARDHOLDER)
        with self.trace.step("cardholder_verification"):
            return await cvm.verify(self, ask_online_pin, ask_offline_pin)

    async def risk_management(
        self, last_amount: LastAmount | None = None, is_listed: IsListed | None = None, force_online: bool = False
    ) -> None:
        """Terminal risk management.

        Both callbacks get PAN (5A) and sequence number (5F34, may be empty). last_amount: minor units of the last
        logged transaction with this card, for split sales (Book 3 section 10.6.1), 0 if there is none; is_listed:
        whether the exception file has the card; force_online: the attendant wants it so.
        """
        from emv import risk

        self._begin_check(_RISK)
        with self.trace.step("risk_management"):
            await risk.manage_risk(self, last_amount, is_listed, force_online)

    async def first_generate_ac(self) -> str:
        """Action analysis and first GENERATE AC. Returns what came of it: "ARQC", "TC" or "AAC".

        "AAC" is also a TC or ARQC whose CDA signature is wrong; such an ARQC is closed with an AAC here (Book 2 6.6.2).
        """
        from emv.action import first_request
        from emv.generate_ac import note_default_tdol

        self._require(_READ)
        if self._checks != _ALL_CHECKS:
            raise EmvError("SEQUENCE", "first GENERATE AC before all checks (%d of 15 done)" % self._checks)
        self._phase = _DONE
        self.signed_records = []
        with self.trace.step("first_generate_ac"):
            note_default_tdol(self)
            return await self._first(first_request(self))

    async def request_aac(self) -> str:
        """Ends the transaction after the records with an AAC, without action analysis: a refund, or the terminal gives
        the transaction up. Returns "AAC"."""
        self._require(_READ)
        self._phase = _DONE
        with self.trace.step("request_aac"):
            return await self._first(AC_AAC)

    async def _first(self, request: int) -> str:
        from emv import generate_ac

        if request != AC_ARQC:
            self.data[_RESPONSE_CODE] = b"Y1" if request == AC_TC else b"Z1"
        answer = await generate_ac.first(self, request)
        raise_bit(self.tsi, TSI_CARD_RISK_MANAGEMENT)
        if answer != AC_AAC and generate_ac.signature_failed(self):
            if answer == AC_ARQC:
                self.data[_RESPONSE_CODE] = b"Z1"
                await generate_ac.second(self, AC_AAC)
            answer = AC_AAC
        elif answer != request:
            self.why += ", the card answers %02X" % answer
        if answer == AC_ARQC:
            self.data.pop(_RESPONSE_CODE, None)
            self._phase = _ARQC
            return "ARQC"
        self.data[_RESPONSE_CODE] = b"Y1" if answer == AC_TC else b"Z1"
        return "TC" if answer == AC_TC else "AAC"

    def online_data(self, tags: bytes | None = None) -> bytes:
        """DE 55 of the request: those of `tags` (two bytes each; None: a sale's) that there are, as TLV objects."""
        from emv import online

        return online.build(self, online.SALE if tags is None else tags)

    def reversal_data(self) -> bytes:
        """DE 55 of a reversal."""
        from emv import online

        return online.build(self, online.REVERSAL)

    async def complete(self, arc: bytes | None, issuer_data: bytes) -> str:
        """Issuer authentication, scripts, second GENERATE AC. Returns "TC" or "AAC"; look at `must_reverse` then.

        arc: the two characters of F39, None if the terminal could not go online; issuer_data: DE 55 of the answer.
        Raises "ISSUER_DATA" before any command if the answer is malformed: call again with None and b"".
        """
        from emv import completion

        self._require(_ARQC)
        self._phase = _DONE
        with self.trace.step("complete"):
            if arc is None:
                answer = await completion.complete_without_answer(self)
            else:
                try:
                    answer = await completion.complete_online(self, arc, issuer_data)
                except EmvError as error:
                    if error.reason == "ISSUER_DATA":
                        self._phase = _ARQC
                    raise
        return "TC" if answer == AC_TC else "AAC"

    def tag(self, name: str) -> bytes:
        """The value of a data element by its tag in hexadecimal, empty if there is none."""
        return bytes(self.data.get(int(name, 16), b""))

    def reason_code(self) -> int:
        """CID, bits 3-1: 1 service not allowed, 2 PIN tries exceeded, 3 issuer authentication failed (6.5.5.4)."""
        return self._cid() & 0x07

    def advice_required(self) -> bool:
        """Whether the CID asks for an advice message."""
        return self._cid() & CID_ADVICE_REQUIRED != 0

    def _cid(self) -> int:
        cid = self.data.get(_CID, b"\0")
        return cid[0]

    def _drop(self, candidate: Candidate) -> None:
        if candidate in self.remaining:
            self.remaining.remove(candidate)

    def _begin_check(self, check: int) -> None:
        """Each check once: a second walk of the CVM List would ask for the PIN again."""
        self._require(_READ)
        if self._checks & check:
            raise EmvError("SEQUENCE", "check %d a second time" % check)
        self._checks |= check

    def _require(self, phase: int) -> None:
        if self._phase != phase:
            raise EmvError("SEQUENCE", "expected phase %d, found %d" % (phase, self._phase))
