"""The keypad: typing, and single keys that go down, come up and stick."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from tillbench.host.devices.keypad import LAYOUT
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.web.errand import Impossible
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill
from tillbench.host.web.till import need_power

router = APIRouter(tags=["keys"], responses=documented(404, 409, 422))

Key = Annotated[str, Path(max_length=10, description="Caption of the key.")]


class Keys(Body):
    """Keys to press one after the other."""

    keys: str = Field(min_length=1, max_length=200, examples=["1 2 3 4 ENTER"])


class KeyState(Body):
    """What is done to a key; what is absent stays as it is."""

    down: bool | None = Field(None, description="A finger goes down on it, or comes up.")
    stuck: bool | None = Field(None, description="Its contact closes and stays so, whatever fingers do.")


class Done(BaseModel):
    """It is done. `n`: number of the latest event before it, for `since`."""

    n: int


@router.get("/keys")
async def layout(till: TheTill) -> list[list[str]]:
    """The captions, row by row."""
    return await till.do(lambda _: [list(row) for row in LAYOUT])


@router.post("/keys")
async def type_keys(till: TheTill, body: Keys) -> Done:
    """Press keys at a person's pace; answers when all are up. While a PIN is entered nothing tells which they were."""
    before = till.events.last
    await till.type(body.keys)
    return Done(n=before)


@router.put("/keys/{key}")
async def set_key(till: TheTill, key: Key, body: KeyState) -> Done:
    """Press and hold, release, stick or repair one key."""
    if not any(key in row for row in LAYOUT):
        raise LookupError(f"no key {key!r}: there is {' '.join(each for row in LAYOUT for each in row)}")
    before = till.events.last
    await till.act(lambda emulator: _apply(emulator, till.fingers, key, body))
    return Done(n=before)


@router.delete("/keys")
async def hands_off(till: TheTill) -> Done:
    """Every finger comes up, and what was still to be typed is not."""
    before = till.events.last

    def lift(emulator: Emulator) -> None:
        emulator.keypad.hands_off()
        till.fingers.clear()

    await till.act(lift)
    return Done(n=before)


def _apply(emulator: Emulator, fingers: set[str], key: str, body: KeyState) -> None:
    need_power(emulator)
    keypad = emulator.keypad
    if body.down is not None:
        if body.down == (key in fingers):
            raise Impossible("there is a finger on that key already" if body.down else "no finger is on that key")
        keypad.finger(key, body.down)
        (fingers.add if body.down else fingers.discard)(key)
    if body.stuck:
        keypad.stick(key)
    elif body.stuck is not None:
        keypad.unstick(key)
