"""Answers to messages that enter no transaction (0500, 0320), kept to be given again when the message is repeated."""

from sqlalchemy import select
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.schema import StoredAnswer


def kept(case: Case) -> Answer | None:
    """The first answer to this message, with its first clock, or None."""
    request = case.request
    row = case.books.session.scalars(
        select(StoredAnswer).filter_by(
            mti=request.mti,
            function=request.function,
            terminal_id=request.terminal_id,
            batch=request.batch,
            stan=request.stan,
        )
    ).one_or_none()
    if row is None:
        return None
    flags = tuple(int(flag) for flag in row.flags)
    return Answer(
        code=row.code,
        at=row.at,
        rrn=row.rrn,
        counted=request.counted,
        flags=(flags[0], flags[1]) if flags else None,
        because="repeated: first answer again",
    )


def keep(case: Case, answer: Answer) -> Answer:
    """Remember the answer, and return it."""
    request = case.request
    row = StoredAnswer(
        mti=request.mti,
        function=request.function,
        terminal_id=request.terminal_id,
        batch=request.batch,
        stan=request.stan,
        at=answer.at,
        code=answer.code,
        rrn=answer.rrn,
        flags="".join(str(flag) for flag in answer.flags or ()),
    )
    case.books.session.add(row)
    case.books.session.flush()
    return answer
