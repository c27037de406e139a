"""The firmware of a tapped ESP32, whose own `machine` is `copper`; its flash is this folder."""

import asyncio
import sys

import copper

sys.modules["umachine"] = sys.modules["port.tapped"].umachine = copper
esp32 = __import__("boards.esp32").esp32
site = sys.modules["boards.site"].Site
esp32.Site = lambda: site("site.json")
board = esp32.board
esp32.board = lambda events: board("data", events)
# An address of this port is bytes that only it can read.
sys.modules["boards.assembly"].Line.resolve = lambda self, host: host
fingers = asyncio.create_task(copper.fingers())

# The firmware's own main is next on the path.
sys.path.remove(copper.__file__.rsplit("/", 1)[0])
del sys.modules["main"]
__import__("main")
