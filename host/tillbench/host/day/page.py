"""The day as one HTML page: every screen and every slip in order, with what happened. It needs no other file."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.screen_png import screen_png
from tillbench.host.emulator.screen import Shown

STYLE = """
body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 1200px; background: #f4f2ee; color: #222 }
h2 { border-top: 1px solid #bbb; padding-top: .6em; font-size: 1.1em }
h2 small { color: #777; font-weight: normal }
img { image-rendering: pixelated; margin: 3px; vertical-align: top }
.slips { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 12px; margin: 6px 3px }
.slip { background: #fff; padding: 8px; box-shadow: 0 1px 4px #999; width: 288px; image-rendering: auto }
.good { color: #17692f } .bad { color: #a11 }
table { border-collapse: collapse } td, th { padding: 2px 12px; text-align: right; border-bottom: 1px solid #ccc }
"""


@dataclass
class Chapter:
    """One step of the day with what was seen of it."""

    title: str
    at_s: float
    result: str
    screens: list[Shown] = field(default_factory=list)
    slips: list[Receipt] = field(default_factory=list)


def page(title: str, language: str, chapters: Sequence[Chapter], verdict: str, faults: Sequence[str]) -> str:
    """The whole page. `faults` are what does not agree; none is good."""
    parts = [
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{html.escape(title)}</title>',
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>",
        f'<p class="{"bad" if faults else "good"}">{html.escape(verdict)}</p>',
    ]
    parts += [f'<p class="bad">{html.escape(fault)}</p>' for fault in faults]
    for number, chapter in enumerate(chapters):
        heading = f"{number}. {html.escape(chapter.title)}" if number else html.escape(chapter.title)
        parts.append(f"<h2>{heading} <small>{chapter.at_s:.1f} s, {html.escape(chapter.result)}</small></h2>")
        parts += [_screen(shown) for shown in chapter.screens]
        if chapter.slips:
            parts += ['<div class="slips">', *map(_slip, chapter.slips), "</div>"]
    return "\n".join(parts) + "</html>\n"


def _screen(shown: Shown) -> str:
    return _image(screen_png(shown.pixels, scale=2, border=2), shown.text, "screen")


def _slip(slip: Receipt) -> str:
    out = BytesIO()
    slip.image.save(out, "PNG", optimize=True)
    return _image(out.getvalue(), slip.text, "slip")


def _image(png: bytes, text: str, kind: str) -> str:
    return f'<img class="{kind}" alt="{html.escape(text)}" src="data:image/png;base64,{b64encode(png).decode()}">'
