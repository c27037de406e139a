"""Faults of Wi-Fi: of who sets it up, of the access point, and on the air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tillbench.host.devices.wlan import HANDSHAKE_TIMEOUT, TOO_MANY, AccessPoint, Wlan
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from tests.device.fault_catalogue import Fault

SHOP, KEY = "Shop", "correct horse"
ADDRESS = "192.0.2.77"


def radio(bench: Bench, *access_points: AccessPoint) -> Wlan:
    """The board's radio among access points; the driver is built, and remembers nothing."""
    wlan = Wlan(bench.clock, [replace(point) for point in access_points])
    bench.air = Air(bench, wlan)
    bench.call("wifi_probe:connect")
    return wlan


def join(bench: Bench, name: str = SHOP, key: str = KEY) -> Any:
    """ "" or why not."""
    return bench.call("wifi_probe:join", name.encode(), key.encode())


def _joining(point: AccessPoint, key: str = KEY) -> Callable[[Bench], Any]:
    def play(bench: Bench) -> Any:
        radio(bench, point)
        return join(bench, key=key)

    return play


def _goes_back_after(bench: Bench) -> Any:
    """To the one before, when another one cannot be joined."""
    radio(bench, AccessPoint(SHOP, KEY), AccessPoint("Cafe", "not known here"))
    why = join(bench), join(bench, "Cafe", "wrong phrase")
    return why, bench.call("wifi_probe:wait", 5)[0]


def _out_of_reach(seconds: float) -> Callable[[Bench], Any]:
    """The access point is away for a while, and the time that a station needs."""

    def play(bench: Bench) -> Any:
        wlan = radio(bench, AccessPoint(SHOP, KEY))
        join(bench)
        wlan.switch(SHOP, up=False)
        away = bench.call("wifi_probe:wait", seconds)[0]
        wlan.switch(SHOP, up=True)
        return away, bench.call("wifi_probe:wait", 10)[0]

    return play


def _scan_while_it_tries(bench: Bench) -> Any:
    wlan = radio(bench, AccessPoint(SHOP, KEY), AccessPoint("Cafe"))
    join(bench)
    wlan.switch(SHOP, up=False)
    bench.call("wifi_probe:wait", 10)
    found = bench.call("wifi_probe:scan")
    wlan.switch(SHOP, up=True)
    return found, bench.call("wifi_probe:wait", 10)[0]


def _radio_cannot_join(bench: Bench) -> Any:
    wlan = radio(bench, AccessPoint(SHOP, KEY), AccessPoint("Cafe"))
    join(bench)
    wlan.cannot_join = 1
    return join(bench, "Cafe", ""), bench.call("wifi_probe:wait", 10)[0]


def _scan_fails_while_it_is_away(bench: Bench) -> Any:
    wlan = radio(bench, AccessPoint(SHOP, KEY))
    join(bench)
    wlan.switch(SHOP, up=False)
    bench.call("wifi_probe:wait", 10)
    wlan.can_scan = False
    try:
        found = bench.call("wifi_probe:scan")
    except DeviceError as error:
        found = error.type
    wlan.switch(SHOP, up=True)
    return found, bench.call("wifi_probe:wait", 10)[0]


def _scan(*points: AccessPoint) -> Callable[[Bench], Any]:
    def play(bench: Bench) -> Any:
        radio(bench, *points)
        return [(label, rssi, usable) for label, rssi, usable, _ in bench.call("wifi_probe:scan")]

    return play


_DRIVER = "drivers.wifi:Wifi."
FAULTS = [
    Fault(
        "wifi",
        "wrong pass phrase",
        "says so, after a second try",
        _DRIVER + "_reason",
        "refused",
        _joining(AccessPoint(SHOP, KEY), "correct house"),
        "wrong_key",
    ),
    Fault(
        "wifi",
        "wrong pass phrase, and the access point lets the handshake time out",
        "says so",
        _DRIVER + "_reason",
        "refused",
        _joining(AccessPoint(SHOP, KEY, refusal=HANDSHAKE_TIMEOUT)),
        "wrong_key",
    ),
    Fault(
        "wifi",
        "network is not there",
        "says so",
        _DRIVER + "_reason",
        "refused",
        _joining(AccessPoint(SHOP, KEY, up=False)),
        "not_found",
    ),
    Fault(
        "wifi",
        "access point has too many stations",
        "refused",
        _DRIVER + "_reason",
        "not_found",
        _joining(AccessPoint(SHOP, KEY, refusal=TOO_MANY)),
        "refused",
    ),
    Fault(
        "wifi",
        "first try comes to nothing",
        "the second one joins",
        _DRIVER + "_tries",
        0,
        _joining(AccessPoint(SHOP, KEY, refusal=2, refusals=1)),
        "",
    ),
    Fault(
        "wifi",
        "nobody hands out addresses",
        "says so after 20 s",
        _DRIVER + "_is_associated",
        False,
        _joining(AccessPoint(SHOP, KEY, dhcp=False)),
        "no_address",
    ),
    Fault(
        "wifi",
        "another network cannot be joined",
        "goes back to its own",
        _DRIVER + "start",
        None,
        _goes_back_after,
        (("", "wrong_key"), ADDRESS),
    ),
    Fault(
        "wifi",
        "access point without power for a minute",
        "comes back by itself",
        _DRIVER + "_persist",
        None,
        _out_of_reach(60),
        ("", ADDRESS),
    ),
    Fault(
        "wifi",
        "looked for networks while its own is away",
        "finds them, and goes back to its own",
        _DRIVER + "_rest",
        None,
        _scan_while_it_tries,
        ([("Cafe", -55, True, True)], ADDRESS),
    ),
    Fault(
        "wifi",
        "the radio cannot look for networks while its own is away",
        "says so, and goes back to its own",
        _DRIVER + "start",
        None,
        _scan_fails_while_it_is_away,
        ("OSError", ADDRESS),
    ),
    Fault(
        "wifi",
        "the radio cannot join another network",
        "says so, and goes back to its own",
        _DRIVER + "start",
        None,
        _radio_cannot_join,
        ("radio", ADDRESS),
    ),
    Fault(
        "wifi",
        "a network has two access points",
        "is one network, with the stronger signal",
        _DRIVER + "_is_known",
        False,
        _scan(AccessPoint(SHOP, KEY, -70), AccessPoint(SHOP, KEY, -50, 11)),
        [(SHOP, -50, True)],
    ),
    Fault(
        "wifi",
        "a name that is no UTF-8",
        "shown with ? for what cannot be",
        "drivers.wifi:label",
        "",
        _scan(AccessPoint(b"caf\xe9", KEY)),
        [("caf?", -55, True)],
    ),
]
