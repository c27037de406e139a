"""The long runs are a package at the project's root, which is no place that pytest looks into by itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
