"""Write the firmware's names into the board folder: `python3 bench/qemu/names.py`.

A name that the image knows costs no heap where a module uses it; one that it does not know costs about 8 bytes, and the
table of those doubles when it is full. The file is checked in, and the images are built again when it changes; names
that have come since only cost what they would cost without it, so it need not be fresh.
"""

from __future__ import annotations

import keyword
import tokenize
from pathlib import Path

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
NAMES = HERE / "usermod" / "names" / "names.h"
HEADER = "// The firmware's names, written by bench/qemu/names.py.\n"


def names() -> list[str]:
    """Every identifier in the firmware, sorted."""
    found: set[str] = set()
    for path in FIRMWARE.rglob("*.py"):
        with path.open("rb") as source:
            found.update(
                token.string
                for token in tokenize.tokenize(source.readline)
                if token.type == tokenize.NAME and not keyword.iskeyword(token.string)
            )
    return sorted(found)


if __name__ == "__main__":
    found = names()
    NAMES.write_text(HEADER + "".join(f"Q({name})\n" for name in found))
    print(f"{NAMES}: {len(found)} names")
