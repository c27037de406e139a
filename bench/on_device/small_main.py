"""The firmware on a large heap that behaves as on a small one: what is not needed any more is unloaded."""

from terminal import unload

unload.SHORT = 1 << 29

import main  # noqa: E402, F401  runs the terminal
