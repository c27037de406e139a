"""APDU exchanges in words for people: names, trees, bits; PANs masked, PINs never shown."""

from tillbench.protocols import apdu
from tillbench.protocols.apdu import Command, Ins, Response
from tillbench.protocols.emv import bits, cvm, dol, tags, tlv
from tillbench.protocols.emv.dol import DolEntry
from tillbench.protocols.emv.masking import shown_value
from tillbench.protocols.emv.tlv import Tlv

_DOL_TAGS = frozenset({0x8C, 0x8D, 0x97, 0x9F38, 0x9F49, 0x9F4F})
_TEXT_FORMATS = frozenset({"a", "an", "ans"})


def describe_tree(objects: list[Tlv] | tuple[Tlv, ...], depth: int = 0) -> list[str]:
    """TLV trees, one line an object, two blanks a level; bit-mapped values with one more line for each bit set."""
    lines = []
    for item in objects:
        lines += describe_value(item.tag, item.value, depth) if not item.children else [_head(item.tag, depth)]
        lines += describe_tree(item.children, depth + 1)
    return lines


def _head(tag: int, depth: int) -> str:
    return f"{'  ' * depth}{tlv.tag_hex(tag)} {tags.name_of(tag)}"


def describe_value(tag: int, value: bytes, depth: int = 0) -> list[str]:
    """One primitive object: its line, then a line for each part of the value that has a meaning of its own."""
    line = f"{_head(tag, depth)}: {shown_value(tag, value)}"
    row = tags.TAGS.get(tag)
    if row and row.format in _TEXT_FORMATS and value.isascii() and "not shown" not in line:
        line += f' "{value.decode("ascii")}"' if value.decode("ascii").isprintable() else ""
    inner = "  " * (depth + 1)
    return [line] + [inner + text for text in _parts(tag, value)]


def _parts(tag: int, value: bytes) -> list[str]:
    """The meanings inside a value; a value that breaks its own format yields the error instead."""
    try:
        if tag in bits.BIT_TABLES:
            return bits.set_bits(bits.BIT_TABLES[tag], value)
        if tag in _DOL_TAGS:
            return [f"{tlv.tag_hex(e.tag)} {tags.name_of(e.tag)}, {e.length} bytes" for e in dol.parse(value)]
        if tag == 0x8E:
            rules = cvm.CvmList.parse(value)
            return [f"X = {rules.amount_x}, Y = {rules.amount_y}", *map(str, rules.rules)]
        if tag == 0x94:
            return describe_afl(value)
        if tag == 0x9F27 and len(value) == 1:
            return [bits.cid_text(value[0])]
        if tag == 0x9F34 and len(value) == 3:
            return [cvm.results_text(value)]
    except ValueError as error:
        return [f"! {error}"]
    return []


def describe_afl(value: bytes) -> list[str]:
    """The Application File Locator, one line an entry (Book 3, 10.2)."""
    if len(value) % 4:
        raise ValueError(f"AFL (94): expected a multiple of 4 bytes, found {len(value)}")
    lines = []
    for at in range(0, len(value), 4):
        sfi, first, last, signed = value[at] >> 3, value[at + 1], value[at + 2], value[at + 3]
        lines.append(f"SFI {sfi} records {first} to {last}, {signed} in offline data authentication")
    return lines


def describe_apdu(command: bytes, response: bytes) -> list[str]:
    """One exchange on its own. DOL data stays a size: `ApduDescriber` follows a whole transaction and cuts it."""
    return ApduDescriber().describe(command, response)


