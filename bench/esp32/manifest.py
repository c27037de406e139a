# ruff: noqa: F821
# Its names are those of MicroPython's manifest files.
"""Freeze the firmware into an ESP32 image of your own. NOT BUILT HERE: nobody has run this yet.

In a checkout of MicroPython with the ESP-IDF at hand:

    make -C ports/esp32 BOARD=ESP32_GENERIC FROZEN_MANIFEST=/path/to/tillbench/bench/esp32/manifest.py
"""

include("$(PORT_DIR)/boards/manifest.py")
for name in ("boards", "charset", "crypto", "drivers", "emv", "generated", "iso7816", "iso8583", "port", "terminal"):
    package(name, base_path="../../firmware")
module("main.py", base_path="../../firmware")
