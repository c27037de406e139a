"""Starting the device test runner on a target, and a pool of runners that live as long as the tests do."""

from __future__ import annotations

from pathlib import Path

from tillbench.host.emulator.bench import Bench, DeviceProcess, Vaults
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.entropy import Entropy

HERE = Path(__file__).parent
PROBES = (HERE / "runner", HERE / "on_device")
UNIX_HEAP = "4M"
"""The firmware needs a fraction of it; the rest is for the batches of cases that a test sends in one call. On QEMU the
heap has 100 KB, and there a test that needs more says so: `till_needs("memory")`."""


SMALL, WHOLE = "heap100k", "default"
"""MicroPython images for QEMU: what an ESP32 has left beside Wi-Fi, for everything below the terminal; and 140 KB, with
which the terminal's flows pass, on top of the runner and a fake board. See docs/memory.md."""


def start_process(target: str, cwd: Path, *, shared: bool = True, image: str = SMALL) -> DeviceProcess:
    """The test runner's process on `target`; `shared` and `image` as for `QemuProcess.start`."""
    if target == "qemu":
        script = HERE / "runner" / "device_main_qemu.py"
        return QemuProcess.start(script, paths=PROBES, cwd=cwd, shared=shared, image=image)
    return UnixProcess.start(HERE / "runner" / "device_main.py", paths=PROBES, heap=UNIX_HEAP, cwd=cwd)


def start_runner(target: str, cwd: Path, *, shared: bool = True, image: str = SMALL) -> Bench:
    """A bench whose device runs the test runner."""
    bench = Bench(
        lambda: start_process(target, cwd, shared=shared, image=image), Vaults(Entropy("device tests").stream("device"))
    )
    bench.power_on()
    return bench


class Runners:
    """A long-lived runner for each target and image; what a test module has imported there is gone with the module."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._benches: dict[tuple[str, str], Bench] = {}
        self._modules: dict[tuple[str, str], str] = {}

    def get(self, target: str, image: str, module: str) -> Bench:
        """The runner on `target` for tests of `module`."""
        key = (target, image)
        bench = self._benches.get(key)
        if bench is None:
            folder = self._folder / f"{target}-{image}"
            folder.mkdir()
            bench = self._benches[key] = start_runner(target, folder, image=image)
        elif target == "qemu" and self._modules[key] != module:
            # 100 KB hold what one module of tests imports, and not what all of them do.
            bench.power_off()
        self._modules[key] = module
        bench.power_on()
        return bench

    def close(self) -> None:
        """End them all."""
        for bench in self._benches.values():
            bench.power_off()
