"""Many messages through the codec in one call, errors as plain values."""

from generated import iso8583_unionpay
from iso8583 import framing
from iso8583.errors import FormatError


def _outcome(function, *arguments):
    try:
        return ("ok", function(*arguments))
    except FormatError as error:
        return ("error", error.field, "", error.offset, error.nibble, error.expected, error.found)


def decode(bodies):
    return [_outcome(iso8583_unionpay.decode, body) for body in bodies]


def encode(messages):
    return [_outcome(iso8583_unionpay.encode, mti, fields) for mti, fields in messages]


_made = {}


def make(name, source):
    """A codec out of its generated source, to be used by its name; not twice, so that the heap stays small."""
    if name not in _made:
        _made[name] = {}
        exec(source, _made[name])


def forget():
    _made.clear()


def decode_by(name, bodies):
    return [_outcome(_made[name]["decode"], body) for body in bodies]


def encode_by(name, messages):
    return [_outcome(_made[name]["encode"], mti, fields) for mti, fields in messages]


class Line:
    """A stream reader that has all its bytes already."""

    def __init__(self, data):
        self.data = data

    async def readexactly(self, n):
        if len(self.data) < n:
            raise EOFError
        data, self.data = self.data[:n], self.data[n:]
        return data


async def read_frames(data, largest):
    """Frames until the bytes end or an error comes; the last item says which."""
    line = Line(data)
    found = []
    while True:
        try:
            tpdu, header, body = await framing.read_frame(line, largest)
            found.append((tpdu, header, bytes(body)))
        except EOFError:
            found.append(("end", len(line.data)))
            return found
        except FormatError as error:
            found.append(("error", error.field, "", error.offset, error.nibble, error.expected, error.found))
            return found


def build(tpdu, header, body):
    return _outcome(framing.build, tpdu, header, body)


def mac_input(body):
    from iso8583 import mac

    return _outcome(lambda: bytes(mac.mac_input(body)))


def garbage(body, mti, fields):
    """Bytes of heap that one decoding and one encoding leave behind."""
    import gc

    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    iso8583_unionpay.decode(body)
    between = gc.mem_alloc()
    iso8583_unionpay.encode(mti, fields)
    after = gc.mem_alloc()
    gc.enable()
    return between - before, after - between
