"""The kernel's tests: a scripted card, and the kernel on the device step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

AID = "A000000333010101"
VISA = "A0000000031010"
PSE = b"1PAY.SYS.DDF01".hex().upper()

UNIONPAY_ENTRY: dict[str, Any] = {
    "aid": bytes.fromhex("A00000033301"),
    "version": bytes.fromhex("0030"),
    "tac_denial": bytes.fromhex("0010000000"),
    "tac_online": bytes.fromhex("D84004F800"),
    "tac_default": bytes.fromhex("D84000A800"),
    "floor_limit": 10000,
}
VISA_ENTRY: dict[str, Any] = {
    "aid": bytes.fromhex(VISA),
    "version": bytes.fromhex("008C"),
    "tac_denial": bytes.fromhex("0010000000"),
    "tac_online": bytes.fromhex("DC4004F800"),
    "tac_default": bytes.fromhex("DC4000A800"),
}

CDOL1 = "9F02069F03069F1A0295055F2A029A039C019F3704"
CDOL2 = "8A0291089F370495059B02"
ARQC = "800012" + "1122334455667788" + "07010103A04002010A"
CVM_PIN_SIGNATURE_NONE = "0000000000000000 4203 1E03 1F03"


def tlv(tag: str, *values: str) -> str:
    """Hexadecimal TLV object; the values are hexadecimal too and are joined."""
    value = "".join(values).replace(" ", "")
    size = len(value) // 2
    length = f"{size:02X}" if size < 0x80 else f"81{size:02X}" if size < 0x100 else f"82{size:04X}"
    return tag + length + value


def text(value: str) -> str:
    """Hexadecimal of Latin-1 text."""
    return value.encode("latin-1").hex().upper()


def fci(aid: str = AID, *proprietary: str) -> str:
    """FCI of an application, with 9000."""
    return tlv("6F", tlv("84", aid), tlv("A5", *proprietary)) + "9000"


def record(objects: Mapping[str, str | None]) -> str:
    """A record (template 70) of these tags and values, with 9000; None leaves one out."""
    return tlv("70", *(tlv(tag, value) for tag, value in objects.items() if value is not None)) + "9000"


class Card:
    """Answers by script: `answers` maps an APDU, or its beginning, to the response (data and SW), all hexadecimal.

    The longest key that fits wins. A list is given out item by item, the last one again and again. To an APDU without
    an answer the transport on the device raises OSError, as if the card were pulled. `log` is what came.
    """

    def __init__(self, answers: Mapping[str, str | list[str]]) -> None:
        self.answers = deepcopy(dict(answers))  # lists are used up, and the parameters of a test serve every target
        self.log: list[str] = []

    def __call__(self, apdu: bytes) -> bytes | None:
        command = apdu.hex().upper()
        self.log.append(command)
        keys = [key for key in self.answers if command.startswith(key.replace(" ", ""))]
        if not keys:
            return None
        answer = self.answers[max(keys, key=len)]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return bytes.fromhex(answer)

    def sent(self, beginning: str) -> list[str]:
        """The commands that began so."""
        return [command for command in self.log if command.startswith(beginning.replace(" ", ""))]


def card(
    objects: Mapping[str, str | None] | None = None,
    *,
    aip: str = "1C00",
    gac1: str | None = None,
    gac2: str | None = None,
    pdol: str | None = None,
    more: Mapping[str, str | list[str]] | None = None,
) -> Card:
    """A card with one application, found by the list of AIDs, and one record.

    `objects` (tag: value, None to leave one out) change the record; `more` adds answers or overrides them.
    """
    data: dict[str, str | None] = {
        "5A": "6200000000000005",
        "5F24": "301231",
        "8C": CDOL1,
        "8D": CDOL2,
        "8E": CVM_PIN_SIGNATURE_NONE,
        **(objects or {}),
    }
    proprietary = [tlv("50", text("UnionPay Debit"))] + ([tlv("9F38", pdol)] if pdol is not None else [])
    return Card(
        {
            "00A40400 0E" + PSE: "6A82",
            "00A40400": fci(AID, *proprietary),
            "00A40402": "6A82",
            "80A80000": tlv("80", aip, "08010100") + "9000",
            "00B2010C": record(data),
            "80AE": [tlv("80", gac1 or ARQC) + "9000", tlv("80", gac2 or "40" + ARQC[2:]) + "9000"],
            "0082": "9000",
            **(more or {}),
        }
    )


class Rig:
    """The kernel on the device, one step at a time; after each step the properties show its state."""

    def __init__(self, device: Bench) -> None:
        self.device = device
        self.card = card()
        self.pin: Callable[[], bool] = lambda: True
        self.offline_pin: Callable[[int], bytes | None] = lambda tries: b"1234"
        self.last_amount: Callable[[bytes, bytes], int] = lambda pan, psn: 0
        self.is_listed: Callable[[bytes, bytes], bool] = lambda pan, psn: False
        self.prompts = 0
        self.entropy: Callable[[int], bytes] = lambda n: bytes((0xA0 + i) & 0xFF for i in range(n))

    def start(self, *aids: dict[str, Any], **terminal: Any) -> Rig:
        """A new kernel; without arguments it accepts UnionPay, and is attended, offline with online capability."""
        self.device.call("kernel_probe:start", list(aids) or [UNIONPAY_ENTRY], terminal)
        return self

    def step(self, name: str, *args: Any) -> Any:
        """One call of the kernel."""
        return self.steps((name, *args))

    def steps(self, *calls: tuple[Any, ...]) -> Any:
        """Several calls; the value of the last."""
        host: dict[str, Callable[..., Any]] = {
            "apdu": self.card,
            "pin": self.pin,
            "offline_pin": self.offline_pin,
            "entropy": self.entropy,
            "last_amount": self.last_amount,
            "is_listed": self.is_listed,
        }
        return self.device.call("kernel_probe:steps", *calls, host=host)

    def initiated(self, test_card: Card, **transaction: Any) -> Rig:
        """Selects the first application and sends GET PROCESSING OPTIONS."""
        self.card = test_card
        self.steps(("candidates",), ("select", 0), _initiate(**transaction))
        return self

    def read(self, test_card: Card, **transaction: Any) -> Rig:
        """The same, and reads the records: ready for the checks."""
        self.card = test_card
        self.steps(("candidates",), ("select", 0), _initiate(**transaction), ("read_records",))
        return self

    def checked(self, test_card: Card, **transaction: Any) -> Rig:
        """The same, and all checks: ready for the first GENERATE AC."""
        self.read(test_card, **transaction)
        self.steps(("data_authentication",), ("restrictions",), ("cardholder_verification",), ("risk_management",))
        return self

    def asked(self, test_card: Card, **transaction: Any) -> Rig:
        """The same, and the first GENERATE AC, which must give an ARQC."""
        self.checked(test_card, **transaction)
        assert self.step("first_generate_ac") == "ARQC"
        return self

    def _state(self) -> tuple[bytes, bytes, dict[int, bytes], bool, list[bytes]]:
        state: tuple[bytes, bytes, dict[int, bytes], bool, list[bytes]] = self.device.call("kernel_probe:state")
        return state

    @property
    def tvr(self) -> str:
        return self._state()[0].hex().upper()

    @property
    def tsi(self) -> str:
        return self._state()[1].hex().upper()

    @property
    def must_reverse(self) -> bool:
        return self._state()[3]

    @property
    def remaining(self) -> list[str]:
        return [aid.hex().upper() for aid in self._state()[4]]

    @property
    def why(self) -> str:
        """What decided the last step, in words."""
        why: str = self.device.call("kernel_probe:why")
        return why

    @property
    def fallback_allowed(self) -> bool:
        allowed: bool = self.device.call("kernel_probe:fallback_allowed")
        return allowed

    def tag(self, tag: int) -> str | None:
        """A data element in hexadecimal, None if the kernel has none."""
        value = self._state()[2].get(tag)
        return None if value is None else value.hex().upper()


def _initiate(
    amount: int = 1234,
    other: int = 0,
    kind: int = 0x00,
    date: str = "261123",
    time: str = "101112",
    stan: int = 42,
) -> tuple[Any, ...]:
    return ("initiate", amount, other, kind, bytes.fromhex(date), bytes.fromhex(time), stan)


@contextmanager
def refused(reason: str, detail: str = "") -> Iterator[None]:
    """The kernel raises EmvError with this reason; `detail` occurs in the rest."""
    with pytest.raises(DeviceError) as error:
        yield
    assert error.value.type == "EmvError", error.value.trace
    assert error.value.args_repr.startswith(f"('{reason}'"), error.value.args_repr
    assert detail in error.value.args_repr, error.value.args_repr
