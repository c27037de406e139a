"""One connection through the misbehaving line, both ways, without sockets and without a clock."""

from __future__ import annotations

from tillbench.host.line.cutter import Cutter, Piece
from tillbench.host.line.decision import Chooser
from tillbench.host.line.record import Entry, Record
from tillbench.host.line.scenario import Scenario, Way
from tillbench.host.line.shaper import Departure, Shaper
from tillbench.protocols.iso8583 import Dialect, describe
from tillbench.protocols.iso8583.lines import Line


class _OneWay:
    def __init__(self, cutter: Cutter, chooser: Chooser, shaper: Shaper) -> None:
        self.cutter = cutter
        self.chooser = chooser
        self.shaper = shaper
        self.count = 0


class FaultyConnection:
    """Bytes of both peers in, departures out. Times are microseconds on the caller's clock.

    scenario, seed: what goes wrong. number: of the connection, from 1. line, dialect: how messages are told apart.
    """

    def __init__(
        self, scenario: Scenario, seed: int | str, number: int, record: Record, line: Line, dialect: Dialect | None
    ) -> None:
        self.number = number
        self._record = record
        self._dialect = dialect
        self._ways = {
            way: _OneWay(Cutter(line, dialect), Chooser(scenario, seed, number, way), Shaper(scenario.baud))
            for way in Way
        }
        self.tell("opened")

    def tell(self, event: str, way: Way | None = None) -> None:
        """Put an event on the record."""
        self._record.add(Entry(self.number, way, event))

    def take(self, way: Way, data: bytes, now: int) -> None:
        """Bytes came from the sender of `way`."""
        cutter = self._ways[way].cutter
        knew = cutter.lost
        pieces = cutter.feed(data)
        for piece in pieces if cutter.lost == knew else pieces[:-1]:
            self._message(way, piece, now)
        if cutter.lost != knew:
            self.tell(f"no frame, passed on as it comes from here: {cutter.lost}", way)
            self._message(way, pieces[-1], now)

    def end(self, way: Way, now: int) -> None:
        """The sender of `way` sends no more."""
        one_way = self._ways[way]
        for piece in one_way.cutter.rest():
            self._message(way, piece, now)
        self.tell("end", way)
        one_way.shaper.end(now)

    def next_due(self, way: Way) -> int | None:
        """When `due` has something, None: not before something is taken."""
        return self._ways[way].shaper.next_due()

    def due(self, way: Way, now: int) -> list[Departure]:
        """What leaves towards the receiver of `way` by now."""
        return self._ways[way].shaper.due(now)

    def waiting(self, way: Way) -> int:
        """Bytes that have come this way and not left."""
        return self._ways[way].shaper.waiting

    def _message(self, way: Way, piece: Piece, now: int) -> None:
        one_way = self._ways[way]
        one_way.count += 1
        decision = one_way.chooser.decide(one_way.count, piece.message_class, len(piece.frame))
        lines: tuple[str, ...] = ()
        if self._record.contents and piece.message and self._dialect:
            lines = tuple(describe(piece.message, self._dialect))
        self._record.add(
            Entry(
                self.number,
                way,
                message=one_way.count,
                message_class=piece.message_class,
                size=len(piece.frame),
                faults=tuple(decision.words),
                lines=lines,
            )
        )
        one_way.shaper.take(piece.frame, decision, now)
