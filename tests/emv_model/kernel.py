"""The transaction as a whole (Book 3 section 8, figure 7), from the first SELECT to the last command."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .authentication import Authenticator, CaKey, Key, NotAuthentic
from .card import ModelCard
from .scenario import RID, Scenario
from .tables import APPROVALS, LENGTHS, MANDATORY, Tsi, Tvr
from .tlv import Malformed, constructed, dol_entries, fill, parse
from .verification import (
    Pins,
    cardholder,
    first_request,
    random_percentage,
    request_without_answer,
    restrictions,
    velocity,
)


class Ends(Exception):
    """The transaction ends here, with this outcome."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Dropped(Exception):
    """The card does not give this application now (Book 3 section 10.1)."""


@dataclass
class Candidate:
    """An application in common (Book 1 section 12.3)."""

    aid: bytes
    priority: int


class Model:
    """Runs one scenario; everything comparable is in `result()` afterwards, every command in `transcript`."""

    def __init__(self, scenario: Scenario) -> None:
        self.s = scenario
        self.card = ModelCard(scenario)
        self.transcript: list[bytes] = []
        self.tvr: set[Tvr] = set()
        self.tsi = 0
        self.known: dict[int, bytes] = {}
        self.outcome = ""
        self.must_reverse = False
        self.advice = False
        self.in_cvm = False  # also where the CVM List was broken off
        self.fallback = True
        self.drawn = 0
        self.icc_key: Key | None = None
        self.aid = b""
        self.remaining: list[Candidate] = []
        self.static = b""
        self.pdol_values = b""
        self.cdol_values = b""

    # The card and chance

    def send(
        self, cla: int, ins: int, p1: int, p2: int, data: bytes | None = None, le: bool = True
    ) -> tuple[bytes, int]:
        """One command (Book 1 section 9.4)."""
        apdu = bytes([cla, ins, p1, p2]) + (b"" if data is None else bytes([len(data)]) + data) + (b"\0" if le else b"")
        return self.raw(apdu)

    def raw(self, apdu: bytes) -> tuple[bytes, int]:
        """A command as it stands."""
        answer = self.card.transmit(apdu)
        self.transcript += [apdu, answer]
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def chance(self, count: int) -> bytes:
        """Unpredictable bytes."""
        self.drawn += count
        return self.s.entropy[self.drawn - count : self.drawn]

    # State

    def tvr_bytes(self) -> bytes:
        """Five bytes (Annex C5)."""
        value = bytearray(5)
        for bit in self.tvr:
            value[(bit >> 8) - 1] |= bit & 0xFF
        return bytes(value)

    def facts(self) -> dict[int, bytes]:
        """Everything known, TVR and TSI as they are now."""
        return {**self.known, 0x95: self.tvr_bytes(), 0x9B: bytes([self.tsi, 0])}

    def result(self) -> dict[str, object]:
        """What both kernels must agree on."""
        return {
            "outcome": self.outcome,
            "must_reverse": self.must_reverse,
            "advice": self.advice and self.outcome != "TERMINATED",
            "tvr": self.tvr_bytes(),
            "tsi": bytes([self.tsi, 0]),
            "cvm_results": self.known.get(0x9F34, b""),
            "response_code": self.known.get(0x8A, b""),
            "script_results": self.known.get(0x9F5B, b""),
            "commands": len(self.transcript) // 2,
            "diverged": None,
        }

    def run(self) -> Model:
        """The whole transaction."""
        try:
            self.transaction()
        except Ends as end:
            self.outcome = end.outcome
        except Malformed:
            self.outcome = "TERMINATED"
        if self.fallback and self.outcome in ("TERMINATED", "NOT_ACCEPTED"):
            self.outcome = "USE_STRIPE"
        return self

    def transaction(self) -> None:
        """Book 3 figure 7."""
        self.select()
        self.read_records()
        if self.s.kind == 0x20:
            self.known[0x8A] = b"Z1"
            self.generate(0x00, 0x8C)
            self.tsi |= Tsi.CARD_RISK_MANAGEMENT
            self.known[0x8A] = b"Z1"
            raise Ends("CARD_READ")
        self.data_authentication()
        self.tvr |= restrictions(self.known, self.s.terminal_type, self.s.additional, self.s.kind, self.s.other)
        self.cardholder_verification()
        self.risk_management()
        self.first_cryptogram()

    # Application selection (Book 1 section 12)

    def select(self) -> None:
        """Candidates, then final selection and GET PROCESSING OPTIONS until one works."""
        found = self.from_directory() or self.from_aids()
        # Section 12.4: by priority, those without one last, else in the order found.
        self.remaining = sorted(found, key=lambda candidate: candidate.priority & 15 or 16)
        if not self.remaining:
            raise Ends("NOT_ACCEPTED")
        while self.remaining:
            candidate = self.remaining[0]
            try:
                self.final_select(candidate)
                self.initiate()
            except Dropped:
                self.remaining.pop(0)
                continue
            return
        raise Ends("NOT_ACCEPTED")

    def select_command(self, name: bytes, again: bool = False) -> tuple[bytes, int]:
        """SELECT by name; 6283 means blocked, which forbids the stripe."""
        return self.send(0x00, 0xA4, 0x04, 0x02 if again else 0x00, name)

    def entry_for(self, name: bytes) -> bytes | None:
        """Section 12.3.1: equal, or longer where partial selection is allowed; the longest one counts."""
        fits = [aid for aid in self.s.aids if name == aid or (self.s.partial and name.startswith(aid))]
        return max(fits, key=len) if fits else None

    def from_directory(self) -> list[Candidate]:
        """Section 12.3.2."""
        data, sw = self.select_command(b"1PAY.SYS.DDF01")
        if sw == 0x6A81:
            self.fallback = False
            raise Ends("TERMINATED")
        if sw != 0x9000:
            return []
        sfi = dict(parse(dict(parse(dict(parse(data))[0x6F]))[0xA5]))[0x88][0]
        if not 1 <= sfi <= 10:
            return []
        found: list[Candidate] = []
        record = 1
        while True:
            data, sw = self.send(0x00, 0xB2, record, sfi << 3 | 4)
            if sw == 0x6A83:
                return found
            for tag, entry in parse(dict(parse(data))[0x70]):
                if tag == 0x61:
                    fields = dict(parse(entry))
                    if self.entry_for(fields[0x4F]) is not None:
                        found.append(Candidate(fields[0x4F], fields[0x87][0]))
            record += 1

    def from_aids(self) -> list[Candidate]:
        """Section 12.3.3."""
        found: list[Candidate] = []
        for aid in self.s.aids:
            data, sw = self.select_command(aid)
            while sw in (0x9000, 0x6283):
                if sw == 0x6283:
                    self.fallback = False
                fci = dict(parse(dict(parse(data))[0x6F]))
                name = fci[0x84]
                if name != aid and not self.s.partial:
                    break
                if sw == 0x9000 and all(name != other.aid for other in found):
                    found.append(Candidate(name, dict(parse(fci[0xA5]))[0x87][0]))
                if name == aid:
                    break
                data, sw = self.select_command(aid, True)
        return found

    def final_select(self, candidate: Candidate) -> None:
        """Section 12.4."""
        data, sw = self.select_command(candidate.aid)
        if sw == 0x6283:
            self.fallback = False
        if sw != 0x9000:
            raise Dropped
        fci = dict(parse(dict(parse(data))[0x6F]))
        self.known = dict(parse(fci[0xA5]))
        if fci[0x84] != candidate.aid:
            raise Dropped
        self.aid = candidate.aid

    # Initiate application processing (Book 3 section 10.1)

    def initiate(self) -> None:
        """The terminal's data elements, GET PROCESSING OPTIONS."""
        s = self.s
        self.fallback = False
        self.tvr, self.tsi = set(), 0
        terminal = {
            0x9A: s.date,
            0x9C: bytes([s.kind]),
            0x5F2A: b"\x01\x56",
            0x9F02: bytes.fromhex(f"{s.amount:012}"),
            0x9F03: bytes.fromhex(f"{s.other:012}"),
            0x81: s.amount.to_bytes(4, "big"),
            0x9F09: s.version,
            0x9F1A: b"\x01\x56",
            0x9F33: s.capabilities,
            0x9F35: bytes([s.terminal_type]),
            0x9F37: self.chance(4),
            0x9F40: s.additional,
            0x9F34: b"\x3f\0\0",
        }
        if s.account_type is not None:
            terminal[0x5F57] = bytes([s.account_type])
        self.known = {**self.known, **terminal}
        self.card.number = self.known[0x9F37]
        self.pdol_values = fill(self.known.get(0x9F38, b""), self.facts())
        data, sw = self.send(0x80, 0xA8, 0, 0, b"\x83" + bytes([len(self.pdol_values)]) + self.pdol_values)
        if sw == 0x6985:
            raise Dropped
        if sw != 0x9000:
            raise Ends("TERMINATED")
        (form, value), *_ = parse(data)
        if form == 0x80:
            if len(value) < 6:
                raise Malformed
            self.take(0x82, value[:2])
            self.take(0x94, value[2:])
        else:
            for tag, inner in parse(value):
                self.take(tag, inner)

    def take(self, tag: int, value: bytes) -> None:
        """Book 3 section 7.5: lengths are checked, the second occurrence is an error."""
        least, most = LENGTHS.get(tag, (0, 255))
        if tag in self.known or not least <= len(value) <= most:
            raise Malformed
        self.known[tag] = value

    # Read application data (section 10.2)

    def read_records(self) -> None:
        """Every record of the AFL."""
        afl = self.known[0x94]
        if not afl or len(afl) % 4:
            raise Malformed
        entries = [(afl[i] >> 3, *afl[i + 1 : i + 4]) for i in range(0, len(afl), 4)]
        for sfi, first, last, signed in entries:
            if not 1 <= sfi <= 30 or not 1 <= first <= last or signed > last - first + 1:
                raise Malformed
        for sfi, first, last, signed in entries:
            for record in range(first, last + 1):
                data, sw = self.send(0x00, 0xB2, record, sfi << 3 | 4)
                if sw != 0x9000:
                    raise Malformed
                outer = parse(data)
                if len(outer) != 1 or outer[0][0] != 0x70:
                    raise Malformed
                body = outer[0][1]
                for tag, value in parse(body):
                    if not constructed(tag):
                        self.take(tag, value)
                if record - first < signed:
                    self.static += body
        if any(tag not in self.known for tag in MANDATORY):
            raise Malformed
        for tag in (0x5F24, 0x5F25):
            text = self.known.get(tag, b"\x26\x01\x01").hex()
            if not text.isdecimal() or not 1 <= int(text[2:4]) <= 12 or not 1 <= int(text[4:]) <= 31:
                raise Malformed

    # Offline data authentication (section 10.3)

    def authenticator(self) -> Authenticator:
        """The card's data against the terminal's keys."""
        chain_key = self.card._signer().ca_key
        ca = CaKey(RID, self.s.ca_index, (chain_key.modulus, chain_key.exponent, chain_key.size), self.s.ca_expiry)
        revoked = {self.s.revoked} if self.s.revoked else set()
        return Authenticator(self.known, self.aid, self.s.date, [ca], revoked, self.static)

    def method(self) -> str:
        """CDA, DDA, SDA in this order, as far as AIP and 9F33 byte 3 have them."""
        aip, able = self.known[0x82][0], self.s.capabilities[2]
        for name, card_bit, terminal_bit in (("CDA", 0x01, 0x08), ("DDA", 0x20, 0x40), ("SDA", 0x40, 0x80)):
            if aip & card_bit and able & terminal_bit:
                return name
        return ""

    def data_authentication(self) -> None:
        """The method, its failure, and the TSI."""
        method = self.method()
        if not method:
            self.tvr.add(Tvr.ODA_NOT_PERFORMED)
            return
        oda = self.authenticator()
        failed = {"SDA": Tvr.SDA_FAILED, "DDA": Tvr.DDA_FAILED, "CDA": Tvr.CDA_FAILED}[method]
        try:
            if method == "SDA":
                self.tvr.add(Tvr.SDA_SELECTED)
                oda.sda()
            else:
                self.icc_key = oda.icc_key()
                if method == "CDA":
                    return
                self.dda(oda)
        except NotAuthentic as why:
            self.tvr.add(failed)
            if why.missing:
                self.tvr.add(Tvr.ICC_DATA_MISSING)
        self.tsi |= Tsi.DATA_AUTHENTICATION

    def dda(self, oda: Authenticator) -> None:
        """Book 2 section 6.5: the DDOL of the card, else of the payment system; it must name 9F37."""
        ddol = self.known.get(0x9F49, self.s.ddol)
        try:
            named = any(tag == 0x9F37 for tag, _ in dol_entries(ddol))
        except Malformed:
            raise NotAuthentic from None
        if not named:
            raise NotAuthentic
        values = fill(ddol, self.facts())
        data, sw = self.send(0x00, 0x88, 0, 0, values)
        if sw != 0x9000:
            raise Ends("TERMINATED")
        assert self.icc_key is not None
        oda.dynamic(parse(data)[0][1], self.icc_key, values)

    # Cardholder verification (section 10.5)

    def cardholder_verification(self) -> None:
        """The CVM List, with PINs as the scenario has them."""
        if self.known[0x82][0] & 0x10 and 0x8E in self.known:
            size = len(self.known[0x8E])
            if size < 8 or size % 2:
                raise Malformed
        online = list(self.s.online_pins)
        self.offline_entries = list(self.s.offline_pins)

        def ask_online() -> str:
            return "entered" if online.pop(0) else "bypassed"

        pins = Pins(ask_online, self.offline_pin, self.s.bypass_once)
        s = self.s
        self.in_cvm = True
        done = cardholder(self.known, s.terminal_type, s.capabilities, s.kind, s.amount, s.other, pins)
        self.in_cvm = False
        self.tvr |= done.tvr
        self.known[0x9F34] = done.results
        if done.performed:
            self.tsi |= Tsi.CARDHOLDER_VERIFICATION

    def offline_pin(self, enciphered: bool) -> tuple[str, set[Tvr]]:
        """Section 10.5.1 and Book 2 section 7."""
        if not self.s.pin_pad:
            return "failed", {Tvr.NO_PIN_PAD}
        tries = self.get_data(0x9F17, 1)
        if tries == b"\0":
            return "failed", {Tvr.PIN_TRIES_EXCEEDED}
        key = None
        if enciphered:
            try:
                key = self.icc_key if self.icc_key and 0x9F2D not in self.known else self.authenticator().pin_key()
            except NotAuthentic:
                return "failed", set()
        while True:
            pin = self.offline_entries.pop(0) if self.offline_entries else None
            if pin is None:
                return "bypassed", {Tvr.PIN_NOT_ENTERED}
            block = bytes.fromhex(f"2{len(pin):X}" + pin.decode().ljust(14, "F"))
            if key is None:
                _, sw = self.send(0x00, 0x20, 0x00, 0x80, block, False)
            else:
                challenge, sw = self.send(0x00, 0x84, 0, 0)
                if sw != 0x9000 or len(challenge) != 8:
                    return "failed", set()
                modulus, exponent, size = key
                plain = b"\x7f" + block + challenge + self.chance(size - 17)
                number = pow(int.from_bytes(plain, "big"), exponent, modulus)
                _, sw = self.send(0x00, 0x20, 0x00, 0x88, number.to_bytes(size, "big"), False)
            if sw == 0x9000:
                return "verified", set()
            if sw in (0x63C0, 0x6983, 0x6984):
                return "failed", {Tvr.PIN_TRIES_EXCEEDED}
            if sw & 0xFFF0 != 0x63C0:
                raise Ends("TERMINATED")

    def get_data(self, tag: int, size: int) -> bytes | None:
        """GET DATA; None if the card does not give it in the right size."""
        data, sw = self.send(0x80, 0xCA, tag >> 8, tag & 0xFF)
        if sw != 0x9000:
            return None
        value = dict(parse(data)).get(tag)
        return value if value is not None and len(value) == size else None

    # Terminal risk management (section 10.6)

    def risk_management(self) -> None:
        """Exception file, forced online, floor limit with split sales, random selection, velocity."""
        s = self.s
        if s.is_listed:
            self.tvr.add(Tvr.ON_EXCEPTION_FILE)
        if s.force_online:
            self.tvr.add(Tvr.FORCED_ONLINE)
        if s.amount + s.last_amount >= s.floor_limit:
            self.tvr.add(Tvr.FLOOR_LIMIT)
        if s.terminal_type & 0x0F in (2, 5) and s.amount < s.floor_limit:
            percent = random_percentage(s.amount, s.floor_limit, s.threshold, s.target, s.most)
            if percent and int.from_bytes(self.chance(4), "big") % 99 + 1 <= percent:
                self.tvr.add(Tvr.RANDOM)
        if 0x9F14 in self.known and 0x9F23 in self.known:
            atc, last = self.get_data(0x9F36, 2), self.get_data(0x9F13, 2)
            self.known |= {tag: value for tag, value in ((0x9F36, atc), (0x9F13, last)) if value is not None}
            self.tvr |= velocity(self.known, atc, last)
        self.tsi |= Tsi.TERMINAL_RISK_MANAGEMENT

    # Action analysis and cryptograms (sections 10.7 to 10.11)

    def note_tdol(self, cdol: int) -> None:
        """Section 9.2.2: a TC hash is wanted and the card has no TDOL."""
        if 0x97 not in self.known and any(tag == 0x98 for tag, _ in dol_entries(self.known[cdol])):
            self.tvr.add(Tvr.DEFAULT_TDOL)

    def first_cryptogram(self) -> None:
        """Section 10.7, first GENERATE AC, and what its answer leads to."""
        s = self.s
        self.note_tdol(0x8C)
        request = first_request(self.known, s.terminal_type, self.tvr_bytes(), s.tacs)
        if request != 0x80:
            self.known[0x8A] = b"Y1" if request == 0x40 else b"Z1"
        answer = self.generate(request, 0x8C, request == 0x40 or s.cda_mode in (1, 2))
        self.tsi |= Tsi.CARD_RISK_MANAGEMENT
        if answer != 0x00 and self.icc_key and Tvr.CDA_FAILED in self.tvr:
            # Book 2 section 6.6.2: a TC is declined, an ARQC is closed with an AAC.
            if answer == 0x80:
                self.known[0x8A] = b"Z1"
                self.second(0x00, True)
            answer = 0x00
        if answer == 0x80:
            self.known.pop(0x8A, None)
            self.online()
            return
        self.known[0x8A] = b"Y1" if answer == 0x40 else b"Z1"
        if answer == 0x40:
            raise Ends("APPROVED_OFFLINE")
        raise Ends("NOT_ACCEPTED" if self.known[0x9F27][0] & 7 == 1 else "DECLINED")

    def generate(self, request: int, cdol: int, signature: bool = False) -> int:
        """Section 6.5.5: the request, the two formats, and which answers are legal (section 9.3)."""
        self.note_tdol(cdol)
        known = self.facts()
        if any(tag == 0x98 for tag, _ in dol_entries(self.known[cdol])):
            known[0x98] = hashlib.sha1(fill(self.known.get(0x97, self.s.tdol), known)).digest()
        signature = (
            signature
            and request != 0x00
            and self.method() == "CDA"
            and self.icc_key is not None
            and Tvr.CDA_FAILED not in self.tvr
        )
        values = fill(self.known[cdol], known)
        data, sw = self.send(0x80, 0xAE, request | (0x10 if signature else 0), 0, values)
        self.cdol_values += values
        if sw != 0x9000:
            raise Ends("TERMINATED")
        found = self.cryptogram_answer(data, signature)
        answer = found[0x9F27][0] & 0xC0
        order = {0x00: 0, 0x80: 1, 0x40: 2}
        if answer not in order or order[answer] > order[request]:
            raise Ends("TERMINATED")
        signed = found.pop(0x9F4B, None)
        self.known.pop(0x9F10, None)
        self.known |= found
        self.advice = bool(found[0x9F27][0] & 0x08)
        if signature and answer != 0x00:
            self.tsi |= Tsi.DATA_AUTHENTICATION
            try:
                self.check_cda(data, signed, found[0x9F27])
            except NotAuthentic:
                self.tvr.add(Tvr.CDA_FAILED)
        return answer

    @staticmethod
    def cryptogram_answer(data: bytes, signature: bool) -> dict[int, bytes]:
        """Template 80 or 77 of GENERATE AC."""
        outer = parse(data)
        if len(outer) != 1 or outer[0][0] not in (0x80, 0x77):
            raise Malformed
        form, body = outer[0]
        if form == 0x80:
            if not 11 <= len(body) <= 43:
                raise Malformed
            parts = {0x9F27: body[:1], 0x9F36: body[1:3], 0x9F26: body[3:11]}
            return parts | ({0x9F10: body[11:]} if len(body) > 11 else {})
        objects = parse(body)
        found = dict(objects)
        if len(found) != len(objects) or 0x9F27 not in found or 0x9F36 not in found:
            raise Malformed
        sizes = {0x9F27: 1, 0x9F36: 2, 0x9F26: 8}
        if any(len(found[tag]) != size for tag, size in sizes.items() if tag in found):
            raise Malformed
        if 0x9F26 not in found and not (signature and found[0x9F27][0] & 0xC0):
            raise Malformed
        return {tag: value for tag, value in found.items() if tag in (0x9F10, 0x9F26, 0x9F27, 0x9F36, 0x9F4B)}

    def check_cda(self, data: bytes, signed: bytes | None, cid: bytes) -> None:
        """Book 2 section 6.6.2."""
        if signed is None or self.icc_key is None:
            raise NotAuthentic
        rest = Authenticator.dynamic(signed, self.icc_key, self.known[0x9F37], 29)
        if rest[:1] != cid:
            raise NotAuthentic
        # Everything of the answer but the signature itself, in its order, as it came.
        body = parse(data)[0][1]
        at = body.find(b"\x9f\x4b")
        size = 3 + body[at + 2] if body[at + 2] < 0x80 else 4 + body[at + 3]
        hashed = hashlib.sha1(self.pdol_values + self.cdol_values + body[:at] + body[at + size :]).digest()
        if rest[9:29] != hashed:
            raise NotAuthentic

    def second(self, request: int, online: bool) -> int:
        """Second GENERATE AC: an ARQC is illegal, a TC with a wrong signature is a decline."""
        answer = self.generate(request, 0x8D, not online or self.s.cda_mode in (1, 4))
        if answer == 0x80:
            raise Ends("TERMINATED")
        return 0x00 if self.icc_key and Tvr.CDA_FAILED in self.tvr else answer

    # Online processing, scripts, completion (sections 10.9 to 10.11)

    def online(self) -> None:
        """The issuer's answer, or none."""
        if self.s.issuer is None:
            self.without_answer()
            return
        code, data = self.s.issuer
        approved = code in APPROVALS
        self.must_reverse = approved
        try:
            objects = parse(data)
        except Malformed:
            self.without_answer()
            return
        proofs = [value for tag, value in objects if tag == 0x91]
        if len(proofs) > 1 or any(not 8 <= len(proof) <= 16 for proof in proofs):
            self.without_answer()
            return
        if proofs:
            self.known[0x91] = proofs[0]
        scripts = [(tag, value) for tag, value in objects if tag in (0x71, 0x72)]
        self.results = [bytes(1) + self.script_identifier(value) for _, value in scripts]
        self.tell_results()
        self.known[0x8A] = code
        if proofs and self.known[0x82][0] & 0x04:
            _, sw = self.send(0x00, 0x82, 0, 0, proofs[0], False)
            self.tsi |= Tsi.ISSUER_AUTHENTICATION
            if sw != 0x9000:
                self.tvr.add(Tvr.ISSUER_AUTHENTICATION_FAILED)
        self.scripts(scripts, 0x71)
        answer = self.second(0x40 if approved else 0x00, True)
        self.must_reverse = approved and answer != 0x40
        self.scripts(scripts, 0x72)
        raise Ends("APPROVED_ONLINE" if answer == 0x40 else "DECLINED")

    def without_answer(self) -> None:
        """Book 4 section 12.2.1 with the Default action codes."""
        request = request_without_answer(self.known, self.s.terminal_type, self.tvr_bytes(), self.s.tacs[2])
        self.known[0x8A] = b"Y3" if request == 0x40 else b"Z3"
        answer = self.second(request, False)
        raise Ends("APPROVED_OFFLINE" if answer == 0x40 else "DECLINED")

    @staticmethod
    def script_identifier(script: bytes) -> bytes:
        """9F18, or zeros; what stands before a malformed object still counts."""
        for end in range(len(script), -1, -1):
            try:
                objects = parse(script[:end])
            except Malformed:
                continue
            return next((value for tag, value in objects if tag == 0x9F18 and len(value) == 4), bytes(4))
        return bytes(4)

    def tell_results(self) -> None:
        """9F5B (Book 4 Annex A5)."""
        if self.results:
            self.known[0x9F5B] = b"".join(self.results)

    def scripts(self, scripts: list[tuple[int, bytes]], template: int) -> None:
        """Section 10.10: a failing command ends its script and no other."""
        for number, (tag, script) in enumerate(scripts):
            if tag != template:
                continue
            self.tsi |= Tsi.SCRIPT_PROCESSING
            result = self.run_script(script)
            self.results[number] = bytes([result]) + self.results[number][1:]
            self.tell_results()
            if result != 0x20:
                self.tvr.add(Tvr.SCRIPT_FAILED_BEFORE if template == 0x71 else Tvr.SCRIPT_FAILED_AFTER)

    def run_script(self, script: bytes) -> int:
        """The first byte of a result."""
        try:
            commands = [value for tag, value in parse(script) if tag == 0x86]
        except Malformed:
            return 0x00
        for number, command in enumerate(commands, 1):
            _, sw = self.raw(command)
            if sw >> 8 not in (0x90, 0x62, 0x63):
                return 0x10 | min(number, 15)
        return 0x20 if commands else 0x00
