"""The scenario's card, answering commands: it follows no book, it does what the scenario says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from ..device.kernel_signer import Chain
from .scenario import Application, Scenario
from .tlv import build

SIGNED = (0x8F, 0x90, 0x92, 0x93, 0x9F32, 0x9F46, 0x9F47, 0x9F48, 0x9F2D, 0x9F2E, 0x9F2F)
CRYPTOGRAM = bytes.fromhex("A1A2A3A4A5A6A7A8")


class ModelCard:
    """`transmit` takes a command APDU and returns data and SW."""

    def __init__(self, scenario: Scenario) -> None:
        self.data = scenario.card
        self.selected: Application | None = None
        self.next_match = 0
        self.pdol_values = b""
        self.cdol_values = b""
        self.generated = 0
        self.verified = 0
        self.scripts = 0
        self.number = b""
        self.records = self._records()

    def _records(self) -> dict[tuple[int, int], bytes]:
        objects = dict(self.data.objects)
        fault = self.data.record_fault
        if fault == "missing":
            del objects[0x8C]
        if fault == "length":
            objects[0x5F24] += b"\0"
        if fault == "month":
            objects[0x5F24] = b"\x30\x13\x01"
        body = b"".join(build(tag, value) for tag, value in objects.items())
        if fault == "twice":
            body += build(0x5A, objects[0x5A])
        first = build(0x61 if fault == "template" else 0x70, body)
        if fault == "tail":
            first += b"\x9f"
        found = {(1, 1): first + (b"\x6a\x83" if fault == "sw" else b"\x90\x00")}
        chain = self.data.chain
        if chain is not None:
            # Also with a tag list that no terminal takes: so that what refuses it is the list, and not a hash.
            static = body + (self.data.aip if objects.get(0x9F4A) else b"")
            values = {int(tag, 16): bytes.fromhex(value) for tag, value in chain.objects(static).items()}
            for number, tag in enumerate([tag for tag in SIGNED if tag in values], 1):
                found[2, number] = build(0x70, build(tag, values[tag])) + b"\x90\x00"
        return found

    def afl(self) -> bytes:
        """One signed record in file 1, the keys in file 2."""
        keys = len(self.records) - 1
        whole = b"\x08\x01\x01\x01" + (bytes([0x10, 1, keys, 0]) if keys else b"")
        changes = {
            "empty": b"",
            "short": whole[:-1],
            "sfi": b"\xf8\x01\x01\x00",
            "order": b"\x08\x02\x01\x00",
            "zero": b"\x08\x00\x01\x00",
            "signed": b"\x08\x01\x01\x02",
        }
        return changes.get(self.data.afl_fault, whole)

    def transmit(self, apdu: bytes) -> bytes:
        """The answer."""
        ins = apdu[1]
        data = apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
        if apdu[0] & 0x04:
            self.scripts += 1
            return self.data.script_sws[(self.scripts - 1) % len(self.data.script_sws)].to_bytes(2, "big")
        handlers: dict[int, Callable[[], bytes]] = {
            0xA4: lambda: self._select(data, apdu[3] == 0x02),
            0xB2: lambda: self._read(apdu[3] >> 3, apdu[2]),
            0xA8: lambda: self._options(data),
            0xCA: lambda: self._get_data(apdu[2] << 8 | apdu[3]),
            0x20: self._verify,
            0x84: lambda: self.data.challenge + b"\x90\x00",
            0x82: lambda: self.data.external_authenticate_sw.to_bytes(2, "big"),
            0x88: lambda: self._internal_authenticate(data),
            0xAE: lambda: self._generate(apdu[2], data),
        }
        return handlers[ins]()

    def _select(self, name: bytes, again: bool) -> bytes:
        if self.data.card_blocked:
            return b"\x6a\x81"
        if name == b"1PAY.SYS.DDF01":
            if self.data.directory == "":
                return b"\x6a\x82"
            inner = build(0x88, b"\x01") if self.data.directory != "malformed" else build(0x88, b"\x0b")
            status = b"\x62\x83" if self.data.directory == "blocked" else b"\x90\x00"
            self.selected = None
            return build(0x6F, build(0x84, name) + build(0xA5, inner)) + status
        matches = [app for app in self.data.applications if app.aid.startswith(name)]
        self.next_match = self.next_match + 1 if again else 0
        if self.next_match >= len(matches):
            return b"\x6a\x82"
        found = matches[self.next_match]
        self.selected = found
        sw = 0x6283 if found.blocked else 0x9000
        if name == found.aid and not again and found.select_sw != 0x9000 and not found.blocked:
            sw = found.select_sw
        if sw == 0x6A82:
            return b"\x6a\x82"
        inner = build(0x50, found.label) + build(0x87, bytes([found.priority]))
        if self.data.pdol is not None:
            inner += build(0x9F38, self.data.pdol)
        return build(0x6F, build(0x84, found.aid) + build(0xA5, inner)) + sw.to_bytes(2, "big")

    def _read(self, sfi: int, record: int) -> bytes:
        if self.selected is None:
            return self._directory_record(record)
        return self.records.get((sfi, record), b"\x6a\x83")

    def _directory_record(self, record: int) -> bytes:
        listed = [app for app in self.data.applications if app.listed] if self.data.directory != "empty" else []
        if record > len(listed):
            return b"\x6a\x83"
        app = listed[record - 1]
        entry = build(0x4F, app.aid) + build(0x50, app.label) + build(0x87, bytes([app.priority]))
        return build(0x70, build(0x61, entry)) + b"\x90\x00"

    def _options(self, data: bytes) -> bytes:
        assert self.selected is not None
        if self.selected.gpo_sw != 0x9000:
            return self.selected.gpo_sw.to_bytes(2, "big")
        self.pdol_values = data[2:] if data[1] < 0x80 else data[3:]
        if self.data.gpo_format == 0x80:
            return build(0x80, self.data.aip + self.afl()) + b"\x90\x00"
        return build(0x77, build(0x82, self.data.aip) + build(0x94, self.afl())) + b"\x90\x00"

    def _get_data(self, tag: int) -> bytes:
        value = self.data.counters.get(tag)
        return b"\x6a\x88" if value is None else build(tag, value) + b"\x90\x00"

    def _verify(self) -> bytes:
        self.verified += 1
        return self.data.pin_sws[(self.verified - 1) % len(self.data.pin_sws)].to_bytes(2, "big")

    def _signer(self) -> Chain:
        return self.data.chain or Chain()

    def _internal_authenticate(self, data: bytes) -> bytes:
        chain = self._signer()
        return build(0x80, chain.dynamic.make(chain.icc_key, data)) + b"\x90\x00"

    def _generate(self, p1: int, data: bytes) -> bytes:
        cid, form, sw = self.data.gac[min(self.generated, 1)]
        self.generated += 1
        self.cdol_values += data
        asked = p1 & 0xC0
        if cid == 0xFF:
            cid = asked
        elif cid == 0xFE:
            cid = {0x40: 0x80, 0x80: 0x00, 0x00: 0x00}[asked]
        if sw not in (0x9000, 0x6283):
            return sw.to_bytes(2, "big")
        return self._cryptogram(cid, form, bool(p1 & 0x10)) + sw.to_bytes(2, "big")

    def _cryptogram(self, cid: int, form: int, signature: bool) -> bytes:
        iad = bytes.fromhex("07010103A04002010A")
        fault = self.data.gac_fault
        if signature and cid & 0xC0 and not fault:
            return self._signed(bytes([cid]), iad)
        if form == 0x80:
            body = bytes([cid]) + b"\x00\x12" + CRYPTOGRAM + iad
            if fault == "short":
                body = body[:10]
            return build(0x77 if fault == "tag" else 0x80, body)
        parts = {"cid": build(0x9F27, bytes([cid])), "atc": build(0x9F36, b"\x00\x12"), "ac": build(0x9F26, CRYPTOGRAM)}
        if fault == "long ac":
            parts["ac"] = build(0x9F26, CRYPTOGRAM + b"\0")
        if fault.startswith("no "):
            del parts[fault[3:]]
        body = b"".join(parts.values()) + build(0x9F10, iad)
        if fault == "twice":
            body += build(0x9F36, b"\x00\x12")
        if fault == "short":
            body = body[:-1]
        return build(0x61 if fault == "tag" else 0x77, body)

    def _signed(self, cid: bytes, iad: bytes) -> bytes:
        how = self._signer().dynamic
        before = build(0x9F27, cid) + build(0x9F36, b"\x00\x12")
        after = build(0x9F10, iad) + (build(0x9F26, CRYPTOGRAM) if how.plain_cryptogram else b"")
        tdh = bytearray(hashlib.sha1(self.pdol_values + self.cdol_values + before + after).digest())
        tdh[0] ^= how.tdh_xor
        signed = how.make(self._signer().icc_key, self.number, bytes([cid[0] ^ how.cid_xor]) + CRYPTOGRAM + bytes(tdh))
        return build(0x77, before + (b"" if how.left_out else build(0x9F4B, signed)) + after)
