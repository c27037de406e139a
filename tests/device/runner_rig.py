"""Starting the device test runner on a target, and a pool of runners that live as long as the tests do."""

from __future__ import annotations

from pathlib import Path

from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.host.emulator.qemu import QemuProcess
from tillbench.host.emulator.snapshot import Snapshot
from tillbench.host.emulator.vaults import Vaults
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
    """A long-lived runner for each target; what a test module has imported there is gone with the module.

    QEMU is started once for all modules, and once for all tests that want a device of their own, and is put back to the
    moment after its start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._benches: dict[str, Bench] = {}
        self._modules: dict[str, str] = {}
        self._starts: dict[str, tuple[Bench, Snapshot]] = {}

    def get(self, target: str, module: str) -> Bench:
        """The runner on `target` for tests of `module`."""
        if target == "qemu":
            # 100 KB hold what one module of tests imports, and not what all of them do.
            bench = self._put_back("modules") if self._modules.get(target) != module else self._starts["modules"][0]
        else:
            bench = self._benches.get(target) or self._start(target, target)
            self._benches[target] = bench
        self._modules[target] = module
        bench.power_on()
        return bench

    def just_started(self, target: str, folder: Path) -> Bench:
        """A device for one test alone; on QEMU it is there for the next one when the test is over."""
        return self._put_back("tests") if target == "qemu" else start_runner(target, folder)

    def close(self) -> None:
        """End them all."""
        for bench in (*self._benches.values(), *(bench for bench, _ in self._starts.values())):
            bench.power_off()

    def _put_back(self, purpose: str) -> Bench:
        """QEMU as it is after its start."""
        if purpose not in self._starts:
            bench = self._start("qemu", purpose)
            self._starts[purpose] = (bench, bench.snapshot())
        else:
            self._starts[purpose][0].restore(self._starts[purpose][1])
        return self._starts[purpose][0]

    def _start(self, target: str, name: str) -> Bench:
        folder = self._folder / name
        folder.mkdir()
        return start_runner(target, folder)
