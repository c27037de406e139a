"""The firmware as a ROMFS image of compiled modules, for boards that run code in place."""

from __future__ import annotations

from pathlib import Path

from tillbench.host.emulator import romfs
from tillbench.host.emulator.compiler import compiled


def tree(directory: Path, cache: Path) -> dict[str, bytes | romfs.Tree]:
    """The Python modules below `directory`, compiled.

    One that does not compile goes in as it is: whoever imports it gets the error there, as on the Unix port.
    """
    found: dict[str, bytes | romfs.Tree] = {}
    for path in sorted(directory.iterdir()):
        if path.is_dir():
            below = tree(path, cache)
            if below:
                found[path.name] = below
        elif path.suffix == ".py":
            code = compiled(path, f"{directory.name}/{path.name}", cache)
            found[path.name if code is None else f"{path.stem}.mpy"] = path.read_bytes() if code is None else code
    return found
