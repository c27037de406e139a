"""Track 2 as a terminal with a track key sends it: in part under that key, and with it maybe the card number."""

from dataclasses import replace

from tillbench.host.acquirer.hsm import Hsm
from tillbench.host.acquirer.request import Request
from tillbench.host.acquirer.schema import Terminal
from tillbench.protocols.iso8583 import FormatError

FIELD, NAME, BIT_BYTE = 35, "track 2 data", 6


def resolve_track(request: Request, terminal: Terminal, hsm: Hsm) -> Request:
    """A request whose track is encrypted with its track in the clear, and the card number of it.

    Raises FormatError when the terminal has no track key, or what is deciphered is no track, or another card's.
    """
    if terminal.tdk_under_lmk is None:
        raise FormatError(FIELD, BIT_BYTE, "a track in the clear, or a sign-on with code 004 before", "encrypted", NAME)
    try:
        track = hsm.decrypt_track(terminal.tdk_under_lmk, request.track_2)
    except ValueError as error:
        raise FormatError(FIELD, BIT_BYTE, "at least 17 digits", str(error), NAME) from None
    pan, separator, _ = track.partition("D")
    if not separator or not pan.isdecimal():
        raise FormatError(FIELD, BIT_BYTE, "a track under the terminal's track key", "something else", NAME)
    if request.pan not in ("", pan):
        raise FormatError(FIELD, BIT_BYTE, "the PAN of field 2", "another", NAME)
    return replace(request, pan=pan, track_2=track, track_encrypted=False)
