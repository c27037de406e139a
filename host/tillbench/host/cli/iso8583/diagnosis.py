"""The command that says what is wrong with a frame, or with the definition that it is read with."""

from __future__ import annotations

from typing import Any

import typer
import yaml
from tillbench.host.cli.errors import for_people
from tillbench.host.cli.iso8583 import output
from tillbench.host.cli.iso8583.input import Frame, check_line, read_dialect, read_frames
from tillbench.host.cli.iso8583.options import AsText, DialectName, LineName, Output, Source, Unmasked
from tillbench.host.cli.iso8583.output import Format
from tillbench.protocols.iso8583.definition_export import change_data
from tillbench.protocols.iso8583.describe_fault import fault_lines
from tillbench.protocols.iso8583.diagnose import Finding
from tillbench.protocols.iso8583.diagnose_frame import Diagnosis
from tillbench.protocols.iso8583.diagnose_frame import diagnose as diagnosis_of
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.names import DIALECTS

_SHOWN = 5


def diagnose(
    frame: Source = "-",
    dialect: DialectName = "unionpay",
    line: LineName = "auto",
    text: AsText = False,
    unmasked: Unmasked = False,
    format: Output = Format.plain,
) -> None:
    """Say which field of the definition is at fault when a frame cannot be read, and what to change, likeliest first.

    Of several frames the first that cannot be read. Exit code 1 when there is one.
    """
    with for_people():
        check_line(line)
        definition = read_dialect(dialect)
        frames = read_frames(frame, text, line, definition)
        diagnosed = [(one, _of(definition, one, line)) for one in frames[:1]]
        for one in frames[1:]:
            if _bad(diagnosed[-1][1]):
                break
            diagnosed.append((one, _of(definition, one, line)))
        one, result = diagnosed[-1]
        if format is Format.json:
            print(output.as_json(_data(result)))
        else:
            where = [f"frame {len(diagnosed)}" if len(frames) > 1 else "", output.framing_text(result.found)]
            print(
                "\n".join([*filter(None, [", ".join(filter(None, where))]), *_lines(definition, one, result, unmasked)])
            )
        if _bad(result):
            raise typer.Exit(1)


def _of(definition: Dialect, frame: Frame, line: str) -> Diagnosis:
    return diagnosis_of(definition, frame.data, line, DIALECTS.values())


def _bad(result: Diagnosis) -> bool:
    return result.error is not None or result.line_error is not None


def _lines(definition: Dialect, frame: Frame, result: Diagnosis, unmasked: bool) -> list[str]:
    lines = []
    if result.line_error is not None:
        lines.append(f"line {result.found.line}: {result.line_error}")
    if result.error is not None:
        body = result.found.packet.body
        lines += fault_lines(definition, body, result.error, result.found.start, unmasked)
    if not _bad(result):
        lines.append(f"{len(frame.data)} bytes, read without a fault in dialect {definition.name}.")
    if result.findings:
        lines.append("What would make it readable" if _bad(result) else "What would make more sense of it")
        lines[-1] += ", the likeliest first:"
        for place, finding in enumerate(result.findings[:_SHOWN], 1):
            lines.append(f"{place:>2}. {finding.words}")
            if finding.change:
                lines.append(f"    {_flow(finding)}")
    elif result.found.missing > 0:
        lines.append("The frame is shorter than its length says: it was cut, and the definition may be right.")
    elif _bad(result):
        lines.append("No single change of the definition makes it readable: it takes several, or the frame is damaged.")
    return lines


def _flow(finding: Finding) -> str:
    text: str = yaml.safe_dump(change_data(finding.change), default_flow_style=True, sort_keys=False, width=1000)
    return text.strip().removeprefix("{").removesuffix("}")


def _data(result: Diagnosis) -> dict[str, Any]:
    data: dict[str, Any] = {**output.framing_data(result.found), **output.error_data(result.error)}
    if result.line_error is not None:
        data["line_error"] = output.error_data(result.line_error)["error"]
    data["findings"] = [
        {"path": one.path, "words": one.words, "change": change_data(one.change), "score": round(one.score, 2)}
        for one in result.findings[:_SHOWN]
    ]
    return data
