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
    epilog="Examples:\n\n- `tillbench hil doctor` (every board and reader of boards.yaml)\n\n"
    "- `tillbench hil doctor unix qemu`\n\n- `tillbench hil doctor counter --reader acs --no-repair`\n\n"
    "- `tillbench hil doctor --pardon counter`"
)
def doctor(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            help="unix, qemu, a board of the map, a port; every board and reader of the map without.", metavar="TARGET"
        ),
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
        from tillbench.host.boards.board_map import choose, read_board_map
        from tillbench.host.boards.reader_map import read_reader_map
        from tillbench.host.emulator.emulator import SERIAL, TARGETS

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
        readers = read_reader_map(path) if path.exists() else {}
        everything = not targets and reader is None
        wanted = [target.removeprefix(SERIAL) for target in targets or (boards if everything else ())]
        wanted_readers = list(readers) if everything else [reader] if reader is not None else []
        if not wanted and not wanted_readers:
            empty = "nothing is in" if path.exists() else "there is no"
            raise Refused(f"nothing to look at: {empty} {path}; give a target (unix, qemu, a port) or --reader")
        for target in wanted:
            if target not in TARGETS:
                choose(target, boards)
        fit = [_looked_over(target, boards, strikes, repair) for target in wanted]
        for name in wanted_readers:
            from tillbench.hil import checks

            finding = checks.reader(name, path if path.exists() else None)
            print(finding, flush=True)
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
        elif found.absent:
            print("--  no strike: its port is not to be had, so nobody has seen the board")
        else:
            count = strikes.add(board.name, found.trouble or f"had to be {', '.join(found.repairs)}")
            print(f"--  strike {count}")
    return found.fit
