"""One HTML page of every golden frame and slip, and of the pictures of the page: old, new, difference. `make golden`
runs it.

    python tests/golden/review.py OLD NEW PAGE [PICTURES]

OLD and NEW are folders language/scene/{frames.png, slip-*.png}; PICTURES is the folder of the reviewed page-*.webp, of
which the new ones are in NEW/page. What is in both is shown once; pictures are in the page itself, so it can be kept
and sent.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageOps

WIDTH, HEIGHT = 128, 64
STYLE = """
body { font: 14px sans-serif; margin: 2em; background: #eee; color: #222 }
img { image-rendering: pixelated; border: 1px solid #999; margin: 2px; vertical-align: top }
.frame { width: 256px; height: 128px }
.page { max-width: 480px; image-rendering: auto }
.row { margin: 4px 0 }
.changed { background: #fd8; padding: 4px }
.same { display: inline-block }
h2 { border-top: 2px solid #888; padding-top: .5em }
nav a { margin-right: 1em }
"""

Picture = Image.Image


def frames(folder: Path) -> list[Picture]:
    """The screens of a scene; none if it has no such file."""
    path = folder / "frames.png"
    if not path.is_file():
        return []
    with Image.open(path) as stack:
        grey = stack.convert("L")
    return [grey.crop((0, top, WIDTH, top + HEIGHT)) for top in range(0, grey.height, HEIGHT)]


def slip(path: Path) -> Picture | None:
    """A slip, or None if there is no such file."""
    if not path.is_file():
        return None
    with Image.open(path) as picture:
        return picture.convert("L")


def difference(old: Picture, new: Picture) -> Picture:
    """Red where a dot came, blue where one went, the rest pale; both pictures from the top left."""
    size = (max(old.width, new.width), max(old.height, new.height))
    before, after = (Image.new("L", size, 0) for _ in range(2))
    before.paste(old)
    after.paste(new)
    came, went = ImageChops.subtract(after, before), ImageChops.subtract(before, after)
    pale = ImageChops.multiply(before, after).point(lambda grey: 255 - grey // 4)
    red = ImageChops.subtract(pale, went)
    green = ImageChops.subtract(ImageChops.subtract(pale, went), came)
    return Image.merge("RGB", (red, green, ImageChops.subtract(pale, came)))


def tag(picture: Picture | None, css: str = "") -> str:
    """The picture inside the page; a dash where there is none."""
    if picture is None:
        return "&mdash;"
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    data = base64.b64encode(out.getvalue()).decode()
    return f'<img class="{css}" src="data:image/png;base64,{data}">'


def compared(old: Picture | None, new: Picture | None, css: str = "") -> str:
    """Old, new and their difference in a row."""
    third = difference(old, new) if old is not None and new is not None else None
    return f'<div class="row changed">old {tag(old, css)} new {tag(new, css)} difference {tag(third, css)}</div>'


def frame_rows(old: list[Picture], new: list[Picture]) -> Iterator[tuple[bool, str]]:
    """(changed, HTML) of the frames, those that are in both once."""
    matcher = SequenceMatcher(None, [p.tobytes() for p in old], [p.tobytes() for p in new], autojunk=False)
    for what, old_at, old_end, new_at, new_end in matcher.get_opcodes():
        if what == "equal":
            for picture in new[new_at:new_end]:
                yield False, f'<span class="same">{tag(picture, "frame")}</span>'
            continue
        for number in range(max(old_end - old_at, new_end - new_at)):
            before = old[old_at + number] if old_at + number < old_end else None
            after = new[new_at + number] if new_at + number < new_end else None
            yield True, compared(before, after, "frame")


def slip_rows(old: Path, new: Path) -> Iterator[tuple[bool, str]]:
    """(changed, HTML) of the slips."""
    for name in sorted({path.name for folder in (old, new) for path in folder.glob("slip-*.png")}):
        before, after = slip(old / name), slip(new / name)
        if before is not None and after is not None and before.tobytes() == after.tobytes():
            yield False, f'<span class="same">{tag(after)}</span>'
        else:
            yield True, compared(before, after)


def scenes(*roots: Path) -> list[str]:
    """language/scene of every folder below the roots."""
    found = {path.parent.relative_to(root).as_posix() for root in roots for path in root.glob("*/*/frames.png")}
    return sorted(found, key=lambda name: (name.partition("/")[2], name))


def page_rows(old: Path, new: Path) -> Iterator[tuple[bool, str]]:
    """(changed, HTML) of the pictures of the page."""
    for path in sorted(new.glob("page-*.webp")):
        name = html.escape(path.name)
        with Image.open(path) as picture:
            after = picture.convert("RGB")
        if not (old / path.name).is_file():
            yield True, f'<div class="row changed">{name} is new {tag(after, "page")}</div>'
            continue
        with Image.open(old / path.name) as picture:
            before = picture.convert("RGB")
        if before.size == after.size and before.tobytes() == after.tobytes():
            yield False, f'<span class="same">{name} {tag(after, "page")}</span>'
            continue
        apart = ImageOps.invert(ImageChops.difference(before, after.crop((0, 0, *before.size))))
        pictures = "".join(tag(each, "page") for each in (before, after, apart))
        yield True, f'<div class="row changed">{name}: old, new, difference {pictures}</div>'


def page(old: Path, new: Path, pictures: Path | None = None) -> tuple[str, int]:
    """The page, and how many frames, slips and pictures are not what they were."""
    body: list[str] = []
    links: list[str] = []
    total = 0
    found = [
        (scene, [*frame_rows(frames(old / scene), frames(new / scene)), *slip_rows(old / scene, new / scene)])
        for scene in scenes(old, new)
    ]
    if pictures is not None:
        found.insert(0, ("page", list(page_rows(pictures, new / "page"))))
    for scene, rows in found:
        changed = sum(is_changed for is_changed, _ in rows)
        total += changed
        name = html.escape(scene)
        note = f" ({changed} changed)" if changed else ""
        links.append(f'<a href="#{name}">{name}{note}</a>')
        body.append(f'<h2 id="{name}">{name}{note}</h2>' + "\n".join(row for _, row in rows))
    head = f'<!doctype html><meta charset="utf-8"><title>Golden frames and slips</title><style>{STYLE}</style>'
    summary = f"<h1>Golden frames and slips: {total} changed</h1><nav>{' '.join(links)}</nav>"
    return "\n".join([head, summary, *body]), total


def main(arguments: list[str]) -> int:
    """Writes the page; exit code 2 when called wrongly or when there is nothing new."""
    if len(arguments) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    old, new, out, *pictures = map(Path, arguments)
    if not scenes(new):
        print(f"{new}: expected language/scene/frames.png, found none", file=sys.stderr)
        return 2
    text, changed = page(old, new, *pictures)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    print(f"{out}: {changed} frames, slips and pictures changed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
