"""What the EMV kernel is told: the applications that are accepted here, and what this terminal truly has.

Applications and CA keys are those that the host has sent (`tables.py`). Before any were sent the applications below
hold, with action codes as seen in public terminal configurations, and no CA key: then no card is authenticated offline,
and the terminal does not claim that it could.
"""

from binascii import unhexlify

from emv.config import Aid, Config

from terminal import store, tables
from terminal.parameters import COUNTRY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

# 9F33, first byte: how a card can come in; second: online PIN, signature, no CVM.
_CHIP = 0x20
_STRIPE = 0x40
_KEYED = 0x80
_VERIFICATION = b"\x68"
_SDA_DDA_CDA = b"\xc8"
_NO_DATA_AUTHENTICATION = b"\x00"
# Goods, services; keys for digits, commands, functions; print and display for attendant and cardholder; ASCII only.
_ADDITIONAL = b"\x60\x00\xb0\xf0\x00"
_ATTENDED_OFFLINE_WITH_ONLINE = 0x22


def emv_config(terminal: Terminal) -> Config:
    """The kernel's configuration for this terminal. Raises store.Damaged, tables.Refused."""
    parameters, folder = terminal.parameters, terminal.board.storage
    has_keys = store.exists(folder + tables.CA_KEYS)
    entry = _CHIP + (_STRIPE if terminal.board.stripe is not None else 0) + (_KEYED if parameters.keyed_entry else 0)
    return Config(
        tables.loaded_aids(folder) or [_unionpay(1), _unionpay(2), _visa()],
        terminal_type=_ATTENDED_OFFLINE_WITH_ONLINE,
        capabilities=bytes((entry,)) + _VERIFICATION + (_SDA_DDA_CDA if has_keys else _NO_DATA_AUTHENTICATION),
        capks=tables.CaKeys(folder + tables.CA_KEYS),
        additional=_ADDITIONAL,
        country=COUNTRY,
        currency=unhexlify("0" + parameters.currency),
        serial=parameters.terminal.encode(),
        merchant=parameters.merchant.encode(),
        terminal=parameters.terminal.encode(),
        category=unhexlify(parameters.merchant[7:11]),
        merchant_name=parameters.merchant_name.encode(),
        approvals=(b"00", b"11", b"10") if parameters.partial_approval else (b"00", b"11"),
    )


def _unionpay(kind: int) -> Aid:
    """UnionPay debit (1) or credit (2)."""
    return Aid(
        b"\xa0\x00\x00\x03\x33\x01\x01" + bytes((kind,)),
        b"\x00\x30",
        tac_denial=b"\x00\x10\x00\x00\x00",
        tac_online=b"\xd8\x40\x04\xf8\x00",
        tac_default=b"\xd8\x40\x00\xa8\x00",
    )


def _visa() -> Aid:
    return Aid(
        b"\xa0\x00\x00\x00\x03\x10\x10",
        b"\x00\x8c",
        tac_denial=b"\x00\x10\x00\x00\x00",
        tac_online=b"\xdc\x40\x04\xf8\x00",
        tac_default=b"\xdc\x40\x00\xa8\x00",
    )
