"""Kernels with one thing wrong each. `DECISIONS` decide wrongly; `STUBS` pass over one fault of the card.

The comparison with the model must find every one of them.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.host.emulator.micropython import UnixProcess, firmware_root
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.entropy import Entropy

from ..device.runner_rig import HERE, PROBES, UNIX_HEAP
from .compare import Case
from .scenario import make


@dataclass(frozen=True)
class Mutant:
    """In `file` of firmware/emv, the only occurrence of `old` becomes `new`."""

    name: str
    file: str
    old: str
    new: str

    def source(self) -> str:
        """The file with the change.

        Raises:
            ValueError: `old` is not there exactly once: the kernel has changed, and so must the mutant.
        """
        text = (firmware_root() / "emv" / self.file).read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"mutant {self.name}: {text.count(self.old)} times in {self.file}: {self.old}")
        return text.replace(self.old, self.new)


@contextmanager
def device(folder: Path, mutant: Mutant | None = None) -> Iterator[Bench]:
    """A device of its own with this kernel; the good one without a mutant."""
    paths: tuple[Path, ...] = PROBES
    if mutant is not None:
        changed = folder / mutant.name
        shutil.copytree(firmware_root() / "emv", changed / "emv", ignore=shutil.ignore_patterns("__pycache__"))
        (changed / "emv" / mutant.file).write_text(mutant.source())
        paths = (changed, *paths)
    bench = Bench(
        lambda: UnixProcess.start(HERE / "runner" / "device_main.py", paths=paths, heap=UNIX_HEAP, cwd=folder),
        Vaults(Entropy("mutants").stream("device")),
    )
    bench.power_on()
    try:
        yield bench
    finally:
        bench.power_off()


def first_difference(mutant: Mutant, folder: Path, cases: list[Case], most: int) -> int | None:
    """The number of the scenario that tells this mutant from the kernel; None if none of `most` does.

    `cases` keeps what is made on the way, for the next mutant.
    """
    with device(folder, mutant) as bench:
        for number in range(most):
            if number == len(cases):
                cases.append(Case(make(random.Random(number).choice)))
            try:
                if cases[number].differences(bench):
                    return number
            except DeviceError:
                return number  # the kernel falls over
    return None


DECISIONS = (
    Mutant("floor-limit-itself-passes", "risk.py", "together >= tx.aid.floor_limit", "together > tx.aid.floor_limit"),
    Mutant("no-split-sales", "risk.py", "together += last_amount(pan, sequence_number)", "pass"),
    Mutant(
        "lower-limit-itself-fails",
        "risk.py",
        "in_a_row > tx.data[_LOWER_LIMIT][0]",
        "in_a_row >= tx.data[_LOWER_LIMIT][0]",
    ),
    Mutant(
        "upper-limit-itself-fails",
        "risk.py",
        "in_a_row > tx.data[_UPPER_LIMIT][0]",
        "in_a_row >= tx.data[_UPPER_LIMIT][0]",
    ),
    Mutant(
        "velocity-with-one-limit",
        "risk.py",
        "_LOWER_LIMIT in tx.data and _UPPER_LIMIT in tx.data",
        "_LOWER_LIMIT in tx.data",
    ),
    Mutant("equal-counters-pass", "risk.py", "in_a_row <= 0", "in_a_row < 0"),
    Mutant("never-a-new-card", "risk.py", "if last_online == 0:", "if False:"),
    Mutant("random-from-0", "risk.py", "% 99 + 1 <= percent", "% 99 <= percent"),
    Mutant("random-without-bias", "risk.py", "percent += spread // (aid.floor_limit - aid.threshold)", "pass"),
    Mutant("random-for-all-terminals", "risk.py", "not (tx.config.online_only() or tx.config.offline_only()) and", ""),
    Mutant(
        "expired-on-its-last-day",
        "restrictions.py",
        "sortable(data[_EXPIRATION_DATE]) < today",
        "sortable(data[_EXPIRATION_DATE]) <= today",
    ),
    Mutant(
        "effective-from-the-next-day", "restrictions.py", "sortable(effective) > today", "sortable(effective) >= today"
    ),
    Mutant("domestic-is-foreign", "restrictions.py", "abroad = 0 if country", "abroad = 1 if country"),
    Mutant("cashback-not-controlled", "restrictions.py", "(kind == _TYPE_CASHBACK or tx.other)", "False"),
    Mutant(
        "place-not-controlled",
        "restrictions.py",
        "if not control[0] & (_AUC_ATM if tx.config.is_atm() else _AUC_OTHER_THAN_ATM):",
        "if False:",
    ),
    Mutant("one-century", "dates.py", "return number if date[0] >= 0x50 else number | 0x1000000", "return number"),
    Mutant("x-includes-itself", "cvm.py", "tx.amount > bound if condition & 1", "tx.amount >= bound if condition & 1"),
    Mutant("y-is-x", "cvm.py", "at = 0 if condition < 0x08 else 4", "at = 0"),
    Mutant("any-currency", "cvm.py", "if tx.data.get(_APPLICATION_CURRENCY) != tx.data[_CURRENCY]:", "if False:"),
    Mutant("a-failed-rule-always-continues", "cvm.py", "if not code & _APPLY_NEXT:", "if False:"),
    Mutant(
        "signature-counts-as-success",
        "cvm.py",
        '_result(tx, code, condition, _UNKNOWN)\n            return "SIGNATURE"',
        '_result(tx, code, condition, _SUCCESSFUL)\n            return "SIGNATURE"',
    ),
    Mutant("bypass-forgotten", "cvm.py", "bypassed = tx.config.bypass_once\n", "bypassed = False\n"),
    Mutant("online-pin-bit-forgotten", "cvm.py", "raise_bit(tx.tvr, TVR_ONLINE_PIN_ENTERED)", "pass"),
    Mutant("manual-cash-anywhere", "cvm.py", "return cash and not tx.config.unattended()", "return cash"),
    Mutant(
        "denial-without-the-issuer",
        "action.py",
        "_matches(tx, _IAC_DENIAL, tx.aid.tac_denial, 0x00)",
        "_matches(tx, 0, tx.aid.tac_denial, 0x00)",
    ),
    Mutant(
        "absent-iac-online-is-zero",
        "action.py",
        "_matches(tx, _IAC_ONLINE, tx.aid.tac_online, 0xFF)",
        "_matches(tx, _IAC_ONLINE, tx.aid.tac_online, 0x00)",
    ),
    Mutant(
        "default-codes-absent-is-zero",
        "action.py",
        "if tx.config.online_only() or _matches(tx, _IAC_DEFAULT, tx.aid.tac_default, 0xFF):",
        "if tx.config.online_only() or _matches(tx, _IAC_DEFAULT, tx.aid.tac_default, 0x00):",
    ),
    Mutant("last-byte-of-the-tvr-ignored", "action.py", "for i in range(5):", "for i in range(4):"),
    Mutant(
        "dda-before-cda",
        "oda.py",
        "if has(aip, AIP_CDA) and has(able, CAN_CDA):",
        "if has(aip, AIP_CDA) and has(able, CAN_CDA) and not has(aip, AIP_DDA):",
    ),
    Mutant("sda-not-told", "oda.py", "raise_bit(tx.tvr, TVR_SDA_SELECTED)", "pass"),
    Mutant("data-missing-not-told", "oda.py", "if error.missing:", "if False:"),
    Mutant("numeric-padded-right", "dol.py", "if _listed(_NUMERIC, tag):", "if False:"),
    Mutant("numeric-keeps-its-left-end", "dol.py", "out.extend(value[-missing:])", "out.extend(value[:length])"),
    Mutant(
        "lowest-priority-first",
        "selection.py",
        "(ordered[at - 1].priority or 16) > rank",
        "(ordered[at - 1].priority or 16) < rank",
    ),
    Mutant("no-priority-first", "selection.py", "rank = candidate.priority or 16", "rank = candidate.priority"),
    Mutant("partial-names-never", "selection.py", "if not exact and not entry.partial:", "if not exact:"),
    Mutant("cda-in-every-mode", "generate_ac.py", "request == AC_TC or tx.config.cda_mode <= 2", "True"),
    Mutant("final-tc-never-signed", "generate_ac.py", "not online or tx.config.cda_mode in (1, 4)", "False"),
    Mutant("default-tdol-not-told", "generate_ac.py", "raise_bit(tx.tvr, TVR_DEFAULT_TDOL_USED)", "pass"),
    Mutant(
        "external-authenticate-always",
        "completion.py",
        "if data is None or not has(tx.data[_AIP], AIP_ISSUER_AUTHENTICATION):",
        "if data is None:",
    ),
    Mutant("declines-ask-for-a-tc", "completion.py", "second(tx, AC_TC if approved else AC_AAC)", "second(tx, AC_TC)"),
    Mutant(
        "no-reversal-after-an-aac",
        "completion.py",
        "tx.must_reverse = approved and answer != AC_TC",
        "tx.must_reverse = False",
    ),
    Mutant(
        "y3-and-z3-exchanged",
        "completion.py",
        'b"Y3" if request == AC_TC else b"Z3"',
        'b"Z3" if request == AC_TC else b"Y3"',
    ),
    Mutant("script-warnings-fail", "scripts.py", '_GOOD_SW1 = b"\\x90\\x62\\x63"', '_GOOD_SW1 = b"\\x90"'),
    Mutant(
        "script-number-from-0",
        "scripts.py",
        "return _FAILED | number\n    return",
        "return _FAILED\n    return",
    ),
    Mutant(
        "critical-scripts-last",
        "completion.py",
        "await scripts.process(tx, scripts.BEFORE)",
        "await scripts.process(tx, scripts.AFTER)",
    ),
)

STUBS = (
    Mutant("card-blocked", "selection.py", "if sw == _SW_NOT_SUPPORTED:", "if False:"),
    Mutant("directory-sfi", "selection.py", "not 1 <= sfi[0] <= 10", "False"),
    Mutant(
        "application-blocked",
        "selection.py",
        "            if sw == SW_OK:\n                _add(",
        "            if True:\n                _add(",
    ),
    Mutant(
        "final-select-refused",
        "selection.py",
        "    if sw != SW_OK:\n        return False\n    tx.clear()",
        "    tx.clear()",
    ),
    Mutant("options-refused", "initiate.py", "if sw == _SW_CONDITIONS_NOT_SATISFIED:", "if False:"),
    Mutant(
        "options-any-status",
        "initiate.py",
        'raise EmvError("TERMINATE", "GET PROCESSING OPTIONS: SW %04X" % sw)',
        'raise EmvError("RESELECT", "")',
    ),
    Mutant("afl-empty-or-cut", "records.py", "if not afl or len(afl) % 4:", "if False:"),
    Mutant("afl-sfi", "records.py", "if afl[i] & 7 or not 1 <= sfi <= 30:", "if False:"),
    Mutant("afl-order", "records.py", "if first == 0 or last < first:", "if False:"),
    Mutant("afl-signed", "records.py", "if afl[i + 3] > last - first + 1:", "if False:"),
    Mutant(
        "record-status",
        "records.py",
        '            if sw != SW_OK:\n                raise EmvError("TERMINATE", "READ RECORD',
        '            if False:\n                raise EmvError("TERMINATE", "READ RECORD',
    ),
    Mutant("record-template", "tlv.py", "if seen != tag or found:", "if found:"),
    Mutant(
        "mandatory-data",
        "records.py",
        "for tag in (_PAN, _EXPIRATION_DATE, _CDOL1, _CDOL2):",
        "for tag in (_PAN, _EXPIRATION_DATE, _CDOL2):",
    ),
    Mutant("second-occurrence", "transaction.py", "if tag in self._from_card:", "if False:"),
    Mutant("length-of-data", "transaction.py", "if not shortest <= found <= longest:", "if False:"),
    Mutant("month", "records.py", "if not 0x01 <= month <= 0x12 or not 0x01 <= day <= 0x31:", "if False:"),
    Mutant("cvm-list-format", "cvm.py", "(len(rules) < 8 or len(rules) % 2)", "False"),
    Mutant(
        "ca-key-expired", "capk.py", "if key.expiry and sortable(key.expiry) < sortable(tx.data[0x9A]):", "if False:"
    ),
    Mutant(
        "certificate-revoked",
        "certificates.py",
        "if is_revoked(tx.config.revoked, rid + index + block[8:11]):",
        "if False:",
    ),
    Mutant(
        "certificate-expired",
        "certificates.py",
        "    if not 0x01 <= expiry[0] <= 0x12 or sortable(",
        "    if False and sortable(",
    ),
    Mutant(
        "certificate-of-another-issuer",
        "certificates.py",
        "if not 3 <= len(identifier) <= 8 or not digits(tx.data[_PAN]).startswith(identifier):",
        "if False:",
    ),
    Mutant(
        "certificate-of-another-pan", "certificates.py", "if digits(block[2:12]) != digits(tx.data[_PAN]):", "if False:"
    ),
    Mutant("block-trailer", "certificates.py", "if block[-1] != 0xBC:", "if False:"),
    Mutant("block-format", "certificates.py", "if block[1] != data_format:", "if False:"),
    Mutant("block-hash", "certificates.py", "if sha1.digest() != block[-_TAIL:-1]:", "if False:"),
    Mutant("key-algorithm", "certificates.py", "if block[head - 4] != 1 or block[head - 3] != 1:", "if False:"),
    Mutant("tag-list", "certificates.py", "if tags != _ONLY_AIP:", "if False:"),
    Mutant("ddol-without-the-number", "dda.py", "if not asks_for(ddol, _UNPREDICTABLE_NUMBER):", "if False:"),
    Mutant("dynamic-number", "signed_dynamic_data.py", "not 2 <= dynamic[0] <= 8", "False"),
    Mutant("cda-cid", "cda.py", "if dynamic[number_end : number_end + 1] != cid:", "if False:"),
    Mutant(
        "cda-hash",
        "cda.py",
        "if dynamic[number_end + 9 : number_end + _SIGNED_PART] != transaction_data_hash(tx, response):",
        "if False:",
    ),
    Mutant(
        "cda-signature-missing",
        "generate_ac.py",
        "if signature is None:",
        "if signature is None:\n            return\n        if False:",
    ),
    Mutant(
        "cda-failure-goes-online",
        "kernel.py",
        "if answer != AC_AAC and generate_ac.signature_failed(self):",
        "if False:",
    ),
    Mutant(
        "cda-failure-of-the-final-tc",
        "generate_ac.py",
        "return AC_AAC if signature_failed(tx) else answer",
        "return answer",
    ),
    Mutant("pin-tries-none-left", "offline_pin.py", "if tries == 0:", "if False:"),
    Mutant(
        "pin-blocked",
        "offline_pin.py",
        "elif sw in (_SW_WRONG_PIN, _SW_BLOCKED, _SW_REFERENCE_INVALIDATED):",
        "elif sw == _SW_WRONG_PIN:",
    ),
    Mutant(
        "pin-unknown-status",
        "offline_pin.py",
        'raise EmvError("TERMINATE", "VERIFY: SW %04X" % sw)',
        "return NOT_VERIFIED",
    ),
    Mutant("pin-challenge", "offline_pin.py", "if sw != SW_OK or len(challenge) != _CHALLENGE:", "if sw != SW_OK:"),
    Mutant(
        "counter-refused",
        "command.py",
        "    if sw != SW_OK:\n        return None",
        '    if sw != SW_OK:\n        return b"\\x00\\x00"',
    ),
    Mutant(
        "cryptogram-status",
        "generate_ac.py",
        '    if sw != SW_OK:\n        raise EmvError("TERMINATE", "GENERATE AC: SW',
        '    if False:\n        raise EmvError("TERMINATE", "GENERATE AC: SW',
    ),
    Mutant("cryptogram-raised", "generate_ac.py", "if _rank(answer) > _rank(request):", "if False:"),
    Mutant(
        "cryptogram-reserved-type",
        "generate_ac.py",
        "return 2 if cryptogram == AC_TC else 3",
        "return 2 if cryptogram == AC_TC else 0",
    ),
    Mutant(
        "cryptogram-second-arqc",
        "generate_ac.py",
        "    if answer == AC_ARQC:\n        raise",
        "    if False:\n        raise",
    ),
    Mutant("cryptogram-short", "generate_ac.py", "if not 11 <= stop - start <= 43:", "if False:"),
    Mutant("cryptogram-twice", "generate_ac.py", "if tag in seen:", "if False:"),
    Mutant("cryptogram-length", "generate_ac.py", "check_length(tag, response[start:stop])", "pass"),
    Mutant(
        "external-authenticate-refused",
        "completion.py",
        "    if sw != SW_OK:\n        raise_bit(tx.tvr, TVR_ISSUER_AUTHENTICATION_FAILED)",
        "    pass",
    ),
    Mutant(
        "script-refused",
        "scripts.py",
        "if len(response) < 2 or response[-2] not in _GOOD_SW1:",
        "if len(response) < 2:",
    ),
    Mutant("issuer-data-malformed", "contact.py", 'if error.reason != "ISSUER_DATA":', "if True:"),
    Mutant(
        "service-not-allowed",
        "contact.py",
        "refused = kernel.reason_code() == CID_SERVICE_NOT_ALLOWED",
        "refused = False",
    ),
)
