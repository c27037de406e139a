"""How much heap the EMV kernel takes. Nothing of it is imported before the first call, so that it is all counted."""

import gc

from runner import host

_STEP = 2048  # bytes of garbage between two collections: the figures are too high by this at most
_kernel = None
_config = None


async def _exchange(apdu):
    return host("apdu", bytes(apdu))


def _make_config(aids, capks, terminal):
    from emv.capk import Capk
    from emv.config import Aid, Config

    return Config([Aid(**aid) for aid in aids], capks=tuple([Capk(**key) for key in capks]), **terminal)


async def peak(aids, capks, terminal):
    """One sale. Returns (outcome, most bytes of heap beyond what was in use before the kernel, bytes that stay)."""
    global _kernel, _config
    gc.collect()
    before = most = gc.mem_alloc()
    gc.threshold(_STEP)

    def look(*_):
        nonlocal most
        most = max(most, gc.mem_alloc())

    import crypto.rsa as rsa
    from emv.kernel import Kernel

    plain = rsa.power

    def power(base, exponent, modulus):
        result = plain(base, exponent, modulus)
        look()
        return result

    rsa.power = power

    async def exchange(apdu):
        look()
        response = await _exchange(apdu)
        look()
        return response

    _config = _make_config(aids, capks, terminal)
    _kernel = Kernel(exchange, lambda n: host("entropy", n), _config)
    _kernel.trace.listener = look
    outcome = await _sale(_kernel)
    look()
    rsa.power = plain
    _kernel.exchange = _exchange
    _kernel.trace.listener = None
    gc.collect()
    stays = gc.mem_alloc() - before
    gc.threshold(-1)
    return outcome, most - before, stays


async def _sale(kernel):
    from emv import contact

    class Counter(contact.Counter):
        async def ask_online_pin(self):
            return True

        async def go_online(self, kernel):
            code, data = host("issuer", kernel.online_data())
            return code.encode(), data

    order = contact.Order(1234, b"\x26\x11\x23", b"\x10\x11\x12", 42)
    outcome = await contact.transact(kernel, order, Counter())
    return outcome.kind


async def more(count):
    """So many sales with the same kernel; the bytes in use afterwards."""
    for _ in range(count):
        host("insert")
        outcome = await _sale(_kernel)
        if outcome != "APPROVED_ONLINE":
            raise ValueError(outcome + ": " + _kernel.why)
    gc.collect()
    return gc.mem_alloc()
