"""`tillbench scenario`: the gallery, and playing a scenario without a page."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

if TYPE_CHECKING:
    from tillbench.host.scenario.player import Outcome
    from tillbench.host.scenario.steps import Scenario

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="What happens at a terminal, step by step: play it."
)


@app.command("list")
def list_(
    lang: Annotated[str, typer.Option(help="Of the names and sentences: en or zh.", metavar="LANG")] = "en",
) -> None:
    """Print the scenarios that are shipped, each with what to look for."""
    with for_people():
        from tillbench.host.scenario.steps import gallery
        from tillbench.protocols.texts import LANGUAGES

        if lang not in LANGUAGES:
            raise Refused(f"--lang {lang}: expected {' or '.join(LANGUAGES)}")
        for name, scenario in gallery().items():
            told = scenario.zh if lang == "zh" and scenario.zh else scenario
            print(f"{name}: {told.name}\n    {told.look_for}")


@app.command(
    epilog="Examples:\n\n"
    "- `tillbench scenario play 4-no-answer-reversal`\n\n"
    "- `tillbench scenario play mine.yaml --speed 1` (at a person's pace)"
)
def play(
    scenarios: Annotated[list[str], typer.Argument(help="Names of shipped ones, or files.", metavar="SCENARIO...")],
    speed: Annotated[
        float | None, typer.Option(help="Times the computer's clock; by default as fast as can be.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Everything random comes from it.", metavar="N")] = None,
) -> None:
    """Play scenarios, one after the other, on a fresh terminal. Exit code 1 when a step does not do what it says."""
    with for_people():
        from tillbench.host.scenario.steps import ScenarioFileError, gallery, load

        shipped = gallery()
        try:
            chosen = [shipped[name] if name in shipped else load(Path(name)) for name in scenarios]
        except ScenarioFileError as error:
            raise Refused(str(error)) from None
        try:
            outcomes = asyncio.run(_play(chosen, speed, seed))
        except ValueError as error:
            raise Refused(str(error)) from None
        for scenario, outcome in zip(chosen, outcomes, strict=True):
            print(f"{scenario.name}: {'as expected' if outcome.passed else outcome.problem}")
        if not all(outcome.passed for outcome in outcomes):
            raise typer.Exit(1)


async def _play(scenarios: list[Scenario], speed: float | None, seed: int | None) -> list[Outcome]:
    from tillbench.host.emulator.emulator import Emulator, Options
    from tillbench.host.scenario.player import IDLE, play
    from tillbench.host.web.till import Till

    with tempfile.TemporaryDirectory(prefix="tillbench-") as folder:
        options = Options(Path(folder), seed=seed, realtime=speed is not None)
        till = Till(1, lambda: Emulator(options))
        await till.start()
        try:
            if speed is not None:
                await till.set_speed(speed)
            await till.see(IDLE, since=0)
            outcomes = []
            for scenario in scenarios:

                async def told(number: int, step: object, of: int = len(scenario.steps)) -> None:
                    print(f"  {number:>2}/{of} {step}")

                print(scenario.name)
                outcomes.append(await play(till, scenario, told))
            return outcomes
        finally:
            await till.stop()
