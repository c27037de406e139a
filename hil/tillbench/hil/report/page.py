"""The page: self-contained HTML, made of what the tests of a run have left."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import dataclass
from typing import Any

WIRES = ("keys", "screen", "card", "ccid", "reader", "host", "printer", "buzzer", "power", "case", "log", "heap")
SEEN = ("screen", "card", "reader", "host")
"""Wires of which a failure tells what was last on them."""
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:1.5em auto;max-width:80em;padding:0 1em;color:#1f2328}
h1{font-size:1.4em}.passed{color:#1a7f37}.failed,.error{color:#cf222e}.skipped{color:#9a6700}
.bar{position:sticky;top:0;background:#fff;padding:.5em 0;border-bottom:1px solid #d0d7de;z-index:1}
.test{border:1px solid #d0d7de;border-radius:6px;margin:.6em 0;padding:.3em .8em}
.test>summary{font-weight:600;cursor:pointer}
pre{background:#f6f8fa;padding:.6em;overflow:auto;white-space:pre-wrap}
table{border-collapse:collapse;width:100%}td{border-top:1px solid #eaeef2;padding:.2em .5em;vertical-align:top}
td:first-child{font-family:ui-monospace,monospace;text-align:right;white-space:nowrap;color:#57606a;width:7em}
td:nth-child(2){width:5em;font-weight:600}.last{outline:2px solid #cf222e}
.then a{display:inline-block;vertical-align:top;margin-right:2em;color:inherit}span.shot{display:block}
.shot{width:264px;height:136px;border-radius:4px;background-size:cover;image-rendering:pixelated}
.wire-keys td:nth-child(2){color:#8250df}.wire-card td:nth-child(2),.wire-ccid td:nth-child(2),
.wire-reader td:nth-child(2){color:#0969da}
.wire-host td:nth-child(2){color:#bc4c00}.wire-printer td:nth-child(2){color:#1a7f37}
"""
_SCRIPT = """
document.querySelectorAll('.bar input').forEach(box=>box.addEventListener('change',()=>{
document.querySelectorAll('.wire-'+box.value).forEach(row=>row.hidden=!box.checked)}));
const open_=()=>{const row=document.querySelector(location.hash||'#none');
if(row){for(let up=row;up;up=up.parentElement)if(up.tagName==='DETAILS')up.open=true;
row.scrollIntoView({block:'center'})}};
addEventListener('hashchange',open_);open_();
"""
_RELOAD = """
let touched=false;addEventListener('click',()=>touched=true);
setInterval(()=>{if(!touched&&!location.hash)location.reload()},2000);
"""
"""While the run goes on, until somebody begins to read."""


@dataclass(frozen=True)
class Progress:
    """How far a run is that goes on: tests that are done, tests that there are, the names of those that run."""

    done: int
    expected: int
    running: tuple[str, ...]

    def __str__(self) -> str:
        now = f"; now: {', '.join(self.running)}" if self.running else ""
        return f"the run goes on: {self.done} of {self.expected} tests{now}"


def page(tests: list[dict[str, Any]], progress: Progress | None = None) -> str:
    """The page, of a run that goes on if there is `progress`.

    Each test: `id`, `outcome`, `seconds`, `failure` (text), `properties`, and what its `Moments` have.
    """
    counts = Counter(str(test["outcome"]) for test in tests)
    told = ", ".join(f'<span class="{name}">{count} {name}</span>' for name, count in sorted(counts.items()))
    failed = [(number, test) for number, test in enumerate(tests) if test["outcome"] in ("failed", "error")]
    links = "".join(
        f'<li><a href="#last-{number}">{html.escape(test["id"])}</a>: {html.escape(_first(test["failure"]))}</li>'
        for number, test in failed
    )
    pictures: dict[str, str] = {}
    for test in tests:
        pictures |= test["pictures"]
    styles = "".join(
        f".s-{name}{{background-image:url(data:image/png;base64,{data})}}\n" for name, data in sorted(pictures.items())
    )
    boxes = " ".join(f'<label><input type="checkbox" value="{wire}" checked>{wire}</label>' for wire in WIRES)
    body = "".join(_test(number, test) for number, test in enumerate(tests))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>tillbench: test report</title>'
        f"<style>{_STYLE}{styles}</style></head><body><h1>Test report</h1><p>{told or 'no test was run'}</p>"
        + (f"<ul>{links}</ul>" if links else "")
        + (f'<p role="status">{html.escape(str(progress))}</p>' if progress else "")
        + f'<p class="bar">{boxes}</p>{body}<script>{_SCRIPT}{_RELOAD if progress else ""}</script></body></html>\n'
    )


