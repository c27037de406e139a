"""The device's EMV kernel, run in MicroPython against any card: virtual, or in a PC/SC reader."""

from tillbench.host.emv_run.kernel_process import KernelProcess, Parties, Result, Step
from tillbench.host.emv_run.sale import Sale, sell
from tillbench.host.emv_run.terminal_setup import Order, TerminalSetup, bench_terminal

__all__ = [
    "KernelProcess",
    "Order",
    "Parties",
    "Result",
    "Sale",
    "Step",
    "TerminalSetup",
    "bench_terminal",
    "sell",
]