class ApduDescriber:
    """Follows the exchanges of one card: remembers PDOL, CDOL1 and CDOL2 as the card names them, so that the data
    of GET PROCESSING OPTIONS and GENERATE AC can be shown field by field."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._dols: dict[int, list[DolEntry]] = {}
        self._generate_acs = 0

    def describe(self, command: bytes, response: bytes) -> list[str]:
        """The exchange as lines: the command with its status, then its data (`>`) and the answer (`<`).

        Broken bytes are described as far as they go; nothing is raised and no raw data printed in their place."""
        try:
            asked, answer = Command.parse(command), Response.parse(response)
        except apdu.ApduError as error:
            return [f"! {error}"]
        status = f"{answer.sw:04X}" + ("" if answer.sw == 0x9000 else f" {apdu.sw_text(answer.sw)}")
        lines = [f"{self._title(asked)} -> {status}"]
        lines += ["  > " + line for line in self._command_lines(asked)]
        lines += ["  < " + line for line in self._answer_lines(asked, answer)]
        self._remember(asked, answer)
        return lines

    def _title(self, asked: Command) -> str:
        name = apdu.ins_name(asked.ins)
        match asked.ins:
            case Ins.SELECT:
                occurrence = " (next)" if asked.p2 & 0x02 else ""
                return f"{name} {_df_name(asked.data)}{occurrence}"
            case Ins.READ_RECORD:
                return f"{name} {asked.p1} of SFI {asked.p2 >> 3}"
            case Ins.GET_DATA:
                return f"{name} {_data_object(asked)}"
            case Ins.PUT_DATA:
                return f"{name} {_data_object(asked)} (issuer script)"
            case Ins.UPDATE_RECORD:
                return f"{name} {asked.p1} of SFI {asked.p2 >> 3} (issuer script)"
            case Ins.APPLICATION_BLOCK | Ins.APPLICATION_UNBLOCK | Ins.CARD_BLOCK:
                return f"{name} (issuer script)"
            case Ins.PIN_CHANGE_UNBLOCK:
                return f"{name} {_PIN_CHANGES.get(asked.p2, 'reserved')} (issuer script, PIN not shown)"
            case Ins.GENERATE_AC:
                signed = ", combined signature asked for" if asked.p1 & 0x10 else ""
                return f"{name} {bits.cryptogram_type(asked.p1)}{signed}"
            case Ins.VERIFY:
                return f"{name} ({'enciphered ' if asked.p2 == 0x88 else ''}PIN not shown)"
            case _:
                return name

    def _command_lines(self, asked: Command) -> list[str]:
        if asked.ins == Ins.GENERATE_AC:
            return _dol_lines(self._dols.get(0x8C if self._generate_acs == 0 else 0x8D), asked.data)
        if asked.ins == Ins.GET_PROCESSING_OPTIONS and asked.data[:1] == b"\x83":
            return _dol_lines(self._dols.get(0x9F38, []), asked.data[2:])
        if asked.ins == Ins.INTERNAL_AUTHENTICATE:
            default = [DolEntry(0x9F37, 4)] if len(asked.data) == 4 else None
            return _dol_lines(self._dols.get(0x9F49, default), asked.data)
        if asked.ins == Ins.EXTERNAL_AUTHENTICATE:
            return describe_value(0x91, asked.data)
        return []

    def _answer_lines(self, asked: Command, answer: Response) -> list[str]:
        if not answer.data:
            return []
        if asked.ins in (Ins.GET_CHALLENGE, Ins.VERIFY):
            return [f"{len(answer.data)} bytes"]
        if asked.ins == Ins.READ_RECORD and answer.data[0] != 0x70:
            return [f"{len(answer.data)} bytes without a template (a log record?)"]
        try:
            objects = tlv.parse(answer.data)
        except tlv.TlvError as error:
            return [f"! {len(answer.data)} bytes that are not TLV: {error}"]
        if len(objects) == 1 and objects[0].tag == 0x80:
            return [_head(0x80, 0), *_format_1(asked.ins, objects[0].value)]
        return describe_tree(objects)

    def _remember(self, asked: Command, answer: Response) -> None:
        if asked.ins == Ins.SELECT:
            self._forget()
        if asked.ins == Ins.GENERATE_AC and answer.sw == 0x9000:
            self._generate_acs += 1
        if asked.ins in (Ins.SELECT, Ins.READ_RECORD):
            try:
                for item in tlv.walk(tlv.parse(answer.data)):
                    if item.tag in (0x8C, 0x8D, 0x9F38, 0x9F49):
                        self._dols[item.tag] = dol.parse(item.value)
            except tlv.TlvError:
                pass  # already told by the answer's own lines


_PIN_CHANGES = {0x00: "unblock", 0x01: "change with the current PIN", 0x02: "change"}


def _data_object(asked: Command) -> str:
    tag = asked.p1 << 8 | asked.p2 if asked.p1 else asked.p2
    return f"{tlv.tag_hex(tag)} {tags.name_of(tag)}"


def _df_name(data: bytes) -> str:
    if data in (b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"):
        return data.decode("ascii")
    return data.hex().upper()


def _dol_lines(entries: list[DolEntry] | None, data: bytes) -> list[str]:
    """Data cut by its DOL. Without the DOL only the size: nobody can say where in it a PAN would be."""
    if entries is None:
        return [f"{len(data)} bytes, DOL not seen"] if data else []
    try:
        values = dol.split(entries, data)
    except ValueError as error:
        return [f"! {error}"]
    return [line for tag, value in values for line in describe_value(tag, value)]


def _format_1(ins: int, value: bytes) -> list[str]:
    """The fixed layouts of template 80 (Book 3, 6.5.5.4 and 6.5.8.4)."""
    if ins == Ins.GET_PROCESSING_OPTIONS and len(value) >= 6:
        return describe_value(0x82, value[:2], 1) + describe_value(0x94, value[2:], 1)
    if ins == Ins.INTERNAL_AUTHENTICATE:
        return describe_value(0x9F4B, value, 1)
    if ins == Ins.GENERATE_AC and len(value) >= 11:
        parts = [(0x9F27, value[:1]), (0x9F36, value[1:3]), (0x9F26, value[3:11])]
        if value[11:]:
            parts.append((0x9F10, value[11:]))
        return [line for tag, part in parts for line in describe_value(tag, part, 1)]
    return [f"  {len(value)} bytes"]
