# RSA public key operation (EMV Book 2 Annex B2.1.3). Exponents of payment systems are 3 and 65537, so it is quick.

ALLOWED_EXPONENTS = (3, 65537)  # Book 2 section 11.2.1


def apply(block: "bytes | bytearray", modulus: bytes, exponent: int) -> bytes:
    """Returns block ** exponent mod modulus, as long as the modulus. `block` is no longer than that."""
    n = int.from_bytes(modulus, "big")
    if not n:
        raise ValueError("modulus is zero")
    return power(int.from_bytes(block, "big"), exponent, n).to_bytes(len(modulus), "big")


def power(base: int, exponent: int, modulus: int) -> int:
    """base ** exponent mod modulus; by squaring where the port's `pow` takes no third argument."""
    try:
        return pow(base, exponent, modulus)
    except TypeError:
        return by_squaring(base, exponent, modulus)


def by_squaring(base: int, exponent: int, modulus: int) -> int:
    """The same without `pow`: one squaring for each bit of the exponent, one product for each that is set."""
    result = 1
    base %= modulus
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        exponent >>= 1
        if exponent:
            base = base * base % modulus
    return result
