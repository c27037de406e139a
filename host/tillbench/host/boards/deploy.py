"""Put the firmware on a board so that a cut leaves the old one or the new one, whole.

There are two slots, `/till/a` and `/till/b`, and a file that says which one runs. A deploy brings the other slot to
what it should hold, has the board compute the SHA-256 of every file in it, and only then renames a new `/till/slot`
over the old one, which LittleFS does as one operation. Nothing that runs is ever touched. Only what no slot has by
that hash crosses the wire.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

ROOT = "/till"
SLOTS = ("a", "b")
POINTER = f"{ROOT}/slot"
_SPARE = 16 * 1024
"""Bytes of the file system that stay free: it copies a block before it changes one."""
_BLOCK = 4096

_HASHES = """
import os,hashlib
def _h(d,e):
 for n,t,*_ in os.ilistdir(d):
  p=d+'/'+n
  if t==0x4000:_h(p,e)
  else:
   h=hashlib.sha256()
   with open(p,'rb') as f:
    while True:
     c=f.read(512)
     if not c:break
     h.update(c)
   print(repr((p[e:],''.join('%02x'%b for b in h.digest()))),end=',')
"""
_COPY = """
def _c(a,b):
 with open(a,'rb') as f,open(b,'wb') as g:
  while True:
   c=f.read(512)
   if not c:break
   g.write(c)
"""


class DeployFailed(Exception):
    """The board does not hold what it should; what ran before still does."""


class Transport(Protocol):
    """What a deploy needs of `mpremote`'s transport."""

    def exec(self, command: str) -> bytes:
        """Run it; what it prints."""
        ...

    def eval(self, expression: str) -> object:
        """Its value."""
        ...

    def fs_exists(self, path: str) -> bool:
        """Whether it is there."""
        ...

    def fs_mkdir(self, path: str) -> None:
        """Make a directory."""
        ...

    def fs_rmfile(self, path: str) -> None:
        """Remove a file."""
        ...

    def fs_readfile(self, path: str) -> bytes:
        """Its bytes."""
        ...

    def fs_writefile(self, path: str, data: bytes) -> None:
        """Write a file."""
        ...


@dataclass(frozen=True)
class Deployed:
    """What a deploy has done.

    Attributes:
        slot: which one runs from the next start on.
        sent: files that crossed the wire.
        copied: files that the board had in the other slot.
        kept: files that were there already.
        removed: files that are no longer part of it.
    """

    slot: str
    sent: int
    copied: int
    kept: int
    removed: int


def deploy(
    board: Transport,
    files: Mapping[str, bytes],
    root: Mapping[str, bytes],
    told: Callable[[str], None] = lambda _: None,
) -> Deployed:
    """Bring the board to run `files`.

    Args:
        board: at its raw REPL.
        files: of the slot, by path.
        root: files at the board's root, each of which must work with the old slot and with the new one.
        told: each step in words.

    Raises:
        DeployFailed: there is no room, or the board has other bytes than it was sent.
    """
    board.exec(_COPY)
    if not board.fs_exists(ROOT):
        board.fs_mkdir(ROOT)
    running = running_slot(board)
    slot = SLOTS[1] if running == SLOTS[0] else SLOTS[0]
    wanted = hashes_of(files)
    there = file_hashes(board, slot)
    elsewhere = {digest: path for path, digest in file_hashes(board, running).items()} if running else {}
    # What goes, goes first: the room that it takes may be needed.
    gone = [path for path, digest in there.items() if wanted.get(path) != digest]
    for path in gone:
        board.fs_rmfile(_in(slot, path))
    missing = [path for path in files if there.get(path) != wanted[path]]
    _check_room(board, sum(len(files[path]) for path in missing), len(missing))
    _make_directories(board, slot, missing)
    sent = 0
    for path in missing:
        source = elsewhere.get(wanted[path])
        if source is not None:
            board.exec(f"_c({_in(running or '', source)!r},{_in(slot, path)!r})")
        else:
            told(f"{path} ({len(files[path])} bytes)")
            board.fs_writefile(_in(slot, path), files[path])
            sent += 1
    _compare(file_hashes(board, slot), wanted)
    for path, data in root.items():
        replace_file(board, f"/{path}", data)
    replace_file(board, POINTER, slot.encode())
    told(f"slot {slot} runs from the next start on")
    removed = len([path for path in gone if path not in files])
    return Deployed(slot, sent, len(missing) - sent, len(files) - len(missing), removed)


def running_slot(board: Transport) -> str | None:
    """The slot that the board runs; None before the first deploy."""
    if not board.fs_exists(POINTER):
        return None
    name = bytes(board.fs_readfile(POINTER)).decode(errors="replace")
    return name if name in SLOTS else None


def hashes_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 in hex of each file that a slot should hold."""
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def _in(slot: str, path: str) -> str:
    return f"{ROOT}/{slot}/{path}"


def file_hashes(board: Transport, slot: str) -> dict[str, str]:
    """SHA-256 in hex of each file in a slot, as the board computes it."""
    board.exec(_HASHES)
    folder = f"{ROOT}/{slot}"
    if not board.fs_exists(folder):
        return {}
    listed = board.exec(f"_h({folder!r},{len(folder) + 1})").decode()
    found: dict[str, str] = dict(ast.literal_eval(f"[{listed.strip()}]"))
    return found


def _make_directories(board: Transport, slot: str, paths: Iterable[str]) -> None:
    folders = {f"{ROOT}/{slot}"}
    for path in paths:
        parts = path.split("/")[:-1]
        folders.update(_in(slot, "/".join(parts[: n + 1])) for n in range(len(parts)))
    for folder in sorted(folders):
        if not board.fs_exists(folder):
            board.fs_mkdir(folder)


def _check_room(board: Transport, size: int, count: int) -> None:
    free = board.eval(f"(lambda s:s[0]*s[3])(os.statvfs({ROOT!r}))")
    assert isinstance(free, int)
    needed = size + count * _BLOCK // 2 + _SPARE
    if needed > free:
        raise DeployFailed(
            f"expected about {needed} bytes free on the board, found {free}; nothing that runs was touched"
        )


def _compare(there: dict[str, str], wanted: dict[str, str]) -> None:
    wrong = [path for path in wanted if there.get(path) != wanted[path]] + [
        path for path in there if path not in wanted
    ]
    if wrong:
        raise DeployFailed(f"{wrong[0]}: the board has other bytes than it was sent; what ran before still does")


def replace_file(board: Transport, path: str, data: bytes) -> None:
    """One file, the old one or the new one.

    Raises:
        DeployFailed: the board has other bytes than it was sent.
    """
    if board.fs_exists(path) and bytes(board.fs_readfile(path)) == data:
        return
    board.fs_writefile(f"{path}.new", data)
    if bytes(board.fs_readfile(f"{path}.new")) != data:
        raise DeployFailed(f"{path}: the board has other bytes than it was sent; what ran before still does")
    board.exec(f"os.rename({path + '.new'!r},{path!r})")
