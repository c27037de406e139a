"""The Wi-Fi driver on the virtual radio, with a key slot of its own."""

import asyncio

from drivers.wifi import Wifi
from port.wlan import STA_IF, WLAN

wifi = None
kept = {}


class Slot:
    def key_into(self, name, out):
        out[:] = kept[name]

    def store(self, name, record):
        kept[name] = bytes(record)


def connect():
    """Build it: it remembers nothing."""
    global wifi
    kept.clear()
    wifi = Wifi(WLAN(STA_IF), Slot())
    wifi.start()


def restart():
    """Build it anew: it has its slot, and nothing else."""
    global wifi
    wifi = Wifi(WLAN(STA_IF), Slot())
    wifi.start()
    return wifi.label


async def scan():
    """What it finds."""
    return [(each.label, each.rssi, each.usable, each.is_open) for each in wifi.scan()]


async def join(name, key):
    """How that ends; a memoryview, as the terminal has it."""
    return await wifi.join(name, memoryview(bytearray(key)))


async def wait(seconds):
    """Its address and signal after that time."""
    await asyncio.sleep(seconds)
    return wifi.address(), wifi.rssi()


def radio(settings, name, *arguments):
    """A call of the radio itself with keywords and arguments; the words of what it raises."""
    try:
        return getattr(WLAN(STA_IF), name)(*arguments, **settings)
    except OSError as error:
        return "OSError %s" % error.args[0]
    except ValueError as error:
        return "ValueError %s" % error.args[0]


def forget():
    """Leave the network; the record."""
    wifi.forget()
    return wifi.name, wifi.address(), bytes(kept["WIFI"])


def kept_record():
    """What the slot has."""
    return kept["WIFI"]
