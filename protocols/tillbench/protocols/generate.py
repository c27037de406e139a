"""`python -m tillbench.protocols.generate`: writes every file that is made from a definition.

With --check nothing is written: the files that differ from their definition are named and the exit code is 1.
A maker is a function without arguments that gives the text of one file; to add one, add a line to GENERATED.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tillbench.protocols import fonts, texts
from tillbench.protocols.iso8583 import describe_table, micropython, python
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.dialects import iso87, iso93, iso2003, unionpay
from tillbench.protocols.iso8583.names import DIALECTS

ROOT = Path(__file__).resolve().parents[3]


class Generated(NamedTuple):
    """A file, by its path from the root of the checkout, and the function that gives its text."""

    path: str
    make: Callable[[], str]


def _iso8583(dialect: Dialect) -> Generated:
    name = python.module_name(dialect.name)
    return Generated(
        f"protocols/tillbench/protocols/iso8583/generated/{name}.py",
        lambda: python.source(dialect.name, dialect.envelope, dialect.rules),
    )


def _texts(language: str) -> Generated:
    return Generated(f"firmware/generated/texts_{language}.py", lambda: texts.generate(language))


def _pages() -> str:
    return describe_table.page(
        (
            (unionpay.__doc__ or "", (unionpay.UNIONPAY,)),
            (iso87.__doc__ or "", (iso87.ISO87_ASCII, iso87.ISO87_BCD, iso87.EBCDIC_87)),
            (iso93.__doc__ or "", (iso93.ISO93_ASCII, iso93.ISO93_BINARY)),
            (iso2003.__doc__ or "", (iso2003.ISO2003,)),
        )
    )


GENERATED = [
    Generated("firmware/generated/iso8583_unionpay.py", lambda: micropython.source(unionpay.UNIONPAY)),
    *(_iso8583(dialect) for dialect in DIALECTS.values()),
    Generated("docs/iso8583-dialects.md", _pages),
    Generated("firmware/generated/font16.py", fonts.generate),
    Generated("firmware/generated/hanzi16.py", fonts.generate_wide),
    *(_texts(language) for language in texts.LANGUAGES),
]


def stale() -> list[str]:
    """The paths whose file is missing or differs from what its maker gives."""
    found = []
    for generated in GENERATED:
        path = ROOT / generated.path
        if not path.is_file() or path.read_text(encoding="utf-8") != generated.make():
            found.append(generated.path)
    return found


def write() -> list[str]:
    """Writes the stale files; their paths."""
    written = stale()
    for generated in GENERATED:
        if generated.path in written:
            path = ROOT / generated.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(generated.make(), encoding="utf-8")
    return written


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0; 1 when --check finds stale files; 2 outside a checkout."""
    parser = argparse.ArgumentParser(prog="python -m tillbench.protocols.generate", description="make generated files")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a file is stale")
    check = parser.parse_args(arguments).check
    if not (ROOT / "firmware").is_dir():
        parser.error(f"{ROOT} is not a checkout of tillbench: no firmware directory to write to")
    paths = stale() if check else write()
    for path in paths:
        print(f"stale: {path} (run `make generate`)" if check else f"made: {path}")
    return 1 if check and paths else 0


if __name__ == "__main__":
    raise SystemExit(main())
