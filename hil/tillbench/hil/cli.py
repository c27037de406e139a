"""`tillbench hil`: the bench before a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

if TYPE_CHECKING:
    from tillbench.hil.strikes import Strikes
    from tillbench.host.boards.board_map import Board

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Hardware in the loop: the bench before a run."
)
MAP = Path("boards.yaml")


@app.callback()
def every_command() -> None:
    """Keeps `doctor` a command of its own."""


@app.command(
    epilog="Examples:\n\n- `tillbench hil doctor` (every board of boards.yaml)\n\n"
    "- `tillbench hil doctor unix qemu`\n\n- `tillbench hil doctor counter --reader acs --no-repair`\n\n"
    "- `tillbench hil doctor --pardon counter`"
)
def doctor(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="unix, qemu, a board of the map, a port; every board without.", metavar="TARGET"),
    ] = None,
    path: Annotated[Path, typer.Option("--map", help="The board map.", metavar="FILE")] = MAP,
    reader: Annotated[
        str | None,
        typer.Option(help="A PC/SC reader, by a part of its name or as in the map: is it there, with a card?"),
    ] = None,
    repair: Annotated[bool, typer.Option(help="Reset, power-cycle, deploy again where that helps.")] = True,
    pardon: Annotated[
        str | None, typer.Option(help="Take back a board's strikes: somebody has looked at it.", metavar="BOARD")
    ] = None,
) -> None:
    """Look everything over before a run, repair what can be; exit 1 if something is not fit for it.

    A board that had to be repaired has a strike; at the third it is benched, and tests on it are skipped by the reason.
    """
    with for_people():
        from tillbench.hil.strikes import Strikes, StrikesDamaged
        from tillbench.host.boards.board_map import read_board_map

        boards = read_board_map(path) if path.exists() or path != MAP else {}
        strikes = Strikes(path)
        try:
            for name in boards:
                strikes.of(name)
        except StrikesDamaged as error:
            raise Refused(str(error)) from None
        if pardon is not None:
            if pardon not in boards:
                raise Refused(f"--pardon {pardon}: no such board in {path}; there is {', '.join(boards) or 'none'}")
            strikes.take_back(pardon)
            print(f"{pardon}: pardoned")
            return
        wanted = targets or list(boards)
        if not wanted and reader is None:
            raise Refused(f"nothing to look at: no {path}; give a target (unix, qemu, a port) or --reader")
        fit = [_looked_over(target, boards, strikes, repair) for target in wanted]
        if reader is not None:
            from tillbench.hil import checks

            finding = checks.reader(reader, path if path.exists() else None)
            print(finding)
            fit.append(bool(finding.ok))
        if not all(fit):
            raise typer.Exit(1)


def _looked_over(target: str, boards: dict[str, Board], strikes: Strikes, repair: bool) -> bool:
    from tillbench.hil import checks
    from tillbench.hil.doctor import visit
    from tillbench.host.boards.board_map import choose
    from tillbench.host.boards.board_port import BoardPort
    from tillbench.host.emulator.emulator import TARGETS

    print(f"{target}:")
    if target in TARGETS:
        finding = checks.link(target)
        print(finding, flush=True)
        return bool(finding.ok)
    board = choose(target, boards)
    if board.name in boards and (why := strikes.benched(board.name)):
        print(f"NO  {why}")
        return False
    found = visit(BoardPort(board), repair=repair, told=lambda line: print(line, flush=True))
    if board.name in boards and repair:
        if found.fit and not found.repairs:
            strikes.take_back(board.name)
        else:
            count = strikes.add(board.name, found.trouble or f"had to be {', '.join(found.repairs)}")
            print(f"--  strike {count}")
    return found.fit