def _first(text: str) -> str:
    """The line of a failure that says what it was."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line.removeprefix("E").strip() for line in lines if line.startswith("E ")), lines[-1] if lines else "")


def _test(number: int, test: dict[str, Any]) -> str:
    outcome = html.escape(str(test["outcome"]))
    is_open = " open" if outcome in ("failed", "error") else ""
    properties = ", ".join(f"{name.removeprefix('till_')} {value}" for name, value in test["properties"])
    rows = [_row(row) for row in test["rows"]]
    moment = test["failed_at"] if is_open and rows else None
    if moment is not None and moment < 0:
        moment = len(rows) - 1
    last_of = {} if moment is None else _last_of(test["rows"][: moment + 1])
    for wire, at in last_of.items():
        rows[at] = rows[at].replace("<tr ", f'<tr id="{wire}-{number}" ', 1)
    if moment is not None:
        marked = f'<tbody id="last-{number}" class="last">{rows[moment]}</tbody>'
        table = f"<tbody>{''.join(rows[:moment])}</tbody>{marked}<tbody>{''.join(rows[moment + 1 :])}</tbody>"
    else:
        table = "".join(rows)
    failure = f"<pre>{html.escape(test['failure'])}</pre>" if test["failure"] else ""
    then = "".join(_then(number, wire, test["rows"][at]) for wire, at in last_of.items())
    anchor = "" if moment is not None else f' id="last-{number}"'
    return (
        f'<details class="test"{anchor}{is_open}><summary><span class="{outcome}">{outcome}</span> '
        f"{html.escape(test['id'])} <small>{test['seconds']:.2f} s</small></summary>"
        f"<p><small>{html.escape(properties)}</small></p>{failure}"
        + (f'<p class="then">{then}</p>' if then else "")
        + f"<table>{table}</table></details>\n"
    )


def _last_of(rows: list[dict[str, Any]]) -> dict[str, int]:
    """By wire of `SEEN`: the last row on it."""
    found = {row["wire"]: at for at, row in enumerate(rows)}
    return {wire: found[wire] for wire in SEEN if wire in found}


def _then(number: int, wire: str, row: dict[str, Any]) -> str:
    """What was last on a wire when the test failed, with a link to it."""
    event = html.escape(str(row["event"]))
    shown = f'<span class="shot s-{row["picture"]}" title="{event}"></span>' if row.get("picture") else event
    return f'<a href="#{wire}-{number}"><b>{wire}</b> {shown}</a>'


def _row(row: dict[str, Any]) -> str:
    at = "" if row["at"] is None else f"{row['at'] / 1_000_000:.3f}"
    event = html.escape(str(row["event"]))
    if row.get("picture"):
        event = f'<div class="shot s-{row["picture"]}" title="{event}"></div>'
    if row["lines"]:
        lines = html.escape("\n".join(row["lines"]))
        event = f"<details><summary>{event}</summary><pre>{lines}</pre></details>"
    wire = html.escape(str(row["wire"]))
    return f'<tr class="wire-{wire}"><td>{at}</td><td>{wire}</td><td>{event}</td></tr>\n'
