"""The gate for memory: every flow fits into the 100 KB of the small board, and one that does not is told by its name.

That the flows fit is what the other tests of the terminal show, which run there too; here is the proof that they would
fail, and the flow that takes most of it.
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
def test_sale_after_sale_in_100_kb(device: Bench) -> None:
    counter = Counter(device)
    counter.run(*SALE)
    first = device.ask_memory()
    assert first.used + first.free in HEAP
    for _ in range(5):
        counter.run(*SALE)
    assert device.ask_memory().used - first.used < 512
