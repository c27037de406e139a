"""Runs a program on a MicroPython with line tracing, and writes down each of its lines once, when it is first run: the
process may be killed at any moment.

The program is the last argument. TILLBENCH_TRACE names a folder, where each process makes a file of `path:number`.
"""

# mypy: disable-error-code="import-not-found"

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_seen: "set[tuple[str, int]]" = set()


def _event(frame: "Any", event: str, _: "Any") -> "Any":
    if event == "line":
        line = (frame.f_code.co_filename, frame.f_lineno)
        if line not in _seen:
            _seen.add(line)
            _lines.write(f"{line[0]}:{line[1]}\n")
    return _event


_program = sys.argv[-1]
sys.argv[:] = [_program]
sys.path[0] = _program.rpartition("/")[0]
_lines = open(f"{os.getenv('TILLBENCH_TRACE')}/{int.from_bytes(os.urandom(6), 'little')}", "w")
with open(_program) as _file:
    _code = compile(_file.read(), _program, "exec")
sys.settrace(_event)
exec(_code, {"__name__": "__main__"})
