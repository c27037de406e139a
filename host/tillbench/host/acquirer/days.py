"""A day in a batch's place, for a dialect that has none: repeats and reversals keep their transaction's day."""

from dataclasses import replace
from datetime import datetime, timedelta

from tillbench.host.acquirer.request import Request

TOMORROW = timedelta(days=1)  # a terminal's clock may be a little ahead


def with_batches(request: Request, now: datetime) -> Request:
    """A request that names a day with it, and that of its original, as batches."""
    said = request.original
    original = replace(said, batch=batch_of(said.date, now)) if said.stan and said.date else said
    return replace(request, batch=batch_of(request.day, now), original=original)


def batch_of(day: str, now: datetime) -> int:
    """MMDD as YYMMDD: the latest such day that is not in the future. An impossible day is a batch as good as any."""
    latest = now + TOMORROW
    year = latest.year if day <= f"{latest:%m%d}" else latest.year - 1
    return int(f"{year % 100:02}{day}")
