"""The firmware on a bare-metal Cortex-M3: QEMU's mps2-an385, started, watched and killed."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator import mpy_names, psram, romfs
from tillbench.host.emulator.firmware_rom import tree
from tillbench.host.emulator.micropython import firmware_root
from tillbench.host.emulator.monitor import Monitor
from tillbench.host.emulator.orphans import WATCH
from tillbench.host.emulator.psram import Psram, RingWire
from tillbench.host.emulator.qemu_images import cache_dir, find_image, find_qemu
from tillbench.host.emulator.socket_wire import SocketWire
from tillbench.host.emulator.state import FLASH_SIZE

_MOUNT = "/rom"
_INTERRUPT_S = 5.0
_NOISE = "has no peer"  # QEMU about a network card that nobody wants


def search_path(script: Path, paths: Iterable[Path]) -> list[Path]:
    """Directories of modules in the order in which the device looks, as for the Unix port."""
    root = firmware_root()
    order = [root / "port", *paths, root]
    return order if script.parent in order else [script.parent, *order]


def rom_tree(directories: list[Path]) -> tuple[romfs.Tree, list[str]]:
    """The directories' modules, compiled, and the device's `sys.path` for them."""
    root = firmware_root()
    top: dict[str, bytes | romfs.Tree] = {}
    where: list[str] = []
    for number, directory in enumerate(directories):
        if directory == root / "port":
            where.append(f"{_MOUNT}/firmware/port")  # it is in the firmware's tree
            continue
        name = "firmware" if directory == root else f"{number}-{directory.name}"
        top[name] = tree(directory, cache_dir() / "mpy")
        where.append(f"{_MOUNT}/{name}")
    # asyncio of the image's own MicroPython; a stock ESP32 image has it frozen.
    top["lib"] = tree(cache_dir() / "current" / "lib", cache_dir() / "mpy")
    where.append(f"{_MOUNT}/lib")
    return top, where


@dataclass
class QemuProcess:
    """The firmware in a QEMU process of its own, with the link on shared memory."""

    process: subprocess.Popen[bytes]
    wire: RingWire | SocketWire
    console_file: Path
    psram: Psram
    bell: socket.socket
    monitor: Monitor
    heard: bytes = b""

    @classmethod
    def start(
        cls,
        script: Path,
        *,
        paths: tuple[Path, ...] = (),
        image: str = "heap100k",
        cwd: Path,
        flash: Path | None = None,
        shared: bool = True,
        frozen: bool = True,
    ) -> QemuProcess:
        """Start `script`; `paths` come before the firmware on the device's `sys.path`.

        Args:
            script: the MicroPython file to run.
            paths: further directories of modules.
            image: which of `IMAGES`.
            cwd: working directory; the console output goes to `console.txt` in it.
            flash: flash image; by default `flash.bin` in `cwd`, made blank if it is not there.
            shared: the link goes through shared memory; False: through UART1 alone, which is slow.
            frozen: names and what describes the code are outside of the heap, as in an image that the firmware is
                frozen into; False: they are in the heap.

        Raises:
            NoQemu: `make qemu` was not run here.
            NoCompiler: there is no mpy-cross.
        """
        binary, elf = find_qemu(), find_image(image)
        modules, where = rom_tree(search_path(script, paths))
        rom = romfs.build(modules)
        flash = flash or cwd / "flash.bin"
        if not flash.exists():
            flash.write_bytes(b"\xff" * FLASH_SIZE)
        memory = Psram(flash, FLASH_SIZE, rom, mpy_names.listed(modules, _MOUNT) if frozen else b"", rings=shared)
        boot = cwd / "boot.txt"
        boot.write_bytes(_boot(script.stem, len(rom), where, frozen))
        console = cwd / "console.txt"
        ours, theirs = socket.socketpair()
        commands, obeyed = socket.socketpair()
        # UART0, the REPL: typed from one file, printed to another.
        with theirs, obeyed, boot.open("rb") as typed, console.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  qemu-system-arm from PATH
                [
                    binary,
                    *("-machine", "mps2-an385,memory-backend=psram", "-cpu", "cortex-m3"),
                    # MicroPython's start-up code hangs without semihosting.
                    *("-semihosting", "-display", "none", "-nodefaults", "-nic", "none"),
                    *("-object", f"memory-backend-file,id=psram,size={psram.SIZE},mem-path={flash},share=on"),
                    *("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"),
                    *("-chardev", f"socket,id=bell,fd={theirs.fileno()}", "-serial", "chardev:bell"),
                    *("-chardev", f"socket,id=monitor,fd={obeyed.fileno()}", "-mon", "chardev=monitor,mode=control"),
                    *("-kernel", str(elf)),
                ],
                stdin=typed,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno(), obeyed.fileno()],
                process_group=0,  # Ctrl-C in the window is for the emulator, which then ends the device
                cwd=cwd,
            )
        WATCH.begun(process.pid)
        wire = RingWire(memory, ours) if shared else SocketWire(ours)
        return cls(process, wire, console, memory, ours, Monitor(commands))

    def ended(self) -> int | None:
        """Its exit code, if it has ended by itself."""
        return self.process.poll()

    def printed(self, data: bytes) -> None:
        """Nothing is printed between the frames: the console is a wire of its own."""

    def console(self) -> str:
        """What the board and QEMU have printed."""
        if not self.console_file.exists():
            return ""
        lines = self.console_file.read_text(errors="replace").splitlines(keepends=True)
        return "".join(line for line in lines if _NOISE not in line)

    def interrupt(self) -> str:
        """Raise KeyboardInterrupt in the board's code, wherever it is; returns the end of the console.

        Ctrl-C does not stop running code on this port. The program ends with a traceback that says where it hung.
        """
        if self.process.poll() is None:
            self.psram.control[psram.INTERRUPT] = 1
            with suppress(OSError):  # it ends at this moment, or has bells enough
                self.bell.send(b"\x01", socket.MSG_DONTWAIT)
            try:
                self.process.wait(_INTERRUPT_S)
            except subprocess.TimeoutExpired:
                return self.console() + f"no traceback: QEMU did not end within {_INTERRUPT_S:g} s of an interrupt\n"
        return self.console()

    def keep(self, file: Path) -> None:
        """Store the board in `file`: processor, peripherals, memory, flash and rings."""
        self.monitor.keep(file)

    def go_back(self, file: Path) -> None:
        """Be the board that `file` has."""
        self.monitor.go_back(file)
        if isinstance(self.wire, RingWire):
            self.wire.resume()
        else:
            while self.wire.read():
                pass  # said before, and wanted by nobody any more

    def kill(self) -> None:
        """SIGKILL: to the firmware, this is the power cut. The flash stays as it is at this moment."""
        self.process.kill()
        self.process.wait()
        WATCH.ended(self.process.pid)
        self.wire.close()
        self.monitor.close()
        self.psram.close()


def _boot(program: str, rom_size: int, where: list[str], frozen: bool) -> bytes:
    """What a person would type at the raw REPL."""
    outside = (
        f"romnames.add({psram.BASE + psram.NAMES})\n"
        f"romcode.keep({_MOUNT + '/'!r},{psram.BASE + psram.CODE},{psram.CODE_SIZE})\n"
    )
    return (
        "\x01import sys,vfs,uctypes,romnames,romcode\n"
        f"{outside if frozen else ''}"
        f"vfs.mount(vfs.VfsRom(uctypes.bytearray_at({psram.BASE + psram.ROM},{rom_size})),{_MOUNT!r})\n"
        f"sys.path[:]={where!r}\n"
        f"import boot_qemu;boot_qemu.run({program!r})\n\x04"
    ).encode()
