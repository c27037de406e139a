"""Field 55 at speed: its data objects in order, without trees, places and names.

The checks are those of `subfields.BerTlv`, which is asked for the error when one of them fails.
"""

from tillbench.protocols.iso8583.subfields import BerTlv, split

STANDARD = BerTlv()


def walk(data: bytes) -> list[tuple[bytes, bytes]]:
    """(tag, value) of the objects on the first level; values of templates are not looked into.

    SubfieldError as `split` raises it, for the first level.
    """
    objects: list[tuple[bytes, bytes]] = []
    at = 0
    size = len(data)
    try:
        while at < size:
            start = at
            at += 1
            if data[start] & 0x1F == 0x1F:
                at += 2 if data[at] & 0x80 else 1
            tag = data[start:at]
            length = data[at]
            at += 1
            if length > 0x7F:
                if length == 0x81:
                    length = data[at]
                    at += 1
                else:
                    length = data[at] << 8 | data[at + 1] if length == 0x82 else size
                    at += 2
            end = at + length
            objects.append((tag, data[at:end]))
            at = end
    except IndexError:
        at = size + 1
    odd = [tag for tag, _ in objects if tag[0] == 0 or (tag[-1] & 0x80 and len(tag) == 3)]
    if at != size or odd or len({tag for tag, _ in objects}) != len(objects):
        split(BerTlv(STANDARD.repeats, depth=STANDARD.depth), data)
    return objects
