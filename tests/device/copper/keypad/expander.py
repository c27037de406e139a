"""A PCF8575 with a keypad on its lines, of which one key can be down."""

ADDRESS, INTERRUPT = 0x20, 35
ROWS, COLUMNS = (0, 1, 2, 3, 4), (8, 9, 10, 11)


class Expander:
    """The key that is down is named in a file by its row and column; an empty one, or none: all are up."""

    def __init__(self, file):
        self.file = file
        self.outputs = 0xFFFF

    def key(self):
        """Row and column lines of the key that is down, or None."""
        try:
            with open(self.file) as file:
                row, column = file.read().split()
            return ROWS[int(row)], COLUMNS[int(column)]
        except (OSError, ValueError):
            return None

    def write(self, data):
        """What the board drives."""
        self.outputs = data[0] | data[1] << 8

    def levels(self):
        """What the board reads."""
        found = self.outputs
        key = self.key()
        if key and not found >> key[1] & 1:
            found &= ~(1 << key[0])
        return found
