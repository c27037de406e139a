"""Misbehaviour on purpose: what the host shall do wrong with the next messages, for the tests of a terminal."""

from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field


@dataclass(frozen=True)
class Misbehaviour:
    """What to do to one message and its answer. The default is to behave."""

    lost: bool = False  # the request never arrives: nothing is decided, nothing booked
    silent: bool = False  # decided and booked, but the answer stays here
    delay_us: int = 0  # the answer waits, in (virtual) microseconds
    wrong_mac: bool = False  # field 64 of the answer is wrong
    code: str = ""  # field 39 instead of the host's own decision
    drop: bool = False  # decided and booked, then the connection is closed without an answer
    garbage: bytes | None = None  # these bytes instead of the answer

    def __str__(self) -> str:
        words = [
            "request lost" * self.lost,
            "no answer" * self.silent,
            f"delayed {self.delay_us} us" * bool(self.delay_us),
            "wrong MAC" * self.wrong_mac,
            f"code {self.code}" * bool(self.code),
            "connection dropped" * self.drop,
            "garbage" * (self.garbage is not None),
        ]
        return ", ".join(filter(None, words))


@dataclass
class _Rule:
    mti: str | None
    effect: dict[str, object]
    left: int


@dataclass
class Rules:
    """Rules in the order they were made. Each bends the next `times` requests of a message type (None: of any).

    Several rules may meet in one message; each that matches is used up by one.
    """

    _rules: list[_Rule] = dataclass_field(default_factory=list)

    def lose(self, mti: str | None = None, times: int = 1) -> None:
        """The request never reaches the host: nothing is booked, nothing answered."""
        self._add(mti, times, lost=True)

    def silence(self, mti: str | None = None, times: int = 1) -> None:
        """The request is decided and booked, and no answer sent."""
        self._add(mti, times, silent=True)

    def delay(self, mti: str | None, us: int, times: int = 1) -> None:
        """The answer leaves `us` microseconds late."""
        self._add(mti, times, delay_us=us)

    def bad_mac(self, mti: str | None = None, times: int = 1) -> None:
        """The answer carries a wrong field 64."""
        self._add(mti, times, wrong_mac=True)

    def answer(self, mti: str | None, code: str, times: int = 1) -> None:
        """The answer carries this field 39 (two characters), and nothing is booked as approved.

        "00" changes nothing: the host never approves by rule what it would decline. A sale stays in the books as
        declined with the code, its ARPC made over it; a reversal or sign-on so answered has no effect.
        """
        if len(code) != 2 or not code.isalnum():
            raise ValueError(f"response code: expected 2 letters or digits, found {code!r}")
        self._add(mti, times, code=code)

    def drop(self, mti: str | None = None, times: int = 1) -> None:
        """The request is decided and booked, then the connection is closed."""
        self._add(mti, times, drop=True)

    def garbage(self, mti: str | None, data: bytes, times: int = 1) -> None:
        """`data`, as it is, goes out in the answer's place."""
        self._add(mti, times, garbage=data)

    def clear(self) -> None:
        """Behave from now on."""
        self._rules.clear()

    def take(self, mti: str) -> Misbehaviour:
        """What to do with a request of this type that has just come; uses the rules up."""
        result = Misbehaviour()
        for rule in self._rules:
            if rule.mti in (None, mti):
                rule.left -= 1
                result = replace(result, **rule.effect)  # type: ignore[arg-type]
        self._rules = [rule for rule in self._rules if rule.left > 0]
        return result

    def _add(self, mti: str | None, times: int, **effect: object) -> None:
        if times < 1:
            raise ValueError(f"times: expected at least 1, found {times}")
        self._rules.append(_Rule(mti, effect, times))
