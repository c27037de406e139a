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


def start_process(target: str, cwd: Path, *, shared: bool = True) -> DeviceProcess:
    """The test runner's process on `target`; `shared` as for `QemuProcess.start`."""
    if target == "qemu":
        script = HERE / "runner" / "device_main_qemu.py"
        return QemuProcess.start(script, paths=PROBES, cwd=cwd, shared=shared)
    return UnixProcess.start(HERE / "runner" / "device_main.py", paths=PROBES, heap=UNIX_HEAP, cwd=cwd)


def start_runner(target: str, cwd: Path, *, shared: bool = True) -> Bench:
    """A bench whose device runs the test runner."""
    bench = Bench(lambda: start_process(target, cwd, shared=shared), Vaults(Entropy("device tests").stream("device")))
    bench.power_on()
    return bench


class Runners:
    """A long-lived runner for each target; what a test module has imported there is gone with the module."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._benches: dict[str, Bench] = {}
        self._modules: dict[str, str] = {}

    def get(self, target: str, module: str) -> Bench:
        """The runner on `target` for tests of `module`."""
        bench = self._benches.get(target)
        if bench is None:
            folder = self._folder / target
            folder.mkdir()
            bench = self._benches[target] = start_runner(target, folder)
        elif target == "qemu" and self._modules[target] != module:
            # 100 KB hold what one module of tests imports, and not what all of them do.
            bench.power_off()
        self._modules[target] = module
        bench.power_on()
        return bench

    def close(self) -> None:
        """End them all."""
        for bench in self._benches.values():
            bench.power_off()
