"""What the host counts while it serves, in the terms of Prometheus; `/metrics` and `/health` tell it."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Monitor:
    """Counters of one server. Labels are message types and response codes: nothing of a card or an amount."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "tillbench_messages", "Messages taken, by type and answer.", ("mti", "code"), registry=self.registry
        )
        self._seconds = Histogram(
            "tillbench_message_seconds",
            "From a message's last byte to its answer, booked.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._groups = Histogram(
            "tillbench_group_messages", "Messages booked in one commit.", buckets=SIZES, registry=self.registry
        )
        self._open = Gauge("tillbench_lines", "Lines open.", registry=self.registry)
        self._refused = Counter(
            "tillbench_lines_refused",
            "Lines closed by the host: no message in the bytes, silence, too many.",
            ("reason",),
            registry=self.registry,
        )
        self._known: dict[tuple[str, str], Counter] = {}

    def answered(self, mti: str, code: str, seconds: float) -> None:
        """A message was taken; `code` is "" where there was no answer."""
        counter = self._known.get((mti, code))
        if counter is None:
            # What is no message type must not become a label: a client could make as many as it likes.
            label = mti if len(mti) == 4 and mti.isdecimal() and mti[0] == "0" else "other"
            counter = self._messages.labels(label, code or "none")
            if label == mti:
                self._known[mti, code] = counter
        counter.inc()
        self._seconds.observe(seconds)

    def group_taken(self, size: int) -> None:
        """So many messages had one commit."""
        self._groups.observe(size)

    def lines_open(self, count: int) -> None:
        """So many lines are open now."""
        self._open.set(count)

    def line_refused(self, reason: str) -> None:
        """The host closed a line: `format`, `idle` or `limit`."""
        self._refused.labels(reason).inc()
