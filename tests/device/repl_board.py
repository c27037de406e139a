"""A bare QEMU board with its REPL on a pseudo-terminal and a flash that outlives it, for tools that talk to a REPL."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillbench.host.emulator import psram
from tillbench.host.emulator.one_port import NoRepl, Repl
from tillbench.host.emulator.qemu_images import find_image, find_qemu
from tillbench.host.emulator.serial_wire import SerialWire

TRIES, PATIENCE_S = 8, 3.0
FLASH_SIZE = 512 * 1024
BLANK = b"\xff" * FLASH_SIZE
MOUNT = f"""
import os,vfs,uctypes
class Flash:
 def __init__(s,left):
  s.m=memoryview(uctypes.bytearray_at({psram.BASE},{FLASH_SIZE}));s.left=left;s.done=0
 def op(s,a,d):
  s.done+=1
  if s.left==0:return
  s.left-=1
  if s.left==0:d=d[:len(d)//2]
  s.m[a:a+len(d)]=d
 def readblocks(s,b,d,o=0):
  a=b*4096+o;d[:]=s.m[a:a+len(d)]
 def writeblocks(s,b,d,o=0):s.op(b*4096+o,memoryview(d))
 def ioctl(s,o,a):
  if o==4:return {FLASH_SIZE}//4096
  if o==5:return 4096
  if o==6:s.op(a*4096,memoryview(b'\\xff'*4096));return 0
def mount(left=-1):
 global flash
 os.chdir('/')
 try:vfs.umount('/')
 except OSError:pass
 flash=Flash(left)
 try:vfs.mount(flash,'/')
 except OSError:
  vfs.VfsLfs2.mkfs(flash);vfs.mount(flash,'/')
"""
"""A flash whose n-th operation from now on is done by half, and no later one at all: the power is gone."""


@dataclass
class ReplBoard:
    """The process; `port` is what to open."""

    process: subprocess.Popen[str]
    port: str

    @classmethod
    def start(cls, folder: Path) -> ReplBoard:
        """Start it, and wait for its prompt; the flash is a file in `folder`.

        What it prints before somebody has opened the port is lost, so its prompt has to be asked for; and QEMU's model
        of the UART hears nothing any more if that comes before the program has switched it on.
        """
        for _ in range(TRIES):
            board = cls._started(folder)
            if board.answers():
                return board
            board.stop()
        raise AssertionError(f"QEMU's board has not come to its prompt in {TRIES} starts")

    @classmethod
    def _started(cls, folder: Path) -> ReplBoard:
        memory = folder / "psram.bin"
        if not memory.exists():
            memory.write_bytes(BLANK)
            with memory.open("r+b") as file:
                file.truncate(psram.SIZE)
        process = subprocess.Popen(
            [
                find_qemu(),
                *("-machine", "mps2-an385,memory-backend=psram", "-cpu", "cortex-m3"),
                *("-object", f"memory-backend-file,id=psram,size={psram.SIZE},mem-path={memory},share=on"),
                *("-semihosting", "-display", "none", "-monitor", "none", "-nic", "none", "-serial", "pty"),
                *("-kernel", str(find_image("heap100k"))),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        said = ""
        while (found := re.search(r"redirected to (\S+)", said)) is None:
            line = process.stdout.readline()
            assert line, f"QEMU has ended: {said}"
            said += line
        return cls(process, found[1])

    def answers(self) -> bool:
        """Whether it comes to its prompt."""
        wire = SerialWire(self.port)
        try:
            repl = Repl(wire, PATIENCE_S)
            repl.interrupt()
            repl.friendly()
        except NoRepl:
            return False
        finally:
            wire.close()
        return True

    def stop(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def mounted(transport: Any, left: int = -1) -> Any:
    """The transport, with the flash mounted at the board's root."""
    transport.exec(MOUNT)
    transport.exec(f"mount({left})")
    return transport
