"""What the host counts while it serves, in the terms of Prometheus; `/metrics` and `/health` tell it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


class Distribution:
    """How often a value was how large."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def metric(self, name: str, words: str) -> Metric:
        """As a histogram, whose buckets hold all up to their bounds."""
        bounds = [*map(str, self._bounds), "+Inf"]
        counts = accumulate(self._counts)
        return HistogramMetricFamily(name, words, list(zip(bounds, counts, strict=True)), self._sum)


@lru_cache(100)
def _label(mti: str) -> str:
    """What is no message type must not become a label: a client could make as many as it likes."""
    return mti if len(mti) == 4 and mti.isdecimal() and mti[0] == "0" else "other"


class Monitor(Collector):
    """Counters of one server. Labels are message types and response codes: nothing of a card or an amount.

    They are plain numbers, written by the one thread that serves lines; those of `prometheus_client` lock with each
    change, which takes longer than a message takes to be read.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._messages: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[str] = Counter()
        self._seconds = Distribution(SECONDS)
        self._groups = Distribution(SIZES)
        self._open = 0

    def answered(self, mti: str, code: str, seconds: float) -> None:
        """A message was taken; `code` is "" where there was no answer."""
        self._messages[_label(mti), code or "none"] += 1
        self._seconds.observe(seconds)

    def group_taken(self, size: int) -> None:
        """So many messages had one commit."""
        self._groups.observe(size)

    def lines_open(self, count: int) -> None:
        """So many lines are open now."""
        self._open = count

    def line_refused(self, reason: str) -> None:
        """The host closed a line: `format`, `idle` or `limit`."""
        self._refused[reason] += 1

    def collect(self) -> Iterator[Metric]:
        """For the registry, on whichever thread asks it."""
        messages = CounterMetricFamily(
            "tillbench_messages", "Messages taken, by type and answer.", labels=("mti", "code")
        )
        for labels, count in self._messages.copy().items():
            messages.add_metric(labels, count)
        yield messages
        yield self._seconds.metric("tillbench_message_seconds", "From a message's last byte to its answer, booked.")
        yield self._groups.metric("tillbench_group_messages", "Messages booked in one commit.")
        yield GaugeMetricFamily("tillbench_lines", "Lines open.", self._open)
        refused = CounterMetricFamily(
            "tillbench_lines_refused",
            "Lines closed by the host: no message in the bytes, silence, too many.",
            labels=("reason",),
        )
        for reason, count in self._refused.copy().items():
            refused.add_metric((reason,), count)
        yield refused
