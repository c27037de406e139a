"""What an installer and the holders of a key do: the steps of the commissioning, passwords, components."""

from __future__ import annotations

from tillbench.host.key_components import KeyComponent
from tillbench.host.terminal import Terminal

from . import shop

SUPERVISOR = "2 5 8 0 3 6"
ADMIN = "5 8 3 0 2 9 6 4"


def step(terminal: Terminal, number: int, name: str) -> str:
    """Wait for the guide at that step; its screen."""
    shown = shop.wait(terminal, f"COMMISSION {number}/11")
    assert name in shown
    return shown


def pass_over_to(terminal: Terminal, number: int, name: str) -> None:
    """Skip everything before a step."""
    for before in range(1, number):
        shop.wait(terminal, f"{before}/11")
        terminal.press("DOWN")
    step(terminal, number, name)


def pass_gate(terminal: Terminal, prompt: str, password: str, new: str = "") -> None:
    """Give a password; `new` is what replaces the factory's."""
    shop.wait(terminal, prompt)
    terminal.press(f"{password} ENTER")
    if new:
        shop.wait(terminal, "FACTORY PASSWORD")
        terminal.press("ENTER")
        for words in ("NEW PASSWORD", "ONCE MORE"):
            shop.wait(terminal, words)
            terminal.press(f"{new} ENTER")
        shop.wait(terminal, "PASSWORD CHANGED")
        terminal.press("ENTER")


def enter_component(terminal: Terminal, component: KeyComponent) -> None:
    """Type it and confirm its check value."""
    terminal.press(terminal.key_holders.keys_for(component) + " ENTER")
    assert component.check_value in shop.wait(terminal, "ENTER=OK CLR=NO")
    terminal.press("ENTER")


def load_by_components(
    terminal: Terminal, supervisor: str = "", count: int = 2, admin: str = "", begin: str = "ENTER"
) -> None:
    """Load the terminal's master key; `supervisor` and `admin` are the factory's passwords where they still hold."""
    terminal.press(begin)
    terminal.choose(f"{count} COMPONENTS")
    pass_gate(terminal, "SUPERVISOR PASS", supervisor or SUPERVISOR, SUPERVISOR if supervisor else "")
    for number, component in enumerate(terminal.key_holders.components(count), 1):
        if number == 2:
            pass_gate(terminal, "ADMIN PASSWORD", admin or ADMIN, ADMIN if admin else "")
        shop.wait(terminal, f"COMPONENT {number}")
        enter_component(terminal, component)
    shop.wait(terminal, "CHECK VALUE")
    terminal.press("ENTER")
    shop.wait(terminal, "KEY LOADED")
    terminal.press("ENTER")
