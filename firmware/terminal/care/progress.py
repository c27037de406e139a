"""How far the commissioning of this terminal has come, on flash: what a power cut interrupts goes on where it was.

A terminal that has its master key when it is started for the first time was prepared by the factory, and needs none.
One without begins at the first step, and so does one whose case was opened: until the step of the test sale it sells
nothing.

    record = next step, an index of STEPS (1) | 1 if the case was opened (1)
"""

from terminal import store

STEPS = (
    "language",
    "date",
    "test_screen",
    "test_keypad",
    "test_printer",
    "setup_shop",
    "test_line",
    "load_key",
    "echo",
    "sign_on",
    "test_sale",
)
"""In this order; each is a key of the text table. New ones change what a stored record means."""
_TEST_SALE = len(STEPS) - 1
_KEY = STEPS.index("load_key")


class Progress:
    """The record at `path` of a terminal that has a master key or not, and has had one before or not.

    Raises store.Damaged.
    """

    def __init__(self, path: str, has_key: bool, had_key: bool) -> None:
        self._path = path
        self.tampered = False
        """True from the opening of the case until the terminal has been commissioned again."""
        body = store.read(path)
        if body is None:
            self.step = len(STEPS) if has_key or had_key else 0
        elif len(body) != 2 or body[0] > len(STEPS):
            raise store.Damaged(path, 0, "no step of the commissioning")
        else:
            self.step = body[0]
            self.tampered = bool(body[1])
        if not has_key and self.step > _KEY:
            # The key was there: it was erased while nobody looked.
            self.step = 0
            self.tampered = True

    @property
    def due(self) -> bool:
        """True while nothing may be sold."""
        return self.step < _TEST_SALE

    @property
    def under_way(self) -> bool:
        """True while there is a step to be done."""
        return self.step < len(STEPS)

    def go_to(self, step: int) -> None:
        """Writes down what comes next. Raises OSError."""
        if step >= len(STEPS):
            self.tampered = False
        store.replace(self._path, bytes((step, self.tampered)))
        self.step = step

    def begin_again(self) -> None:
        """The case was opened: everything from the first step. True at once, also when the flash does not take it."""
        self.step = 0
        self.tampered = True
        self.go_to(0)
