"""The Wi-Fi driver where nothing is wrong, and the virtual radio, which says what the ESP32 port says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tillbench.host.devices.wlan import AccessPoint, Security, slot_record
from tillbench.host.emulator.bench import Bench

from tests.device.wifi_faults import ADDRESS, KEY, SHOP, join, radio

IDLE, CONNECTING, GOT_IP, LEFT = 1000, 1001, 1010, 8


@pytest.fixture(autouse=True)
def _no_radio_for_others(device: Bench) -> Iterator[None]:
    yield
    device.air = None


def test_networks_with_their_signal_and_what_can_be_joined(device: Bench) -> None:
    radio(
        device,
        AccessPoint("Office", KEY, -71, security=Security.ENTERPRISE),
        AccessPoint(SHOP, KEY, -48),
        AccessPoint("Cafe", "", -60),
        AccessPoint("Old", "abcde", -80, security=Security.WEP),
        AccessPoint("New", KEY, -82, security=Security.WPA3),
        AccessPoint("Not told", KEY, -40, hidden=True),
    )
    assert device.call("wifi_probe:scan") == [
        (SHOP, -48, True, False),
        ("Cafe", -60, True, True),
        ("Office", -71, False, False),
        ("Old", -80, False, False),
        ("New", -82, True, False),
    ]
    assert device.call("wifi_probe:radio", {}, "active") is False, "there is no network to be in"


def test_joined_remembered_and_forgotten(device: Bench) -> None:
    wlan = radio(device, AccessPoint(SHOP, KEY, -48), AccessPoint("Not told", KEY, hidden=True), AccessPoint("Cafe"))
    assert join(device) == ""
    assert device.call("wifi_probe:wait", 0) == (ADDRESS, -48)
    wlan.power_off()
    assert device.call("wifi_probe:restart") == SHOP
    assert device.call("wifi_probe:wait", 2) == (ADDRESS, -48)
    assert join(device, "Not told") == ""
    assert join(device, "Cafe", "") == ""
    assert wlan.asked == [SHOP, SHOP, "Not told", "Cafe"]
    assert device.call("wifi_probe:forget") == (b"", "", bytes(97))
    assert device.call("wifi_probe:radio", {}, "active") is False


def test_the_record_is_the_one_that_a_bench_prepares(device: Bench) -> None:
    radio(device, AccessPoint("x" * 32, "y" * 63))
    assert join(device, "x" * 32, "y" * 63) == ""
    assert device.call("wifi_probe:kept_record") == slot_record("x" * 32, "y" * 63)


def test_the_radio_answers_as_the_port_does(device: Bench) -> None:
    """ports/esp32/network_wlan.c: what `status` says, and when something cannot be asked for."""
    wlan = radio(device, AccessPoint(SHOP, KEY, up=False))

    def ask(name: str, *arguments: object, **settings: int) -> Any:
        return device.call("wifi_probe:radio", settings, name, *arguments)

    assert ask("scan") == "OSError STA must be active"
    assert ask("connect", SHOP, KEY) == "OSError Wifi Not Started"
    ask("active", True)
    ask("connect", SHOP, KEY)
    assert ask("connect", SHOP, KEY) == "OSError Wifi Internal State Error"
    assert ask("scan") == []
    device.call("wifi_probe:wait", 30)
    assert ask("status") == CONNECTING, "while it tries for ever it never says why it fails"
    ask("disconnect")
    assert ask("status") == LEFT
    ask("config", reconnects=0)
    ask("connect", SHOP, KEY)
    device.call("wifi_probe:wait", 5)
    assert ask("status") == 201
    assert ask("status", "rssi") == "OSError Wifi Not Connected"
    assert ask("status", "stations") == "ValueError unknown status param"
    assert ask("config", txpower=3) == "ValueError unknown config param"
    assert ask("ifconfig") == ("0.0.0.0",) * 4
    ask("disconnect")
    wlan.switch(SHOP, up=True)
    ask("connect", SHOP, KEY)
    assert ask("isconnected") is False
    device.call("wifi_probe:wait", 2)
    assert (ask("status"), ask("isconnected")) == (GOT_IP, True)
    assert ask("ifconfig") == (ADDRESS, "255.255.255.0", "192.0.2.254", "192.0.2.53")
    (found,) = ask("scan")
    assert found[:1] + found[2:] == (b"Shop", 6, -55, 3, False)
    assert len(found[1]) == 6
