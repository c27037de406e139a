"""A firmware function that the bench calls, in a device whose program is the test runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tillbench.protocols import literal
from tillbench.protocols.link import Run


class DeviceError(Exception):
    """The device's code raised an exception.

    Attributes:
        type: name of the exception's class.
        args_repr: its arguments as text.
        trace: the device's traceback.
    """

    def __init__(self, type_name: str, args_repr: str, trace: str) -> None:
        super().__init__(f"{type_name}{args_repr}\n{trace}")
        self.type = type_name
        self.args_repr = args_repr
        self.trace = trace


class Call:
    """One call; `host` are the functions that the device may ask for while it runs.

    Attributes:
        is_over: the device has said how it ended.
    """

    def __init__(self, host: Mapping[str, Callable[..., Any]]) -> None:
        self.is_over = False
        self._host = host
        self._failed = False
        self._value: Any = None
        self._refused: Exception | None = None

    def take(self, op: int, data: bytes) -> bytes | None:
        """A RUN frame of the device; returns the frame that answers it, None if it wants none."""
        value = literal.decode(data)
        if op != Run.ASK:
            self.is_over, self._failed, self._value = True, op == Run.ERROR, value
            return None
        name, args = value
        try:
            return bytes([Run.ANSWER]) + literal.encode(self._host[name](*args))
        except Exception as error:
            # Raised by `result`, once the device has taken it in: its own error must not be the next call's.
            self._refused = self._refused or error
            return bytes([Run.REFUSED]) + literal.encode(f"{type(error).__name__}: {error}")

    def result(self) -> Any:
        """What the function returned.

        Raises:
            DeviceError: it raised.
            Exception: a function of the host's raised this.
        """
        if self._refused is not None:
            raise self._refused
        if self._failed:
            raise DeviceError(*self._value)
        return self._value
