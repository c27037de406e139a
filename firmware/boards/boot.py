"""What a board does first: the slot that the last deploy has finished comes first on the path.

This file lies at the root of the board's flash as it is. A deploy fills the other slot, and then renames a new
`/till/slot` over the old one: whatever cuts it, the board has the whole old firmware or the whole new one.
"""

import sys

try:
    with open("/till/slot") as _file:
        sys.path.insert(0, "/till/" + _file.read())
except OSError:
    pass  # nothing was deployed yet
