"""What is wrong with a recorded card, in the words of a profile: signatures, and commands that a sound card takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tillbench.host.session.dialogue import Context, Step
from tillbench.host.session.signatures import Chain, Fields, bench_key_of, dynamic
from tillbench.protocols.apdu import Ins, ins_name

_RIGHT = {
    "header": "6A",
    "hash algorithm": "01",
    "key algorithm": "01",
    "hash": "right",
    "trailer": "BC",
    "transaction data hash": "right",
}
_FORMATS = {"issuer": "02", "icc": "04", "pin": "04", "static": "03", "dynamic": "05"}
_PARTS = {0x90: "issuer", 0x9F46: "icc", 0x9F2D: "pin", 0x93: "static"}
_NAMES = {"transaction data hash": "transaction-data"}
_REFUSABLE = frozenset(
    {
        Ins.GET_PROCESSING_OPTIONS,
        Ins.INTERNAL_AUTHENTICATE,
        Ins.EXTERNAL_AUTHENTICATE,
        Ins.GENERATE_AC,
        Ins.GET_CHALLENGE,
    }
)


def signature_faults(opened: Chain, context: Context) -> list[str]:
    """Names of `oda_profile.FAULTS`."""
    faults = [name for tag, part in _PARTS.items() for name in _of(part, opened.fields.get(tag, {}))]
    step = context.signature
    made = dynamic(step, context, bench_key_of(step)) if step else None
    if step and made:
        faults += _of("dynamic", made.fields)
        told = next((item.value for item in step.received if item.tag == 0x9F27), "")
        if told and made.fields.get("cryptogram type", told) != told:
            faults.append("dynamic.cid")
    return faults


def _of(part: str, fields: Fields) -> Iterator[str]:
    if "header" not in fields:
        return
    wrong = [name for name, value in _RIGHT.items() if fields.get(name, value) not in (value, "not told")]
    if fields["format"] != _FORMATS[part]:
        wrong.append("format")
    for name in wrong:
        yield f"{part}.{_NAMES.get(name, name.replace(' ', '-'))}"


def refused_commands(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Faults of a profile: the nth command of an instruction was answered by this status word, or by nothing."""
    faults: list[dict[str, Any]] = []
    counts: Counter[int] = Counter()
    for step in steps:
        pair = step.pair
        counts[pair.ins] += 1
        if pair.ins in _REFUSABLE and pair.sw != "9000":
            what: dict[str, Any] = {"answer": pair.sw} if pair.sw else {"mute": True}
            faults.append({"ins": ins_name(pair.ins), "nth": counts[pair.ins], **what})
    return faults


def decisions(steps: Iterable[Step]) -> dict[str, str]:
    """How the card decided otherwise than it was asked, as `first_cryptogram` and `second_cryptogram` have it."""
    told: dict[str, str] = {}
    asked = [step for step in steps if step.pair.ins == Ins.GENERATE_AC and step.pair.sw == "9000"]
    for key, step in zip(("first_cryptogram", "second_cryptogram"), asked, strict=False):
        given = next((int(item.value, 16) & 0xC0 for item in step.received if item.tag == 0x9F27), None)
        wanted = step.pair.p1 & 0xC0
        if given == 0 and wanted:
            told[key] = "decline"
        elif given == 0x80 and wanted == 0x40 and key == "first_cryptogram":
            told[key] = "online"
    return told
