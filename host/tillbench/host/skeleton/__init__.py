"""Skeletons: files that are written for somebody to go on with."""

from __future__ import annotations

import keyword
from importlib.resources import files
from pathlib import Path

TEMPLATES = {
    "driver": "{name}.py",
    "model": "{name}_model.py",
    "faults": "{name}_faults.py",
    "device": "{name}_device.py",
    "test": "test_{name}.py",
}
"""Template to file name."""


class CannotMake(Exception):
    """The skeleton cannot be written; the text says why."""


def make_driver(name: str, into: Path) -> list[Path]:
    """Write the skeleton of a driver, its model, its faults and their test into `into`/`name`.

    Raises:
        CannotMake: no name for a module, the folder is there, or it cannot be written.
    """
    if not name.isidentifier() or not name.isascii() or name != name.lower() or keyword.iskeyword(name):
        raise CannotMake(f"name {name!r}: expected a module's name in small letters, as in scale or card_feeder")
    folder = into / name
    title = name.replace("_", " ").capitalize()
    words = {"@NAME@": name, "@CLASS@": "".join(part.capitalize() for part in name.split("_")), "@TITLE@": title}
    try:
        folder.mkdir(parents=True)
        return [_write(folder / file.format(name=name), template, words) for template, file in TEMPLATES.items()]
    except FileExistsError:
        raise CannotMake(f"{folder} is there already: choose another name, or another folder with --into") from None
    except OSError as error:
        raise CannotMake(f"{folder}: {error.strerror}") from None


def _write(path: Path, template: str, words: dict[str, str]) -> Path:
    text = (files(__name__) / "templates" / f"{template}.txt").read_text(encoding="utf-8")
    for word, meant in words.items():
        text = text.replace(word, meant)
    path.write_text(text, encoding="utf-8")
    return path
