"""A bare QEMU board with its REPL on a pseudo-terminal and a flash that outlives it, for tools that talk to a REPL."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tillbench.host.emulator import psram
from tillbench.host.emulator.qemu_images import find_image, find_qemu

UART_CONTROL, RECEIVER_ON = 0x4000_4008, 2
"""Register CTRL of UART0 (CMSDK APB UART, where an MPS2 has it)."""
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


def board_says(output: IO[str], pattern: str) -> re.Match[str]:
    """The first line from now on that has the pattern."""
    said = ""
    for line in output:
        if found := re.search(pattern, line):
            return found
        said += line
    raise AssertionError(f"QEMU has ended: {said}")


@dataclass
class ReplBoard:
    """The process; `port` is what to open."""

    process: subprocess.Popen[str]
    port: str

    @classmethod
    def start(cls, folder: Path) -> ReplBoard:
        """Start it, with its UART switched on; the flash is a file in `folder`.

        QEMU's model of the UART hears nothing any more when somebody opens the port before the program has switched
        that on, so QEMU's monitor is asked for the register.
        """
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
                *("-semihosting", "-display", "none", "-monitor", "stdio", "-nic", "none", "-serial", "pty"),
                *("-kernel", str(find_image("heap100k"))),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        board = cls(process, board_says(process.stdout, r"redirected to (\S+)")[1])
        control = 0
        while not control & RECEIVER_ON:
            process.stdin.write(f"xp /1wx {UART_CONTROL:#x}\n")
            process.stdin.flush()
            control = int(board_says(process.stdout, rf"^0*{UART_CONTROL:x}: (\w+)")[1], 16)
        return board

    def stop(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def mounted(transport: Any, left: int = -1) -> Any:
    """The transport, with the flash mounted at the board's root."""
    transport.exec(MOUNT)
    transport.exec(f"mount({left})")
    return transport
