"""How a route gets at the terminal that its path names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from tillbench.host.pcsc.readers import CardReaders
from tillbench.host.web.till import Till

LONGEST_WAIT_S = 3600.0

Number = Annotated[int, Path(ge=1, description="Which terminal; 1 is the first.")]
Seconds = Annotated[float, Field(gt=0, le=LONGEST_WAIT_S, description="How long to wait, in virtual seconds.")]
Since = Annotated[int, Query(ge=0, le=2**53, description="Only events after this number.")]


class Body(BaseModel):
    """What a request brings; a name that is not known is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _till(request: Request, number: Number) -> Till:
    tills: list[Till] = request.app.state.tills
    if number > len(tills):
        raise LookupError(f"no terminal {number}: there are {len(tills)}")
    return tills[number - 1]


TheTill = Annotated[Till, Depends(_till)]


def _readers(request: Request) -> CardReaders:
    readers: CardReaders = request.app.state.readers
    return readers


TheReaders = Annotated[CardReaders, Depends(_readers)]
