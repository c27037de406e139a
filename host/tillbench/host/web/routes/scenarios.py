"""Scenarios: the gallery, playing one, recording what is done."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from tillbench.host.emulator.pace import FASTEST, SLOWEST
from tillbench.host.scenario.player import play
from tillbench.host.scenario.recording import as_test, recorded
from tillbench.host.scenario.steps import Scenario, Step, Wording, as_yaml, gallery, read
from tillbench.host.web.errand import Impossible
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill

router = APIRouter(tags=["scenarios"], responses=documented(404, 409, 422))


class Listed(BaseModel):
    """A scenario of the gallery. `yaml`: the whole of it."""

    id: str
    name: str
    look_for: str
    zh: Wording | None = Field(description="The same two in Chinese.")
    steps: int
    yaml: str


class Play(Body):
    """Which scenario: one of the gallery, or one that is given; and how fast."""

    id: str | None = Field(None, max_length=80, examples=["1-sale"])
    yaml: str | None = Field(None, max_length=100_000)
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST, strict=False)] | None = Field(
        None, description="Of the clock from now on; null leaves it as it is."
    )


class Played(BaseModel):
    """How it went. `problem` names the step that did not do what it says."""

    passed: bool
    steps: int
    problem: str


class Recording(BaseModel):
    """Whether what is done is recorded, from which event on."""

    since: int | None


class Recorded(BaseModel):
    """What was done, as YAML and as a pytest test; null when nothing was."""

    yaml: str | None
    test: str | None


class Name(Body):
    """How to call what was recorded."""

    name: str = Field("Recorded", min_length=1, max_length=80)


@router.get("/scenarios")
async def listed(till: TheTill) -> list[Listed]:
    """The gallery."""
    return await till.do(lambda _: [_listed(name, scenario) for name, scenario in gallery().items()])


@router.post("/scenarios/play")
async def play_one(till: TheTill, body: Play) -> Played:
    """Play a scenario; answers when it is over. 409: the terminal is not idle, or one is being played."""
    if (body.id is None) == (body.yaml is None):
        raise ValueError("body: expected either id or yaml")
    if body.yaml is not None:
        scenario = read(body.yaml, "yaml")
    elif body.id in (shipped := gallery()):
        scenario = shipped[body.id]
    else:
        raise LookupError(f"no scenario {body.id!r}: there is {', '.join(shipped)}")
    if till.playing is not None:
        raise Impossible("a scenario is being played already")

    async def told(number: int, step: Step) -> None:
        await till.note(f"step {number} of {len(scenario.steps)}: {step}")

    till.playing = asyncio.current_task()
    try:
        if body.speed is not None:
            await till.set_speed(body.speed)
        outcome = await play(till, scenario, told)
    finally:
        till.playing = None
    await till.note(f"{scenario.name}: " + ("as expected" if outcome.passed else outcome.problem))
    return Played(passed=outcome.passed, steps=outcome.steps, problem=outcome.problem)


@router.post("/recording")
async def record(till: TheTill) -> Recording:
    """Begin to record."""
    till.recording_since = till.events.last
    return Recording(since=till.recording_since)


@router.get("/recording")
async def recording(till: TheTill) -> Recording:
    """Whether that is going on."""
    return Recording(since=till.recording_since)


@router.post("/recording/stop")
async def stop(till: TheTill, body: Name) -> Recorded:
    """End the recording; what it makes. 409: none is going on."""
    since, till.recording_since = till.recording_since, None
    if since is None:
        raise Impossible("nothing is being recorded")
    scenario = recorded(till.events.since(since), body.name)
    if scenario is None:
        return Recorded(yaml=None, test=None)
    return Recorded(yaml=as_yaml(scenario), test=as_test(scenario))


def _listed(name: str, scenario: Scenario) -> Listed:
    return Listed(
        id=name,
        name=scenario.name,
        look_for=scenario.look_for,
        zh=scenario.zh,
        steps=len(scenario.steps),
        yaml=as_yaml(scenario),
    )
