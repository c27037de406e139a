"""The kernel on the device against the model: the same scenario, everything that can be seen compared."""

from __future__ import annotations

from typing import Any, Protocol

from ..device.kernel_signer import Chain
from .kernel import Model
from .scenario import RID, Scenario


class Device(Protocol):
    """What runs functions in MicroPython."""

    def call(self, target: str, *args: Any) -> Any:
        """The value that `target` returns."""
        ...


def arguments(s: Scenario, transcript: list[bytes]) -> tuple[Any, ...]:
    """Arguments of `contact_probe:run`, but for the number of the configuration."""
    aids = [
        {
            "aid": aid,
            "version": s.version,
            "tac_denial": s.tacs[0],
            "tac_online": s.tacs[1],
            "tac_default": s.tacs[2],
            "floor_limit": s.floor_limit,
            "partial": s.partial,
            "tdol": s.tdol,
            "ddol": s.ddol,
            "threshold": s.threshold,
            "target_percent": s.target,
            "max_target_percent": s.most,
        }
        for aid in s.aids
    ]
    terminal = {
        "terminal_type": s.terminal_type,
        "capabilities": s.capabilities,
        "additional": s.additional,
        "bypass_once": s.bypass_once,
        "cda_mode": s.cda_mode,
        "revoked": s.revoked,
        "capks": [(s.card.chain or Chain()).capk(index=s.ca_index, expiry=s.ca_expiry, rid=RID)],
    }
    order = (s.amount, s.date, b"\x10\x11\x12", 42, s.other, s.kind, s.account_type)
    plan = {
        "online_pins": s.online_pins,
        "offline_pins": s.offline_pins,
        "pin_pad": s.pin_pad,
        "force_online": s.force_online,
        "last_amount": s.last_amount,
        "is_listed": s.is_listed,
        "issuer": s.issuer,
    }
    return aids, terminal, order, plan, s.entropy, transcript


class Case:
    """A scenario with what the model makes of it; it can be put to any number of devices."""

    def __init__(self, scenario: Scenario) -> None:
        model = Model(scenario).run()
        self.transcript = model.transcript
        self.expected = model.result()
        if model.in_cvm:
            del self.expected["cvm_results"], self.expected["tvr"]  # half done, and nobody gets to see them
        self._arguments = arguments(scenario, model.transcript)

    def differences(self, device: Device) -> list[str]:
        """Where kernel and model disagree: one line for each value, empty if they agree."""
        found = device.call("contact_probe:run", *self._arguments)
        lines = [
            f"{name}: model {shown(value)}, kernel {shown(found[name])}"
            for name, value in self.expected.items()
            if found[name] != value
        ]
        if lines:
            lines.append(f"the kernel says: {found['outcome']}, {found['reason']}")
            lines += [
                f"  {command.hex().upper()} -> {answer.hex().upper()}"
                for command, answer in zip(self.transcript[::2], self.transcript[1::2], strict=True)
            ]
        return lines


def shown(value: object) -> str:
    """Bytes in hexadecimal."""
    return value.hex().upper() if isinstance(value, bytes) else repr(value)
