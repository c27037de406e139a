"""The gate for memory: every flow fits into a heap of 100 KB, with all else there, and one that does not has a name.

That the flows fit is what the other tests of the terminal show, which run there too; here is the proof that they would
fail, and that sale after sale leaves nothing behind.
"""

from __future__ import annotations

import pytest
from tillbench.host.emulator.bench import Bench

from tests.device.terminal_rig import CARD_IN, CARD_OUT, COPIES, DONE, IDLE_TO_AMOUNT, PIN, Counter, DoesNotFit

SALE = [*IDLE_TO_AMOUNT, *CARD_IN, *PIN, *CARD_OUT, *COPIES, *DONE]
HEAP = range(98_000, 102_401)


@pytest.mark.till_needs("psram")
def test_a_flow_that_takes_80_kb_more_fails_by_its_name(bench: Bench) -> None:
    counter = Counter(bench)
    counter.run(*SALE)
    bench.call("terminal_probe:burden", 80 * 1024)
    with pytest.raises(DoesNotFit, match=r"sale does not fit into the heap of \d+,\d+ bytes: 81,920 more were wanted"):
        counter.run(*SALE)


@pytest.mark.till_needs("psram")
def test_sale_after_sale(device: Bench) -> None:
    counter = Counter(device)
    counter.run(*SALE)
    first = device.ask_memory()
    assert first.used + first.free in HEAP
    used = []
    for _ in range(4):
        counter.run(*SALE)
        used.append(device.ask_memory().used)
    assert used[-1] - used[0] < 512
