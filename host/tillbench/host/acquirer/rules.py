"""Misbehaviour on purpose: what the host shall do wrong with the next messages, for the tests of a terminal."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from dataclasses import field as dataclass_field
from typing import Any

from tillbench.host.acquirer.rule_match import Condition, Seen
from tillbench.host.acquirer.script_wish import ScriptWish

CODE_FROM_AMOUNT = "amount"


@dataclass(frozen=True)
class Misbehaviour:
    """What to do to one message and its answer. The default is to behave.

    Attributes:
        lost: the request never arrives: nothing is decided, nothing booked.
        silent: decided and booked, but the answer stays here.
        delay_us: the answer waits, in (virtual) microseconds.
        wrong_mac: field 64 of the answer is wrong.
        wrong_arpc: the issuer's proof to the card is wrong.
        code: field 39 instead of the host's own decision; `amount`: the last two digits of field 4.
        partial_percent: approve so much of the amount, with code 10.
        duplicate: the answer leaves twice.
        other_stan: the answer is to another trace number than was asked, under a right MAC.
        script: for the card, in field 55: tag 71 or 72, whole, or a wish that is made when its ARQC is there.
        drop: decided and booked, then the connection is closed without an answer.
        first: only so many bytes of the answer's frame leave.
        garbage: these bytes instead of the answer.
        ask: the digit of the header's processing request.
    """

    lost: bool = False
    silent: bool = False
    delay_us: int = 0
    wrong_mac: bool = False
    wrong_arpc: bool = False
    code: str = ""
    partial_percent: int = 0
    duplicate: bool = False
    other_stan: bool = False
    script: bytes | ScriptWish = b""
    drop: bool = False
    first: int | None = None
    garbage: bytes | None = None
    ask: str = ""

    def __str__(self) -> str:
        return ", ".join(WORDS[each.name](value) for each in fields(self) if (value := getattr(self, each.name)))


WORDS: dict[str, Callable[[Any], str]] = {
    "lost": lambda _: "request lost",
    "silent": lambda _: "no answer",
    "delay_us": lambda us: f"delayed {us} us",
    "wrong_mac": lambda _: "wrong MAC",
    "wrong_arpc": lambda _: "wrong ARPC",
    "code": lambda code: f"code {code}",
    "partial_percent": lambda percent: f"approved {percent} %",
    "duplicate": lambda _: "answered twice",
    "other_stan": lambda _: "another STAN",
    "script": lambda script: "script to the card" + (f": {script.name}" if isinstance(script, ScriptWish) else ""),
    "drop": lambda _: "connection dropped",
    "first": lambda count: f"only {count} bytes",
    "garbage": lambda _: "garbage",
    "ask": lambda digit: f"processing request {digit}",
}
BEHAVE = Misbehaviour()


@dataclass
class Rule:
    """What to do to the requests that meet a condition.

    Attributes:
        effects: what to change of a Misbehaviour, one for each match in turn.
        again: begin with the first effect again after the last; otherwise the rule is used up.
        skip: leave so many matches alone first.
    """

    condition: Condition
    effects: tuple[dict[str, object], ...]
    again: bool = False
    skip: int = 0
    name: str = ""
    _at: int = 0

    def meet(self, result: Misbehaviour) -> Misbehaviour:
        """A request meets the condition."""
        if self.skip:
            self.skip -= 1
            return result
        effect = self.effects[self._at]
        self._at += 1
        if self.again:
            self._at %= len(self.effects)
        return replace(result, **effect)  # type: ignore[arg-type]  # names and values of its fields

    @property
    def used_up(self) -> bool:
        return self._at >= len(self.effects)

    def __str__(self) -> str:
        """What it does next, to what, and how often still."""
        left = "always" if self.again else f"{len(self.effects) - self._at} more"
        what = str(replace(BEHAVE, **self.effects[self._at])) or "behave"  # type: ignore[arg-type]  # names and values of its fields
        skipped = f", after {self.skip}" if self.skip else ""
        return f"{self.name + ': ' if self.name else ''}{self.condition}: {what} ({left}{skipped})"


@dataclass
class Rules:
    """Rules in the order they were made. Each bends the next `times` requests of a message type (None: of any).

    Several rules may meet in one message; each that matches is used up by one.
    """

    _rules: list[Rule] = dataclass_field(default_factory=list)

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

    def add(self, rules: Iterable[Rule]) -> None:
        """Rules made elsewhere, e.g. read from a file."""
        self._rules.extend(rules)

    def clear(self) -> None:
        """Behave from now on."""
        self._rules.clear()

    def __iter__(self) -> Iterator[Rule]:
        """Those in force."""
        return iter(self._rules)

    @property
    def none(self) -> bool:
        """Is there no rule left?"""
        return not self._rules

    @property
    def look_inside(self) -> bool:
        """Does any rule need to see the fields of a request?"""
        return any(rule.condition.looks_inside or _reads_amount(rule) for rule in self._rules)

    def take(self, seen: Seen) -> Misbehaviour:
        """What to do with a request that has just come; uses the rules up."""
        if not self._rules:
            return BEHAVE
        result = BEHAVE
        for rule in self._rules:
            if rule.condition.holds(seen):
                result = rule.meet(result)
        self._rules = [rule for rule in self._rules if not rule.used_up]
        if result.code == CODE_FROM_AMOUNT:
            result = replace(result, code=seen.message.text(4)[-2:])
        return result

    def _add(self, mti: str | None, times: int, **effect: object) -> None:
        if times < 1:
            raise ValueError(f"times: expected at least 1, found {times}")
        self._rules.append(Rule(Condition(messages=(mti,) if mti else ()), (effect,) * times))


def _reads_amount(rule: Rule) -> bool:
    return any(effect.get("code") == CODE_FROM_AMOUNT for effect in rule.effects)
