"""What the card said, in the form in which the acquirer's messages want it. Tags by EMV Book 3, Annex A."""

from binascii import hexlify

from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.kernel import Kernel


def card_number(kernel: Kernel) -> str:
    """F2: the PAN (5A, or the part of track 2 before its separator). Raises Stop when the card has none that fits."""
    value = kernel.tag("5A")
    number = _digits(value).rstrip("F") if value else track_2(kernel).split("D")[0]
    if not number.isdigit() or not 13 <= len(number) <= 19:
        raise Stop("card_format", "5A")
    return number


def track_2(kernel: Kernel) -> str:
    """F35: track 2 equivalent data (57), up to 37 digits with D for the separator. Raises Stop when it does not fit."""
    track = _digits(kernel.tag("57")).rstrip("F")
    if not track or len(track) > 37:
        raise Stop("card_format", "57")
    return track


def expiry(kernel: Kernel) -> str:
    """F14: YYMM from 5F24; empty when the card has none. Raises Stop when it is no date."""
    date = _digits(kernel.tag("5F24"))[:4]
    if date and not date.isdigit():
        raise Stop("card_format", "5F24")
    return date


def sequence_number(kernel: Kernel) -> str:
    """F23: three digits from 5F34; empty when the card has none. Raises Stop when they are no digits."""
    number = _digits(kernel.tag("5F34"))
    if number and not number.isdigit():
        raise Stop("card_format", "5F34")
    return "0" + number if number else ""


def label(kernel: Kernel) -> str:
    """The application label (50) for the slip, as far as it is ASCII."""
    return "".join([chr(byte) if 0x20 <= byte < 0x7F else " " for byte in kernel.tag("50")])


def _digits(value: bytes) -> str:
    return hexlify(value).decode().upper()
