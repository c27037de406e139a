"""What a release build has to be told about where it stands, as `/till/site.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tillbench.host.boards.deploy import ROOT, Transport, replace_file

PATH = f"{ROOT}/site.json"


def provision(
    board: Transport,
    acquirer: tuple[str, int],
    ssid: str,
    wifi_key: str,
    keys: dict[str, bytes],
    certificates: Mapping[str, str] | None = None,
    *,
    battery: bool = False,
    display: str = "",
    slot: str = "",
) -> None:
    """Write it, whole or not at all.

    Args:
        board: at its raw REPL.
        acquirer: host and port.
        ssid: of the Wi-Fi; "" leaves the radio off.
        wifi_key: its password.
        keys: test keys of the key slot, by name.
        battery: a cell is on the ADC's divider.
        certificates: for TLS, PEM by the terminal's names for them; None leaves those that it has.
        display: the chip of its colour panel; "" is an SSD1306.
        slot: "ccid" if the card slot is behind a serial controller; "" if it is on pins.

    Raises:
        DeployFailed: the board holds other bytes than it was sent.
    """
    if not board.fs_exists(ROOT):
        board.fs_mkdir(ROOT)
    site = {
        "acquirer_host": acquirer[0],
        "acquirer_port": acquirer[1],
        "ssid": ssid,
        "wifi_key": wifi_key,
        "keys": {name: key.hex() for name, key in keys.items()},
        "battery": battery,
        "certificates": dict(certificates or {}),
        "display": display,
        "slot": slot,
    }
    replace_file(board, PATH, json.dumps(site).encode())
