"""What is different on every board: the acquirer's address, the Wi-Fi, the keys. `tillbench board provision` writes it.

Keys, certificates and the Wi-Fi's pass phrase are handed over at the first start and then are in this file no more:
what the case switch erases must not come back with the next start.
"""

import json
import os
from binascii import unhexlify

from boards.key_file import KeyFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drivers.wifi import Wifi

PATH = "/till/site.json"


class NotProvisioned(Exception):
    """The file is missing, or something in it; the message says what to do."""


class Site:
    """The settings of this board.

    Raises:
        NotProvisioned: there is no such file, or it is not whole.
    """

    def __init__(self, path: str = PATH) -> None:
        self._path = path
        try:
            with open(path) as file:
                stored = json.load(file)
            self._stored = stored
            self.host = stored["acquirer_host"]
            self.port = int(stored["acquirer_port"])
            self._ssid = stored["ssid"]
            self._wifi_key = stored["wifi_key"]
            self.battery = bool(stored.get("battery"))
            """A cell is behind the divider: an input that is not connected reads anything."""
            self.slot: str = stored.get("slot", "")
            """"ccid": the card slot is behind a serial controller; "": it is on pins."""
            self.display: str = stored.get("display", "")
            """The chip of a colour panel; "" is the SSD1306."""
            self._keys = {name: unhexlify(value) for name, value in stored["keys"].items()}
            self.certificates: "dict[str, str]" = stored.get("certificates", {})
            """PEM by the terminal's names for them; empty when they were taken."""
        except OSError:
            raise NotProvisioned("no %s: tillbench board provision" % path)
        except KeyError as error:
            raise NotProvisioned("%s: %s is missing: tillbench board provision" % (path, error.args[0]))
        except ValueError:
            raise NotProvisioned("%s is damaged: tillbench board provision" % path)

    def hand_keys_over(self, slot: KeyFile) -> None:
        """Moves the keys that are still here into the key slot. OSError when the flash does not take them."""
        if self._keys:
            for name, key in self._keys.items():
                slot.store(name, bytearray(key))
            self._keys = {}
            self._rewrite(keys={})

    def hand_wifi_over(self, wifi: "Wifi") -> None:
        """Moves the network that is still here into the key slot, in the place of the one that was there. OSError as
        above."""
        if self._ssid:
            wifi.keep(self._ssid.encode(), self._wifi_key.encode())
            self._ssid = self._wifi_key = ""
            self._rewrite(ssid="", wifi_key="")

    def certificates_taken(self) -> None:
        """They are elsewhere now. OSError when the flash does not take it: then they come once more."""
        self.certificates = {}
        self._rewrite(certificates={})

    def _rewrite(self, **emptied: "object") -> None:
        self._stored.update(emptied)
        beside = self._path + ".new"
        with open(beside, "w") as file:
            json.dump(self._stored, file)
        os.rename(beside, self._path)
