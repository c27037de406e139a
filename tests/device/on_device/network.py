"""A radio, where there is none: what the board file asks of it is recorded."""

STA_IF = 0
asked = []


class WLAN:
    def __init__(self, interface):
        asked.append(("interface", interface))

    def active(self, on):
        asked.append(("active", on))

    def connect(self, ssid, key):
        asked.append(("connect", ssid, key))
