"""What is different on every board: the acquirer's address, the Wi-Fi, the keys. `tillbench board provision` writes it.

A lab board: the key slot is a file with test keys.
"""

import json
from binascii import unhexlify

PATH = "/till/site.json"


class NotProvisioned(Exception):
    """The file is missing, or something in it; the message says what to do."""


class Site:
    """The settings of this board.

    Raises:
        NotProvisioned: there is no such file, or it is not whole.
    """

    def __init__(self, path: str = PATH) -> None:
        try:
            with open(path) as file:
                stored = json.load(file)
            self.host = stored["acquirer_host"]
            self.port = int(stored["acquirer_port"])
            self.ssid = stored["ssid"]
            self.wifi_key = stored["wifi_key"]
            self._keys = {name: unhexlify(value) for name, value in stored["keys"].items()}
        except OSError:
            raise NotProvisioned("no %s: tillbench board provision" % path)
        except KeyError as error:
            raise NotProvisioned("%s: %s is missing: tillbench board provision" % (path, error.args[0]))
        except ValueError:
            raise NotProvisioned("%s is damaged: tillbench board provision" % path)

    def key(self, name: str) -> bytes:
        """A key of the key slot. KeyError: the slot is empty."""
        return self._keys[name]
