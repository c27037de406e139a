"""Messages to measure with and to show, with test cards only."""

from tillbench.protocols.iso8583.message import Message

CHIP_DATA = bytes.fromhex(
    "9F2608A1A2A3A4A5A6A7A89F2701809F101307010103A0A802010A010000000000C0FFEE019F370411223344"
    "9F36020001950500000080009A032611239C01009F02060000000012345F2A02015682027C009F1A0201569F0306"
    "0000000000009F3303E0F8C89F34034203009F3501229F1E0831323334353637388408A0000003330101029F090200309F410400000001"
)


def sale() -> Message:
    """A UnionPay sale (0200) with fifteen fields, field 55 among them: what the codecs are measured with."""
    return Message(
        "0200",
        {
            2: "6200000000000005",
            3: "000000",
            4: "000000001234",
            11: "000001",
            14: "3012",
            22: "051",
            23: "001",
            25: "00",
            35: "6200000000000005D30122011234567890",
            41: "12345678",
            42: "898110053110001",
            49: "156",
            55: CHIP_DATA,
            60: "22000001003",
            64: b"E267B6E2",
        },
    )


def as_pyiso8583(message: Message) -> dict[str, str]:
    """The same message as pyiso8583 takes it, with `export.pyiso8583_spec` of its dialect."""
    values = {str(n): v if isinstance(v, str) else v.hex().upper() for n, v in message.fields.items()}
    return {"t": message.mti, **values}
