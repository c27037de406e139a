"""One record for each step of the kernel: what it did to TVR and TSI, and why."""

from emv.errors import EmvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from emv.transaction import Transaction

    Listener = Callable[[str, bytes, bytes, bytes, str], None]


class Trace:
    """`listener(step, tvr_before, tvr_after, tsi, why)` is called at the end of each step, also of one that raises.

    `why` names data elements and status words, never card data. Without a listener a step costs two calls.
    """

    def __init__(self, tx: Transaction) -> None:
        self.listener: Listener | None = None
        self._tx = tx
        self._step = ""
        self._before = b""

    def step(self, name: str) -> "Trace":
        """Begin a step; use in `with`. Steps do not nest."""
        self._tx.why = ""
        if self.listener is not None:
            self._step = name
            self._before = bytes(self._tx.tvr)
        return self

    def __enter__(self) -> "Trace":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, _traceback: object) -> None:
        if self.listener is None:
            return
        tx = self._tx
        why = tx.why
        if isinstance(error, EmvError):
            why = error.reason + ": " + error.detail
        elif kind is not None:
            why = kind.__name__
        self.listener(self._step, self._before, bytes(tx.tvr), bytes(tx.tsi), why)
