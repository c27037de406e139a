"""The length of every command of the class, by examples from the manuals: what comes after one is text again."""

from __future__ import annotations

import pytest
from tillbench.host.devices.printer_parser import Chunk, Invoke, Parser, Text
from tillbench.protocols.escpos import BY_NAME

from .printer_rig import Rig

EXAMPLES = """
HT: 09
LF: 0A
FF: 0C
CR: 0D
CAN: 18
DLE EOT: 100401
DLE ENQ: 100501
DLE DC4: 1014010002 | 1014020108 | 10140701 | 10140801031401060208
ESC FF: 1B0C
ESC SP: 1B2005
ESC !: 1B2138
ESC $: 1B244001
ESC %: 1B2501
ESC &: 1B26032020 02 AABBCCDDEEFF | 1B26034142 01 AABBCC 00 | 1B26034140
ESC (: 1B28410400 30030101 | 1B28410000
ESC *: 1B2A000200 AABB | 1B2A210100 AABBCC | 1B2A210000
ESC -: 1B2D01
ESC 2: 1B32
ESC 3: 1B3320
ESC 7: 1B37075002
ESC =: 1B3D01
ESC ?: 1B3F41
ESC @: 1B40
ESC B: 1B420203
ESC D: 1B4408101800 | 1B4400
ESC E: 1B4501
ESC G: 1B4701
ESC J: 1B4A20
ESC L: 1B4C
ESC M: 1B4D01
ESC R: 1B520F
ESC S: 1B53
ESC T: 1B5401
ESC U: 1B5501
ESC V: 1B5600
ESC W: 1B570000000000024003
ESC \\: 1B5CF6FF
ESC a: 1B6101
ESC c 0: 1B633001
ESC c 3: 1B63330F
ESC c 4: 1B63340F
ESC c 5: 1B633501
ESC d: 1B6403
ESC i: 1B69
ESC m: 1B6D
ESC p: 1B70001078
ESC r: 1B7200
ESC t: 1B7410
ESC u: 1B7500
ESC v: 1B76
ESC {: 1B7B00
DC2 #: 1223A7
FS !: 1C2108
FS &: 1C26
FS (: 1C28410200 3000
FS -: 1C2D01
FS .: 1C2E
FS 2: 1C32FEA1 {72}
FS ?: 1C3FFEA1
FS C: 1C4301
FS S: 1C530001
FS W: 1C5701
FS g 1: 1C673100 00000000 0300 414243
FS g 2: 1C673200 00000000 0300
FS p: 1C700100
FS q: 1C7101 01000100 {8} | 1C7102 01000100 {8} 02000100 {16}
GS !: 1D2111
GS $: 1D242000
GS (: 1D286B0300 315130 | 1D28410200 0002 | 1D28440300 140101
GS *: 1D2A0101 {8}
GS /: 1D2F00
GS 8 L: 1D384C0B000000 3070300101310800 0100 FF
GS :: 1D3A
GS B: 1D4201
GS C 0: 1D43300301
GS C 1: 1D4331010009000101
GS C 2: 1D43320100
GS C ;: 1D433B 313B 393B 313B 313B 313B
GS D: 1D4430433041423031 424D 0A000000 AABBCCDD
GS H: 1D4802
GS I: 1D4901
GS L: 1D4C1000
GS P: 1D50CBCB
GS Q 0: 1D513000 0100 0200 AABB
GS T: 1D5400
GS V: 1D5600 | 1D5631 | 1D564203 | 1D566103 | 1D566700
GS W: 1D578001
GS \\: 1D5C2000
GS ^: 1D5E010000
GS a: 1D610F
GS b: 1D6201
GS c: 1D63
GS f: 1D6600
GS g 0: 1D67300014 00
GS g 2: 1D67320014 00
GS h: 1D6850
GS k: 1D6B02 343030363338313333333933 00 | 1D6B43 0C 343030363338313333333933 | 1D6B49 03 7B4241
GS r: 1D7201
GS v 0: 1D763000 0100 0200 AABB | 1D763000 0100 0000
GS w: 1D7702
GS z 0: 1D7A300505
GS |: 1D7C04
"""


def examples() -> list[tuple[str, bytes]]:
    """`{n}` stands for n bytes that would be commands if the place were lost."""
    found = []
    for line in EXAMPLES.strip().splitlines():
        name, _, rest = line.rpartition(": ")
        for example in rest.split("|"):
            words = (
                b"\x1b@" * (int(word[1:-1]) // 2) if word.startswith("{") else bytes.fromhex(word)
                for word in example.split()
            )
            found.append((name, b"".join(words)))
    return found


def test_no_command_is_missing() -> None:
    assert {name for name, _ in examples()} == set(BY_NAME)


@pytest.mark.parametrize(("name", "data"), examples(), ids=[f"{name}-{data[:5].hex()}" for name, data in examples()])
def test_its_length(name: str, data: bytes) -> None:
    parser = Parser()
    items = [item for offset, byte in enumerate(data + b"A") for item in parser.feed(offset, byte)]
    assert isinstance(items[0], Invoke)
    assert items[0].command.name == name
    assert all(isinstance(item, Chunk) for item in items[1:-1])
    assert isinstance(items[-1], Text)
    assert items[-1].offset == len(data)


def test_the_printer_keeps_its_place_through_all_of_them() -> None:
    """All after each other, and a line of text at the end; what the printer cannot do is said with its name."""
    rig = Rig()
    # Without what answers, cuts, deselects, waits for a macro's end or for the end of a page.
    rest = [data for name, data in examples() if name not in ("ESC =", "ESC L", "GS V", "ESC i", "ESC m", "GS a")]
    rig.print(b"\n".join(rest) + b"\n\x1b@END\n")
    assert rig.lines[-1] == "END"
    said = "\n".join(str(error) for error in rig.printer.errors)
    assert "unknown" not in said.replace("unknown function", "")
    assert "GS ^: in the middle of a definition" in said
