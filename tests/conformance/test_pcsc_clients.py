"""Virtual cards in stock pcscd, used by programs that know nothing of tillbench: pyscard, opensc-tool, pcsc_scan,
emvtool."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.fault_profile import FaultProfile
from tillbench.host.pcsc import NoPcsc, PrivatePcscd, ServedCard
from tillbench.host.pcsc.daemon import READER
from tillbench.protocols.emv import tlv

from .conftest import absent, in_the_reader

SELECT_PSE = bytes.fromhex("00A404000E") + b"1PAY.SYS.DDF01"
TILLBENCH = Path(sys.executable).with_name("tillbench")
EMVTOOL = Path(sys.executable).parents[1] / "emvtool" / "bin" / "emvtool"


@contextmanager
def inserted(pcscd: PrivatePcscd, profile: CardProfile) -> Iterator[VirtualCard]:
    """The card in the reader, seen by pcscd."""
    card = VirtualCard(profile)
    with in_the_reader(pcscd, ServedCard(card)):
        yield card


class Client:
    """pyscard on the first reader."""

    def __init__(self) -> None:
        from smartcard.System import readers

        self.connection = readers()[0].createConnection()
        self.connection.connect()

    def send(self, apdu: bytes) -> bytes:
        data, sw1, sw2 = self.connection.transmit(list(apdu))
        return bytes([*data, sw1, sw2])

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.connection.disconnect()
        self.connection.release()


def t1(profile: CardProfile) -> CardProfile:
    return profile.model_copy(update={"atr": bytes.fromhex("3BE0000081312045") + b"\x35"})


def fetch(client: Client, apdu: bytes) -> bytes:
    """As a program must at T=0: 61xx is fetched, 6Cxx asked again."""
    answer = client.send(apdu)
    if answer[-2] == 0x6C:
        answer = client.send(apdu[:4] + answer[-1:])
    if answer[-2] == 0x61:
        answer = client.send(bytes.fromhex("00C00000") + answer[-1:])
    return answer


def whole_session(profile: CardProfile) -> list[bytes]:
    """Commands of a transaction up to the first GENERATE AC, and some that are refused."""
    application = profile.applications[0]
    gpo = b"\x83" + bytes([sum(entry.length for entry in application.pdol)])
    gpo += bytes(gpo[1])
    cdol1 = bytes(sum(entry.length for entry in application.cdol1))
    records = [bytes([0, 0xB2, number, sfi << 3 | 4, 0]) for sfi in (1, 2, 3) for number in range(1, 10)]
    return [
        SELECT_PSE,
        bytes.fromhex("00A4040000"),
        bytes.fromhex("00B2010C00"),
        bytes([0, 0xA4, 4, 0, len(application.aid)]) + application.aid,
        b"\x80\xa8\x00\x00" + bytes([len(gpo)]) + gpo,
        *records,
        bytes.fromhex("80CA9F3600"),
        bytes.fromhex("80CA9F1700"),
        bytes.fromhex("80CA000000"),
        bytes.fromhex("0084000000"),
        bytes.fromhex("0020008008241234FFFFFFFFFF"),
        bytes.fromhex("80FF000000"),
        b"\x80\xae\x80\x00" + bytes([len(cdol1)]) + cdol1,
    ]


@pytest.mark.parametrize(
    ("name", "protocol"), [("visa-cda", 0), ("visa-cda", 1), ("unionpay-slow", 0), ("unionpay-cda-1984", 1)]
)
def test_pyscard_gets_what_the_card_answers(pcscd: PrivatePcscd, name: str, protocol: int) -> None:
    profile = load_profile(name)
    if protocol == 1:
        profile = t1(profile)
    alone = VirtualCard(profile)
    alone.reset()
    with inserted(pcscd, profile), Client() as client:
        assert bytes(client.connection.getATR()) == profile.atr
        assert client.connection.getProtocol() == 1 << protocol
        for apdu in whole_session(profile):
            got = client.send(apdu) if protocol else fetch(client, apdu)
            assert got == alone.transmit(apdu), apdu.hex()


def test_t0_leaves_61_and_6c_to_the_client(pcscd: PrivatePcscd) -> None:
    with inserted(pcscd, load_profile("visa-credit")), Client() as client:
        first = client.send(SELECT_PSE)
        assert (len(first), first[0]) == (2, 0x61)
        assert client.send(SELECT_PSE + b"\x00") == first  # a Le does not travel at T=0
        wrong = client.send(bytes.fromhex("00C0000001"))
        assert wrong == bytes([0x6C, first[1]])
        assert len(client.send(bytes([0, 0xC0, 0, 0, first[1]]))) == first[1] + 2
        assert client.send(bytes.fromhex("00A4040003112233")) == bytes.fromhex("6A82")
        assert client.send(bytes.fromhex("00A4040003112233 4455")) == bytes.fromhex("6700")


def test_resets_and_a_mute_card(pcscd: PrivatePcscd) -> None:
    from smartcard.Exceptions import CardConnectionException, NoCardException
    from smartcard.scard import SCARD_LEAVE_CARD, SCARD_UNPOWER_CARD

    profile = load_profile("visa-credit").model_copy(update={"faults": (FaultProfile(at=2, mute=True),)})
    select = bytes([0, 0xA4, 4, 0, 7]) + profile.applications[0].aid
    with inserted(pcscd, profile) as card, Client() as client:
        assert client.send(select)[0] == 0x61
        assert client.send(bytes.fromhex("80CA9F3600")) == bytes.fromhex("6F00")
        client.connection.reconnect(disposition=SCARD_UNPOWER_CARD)
        assert client.send(select)[0] == 0x61
        client.connection.reconnect(disposition=SCARD_LEAVE_CARD)
        assert card.apdu_count == 1
    # Until pcscd has looked again it lets a client connect, whose first command then reaches no card.
    with pytest.raises((NoCardException, CardConnectionException)), Client() as client:
        client.send(select)


def test_pulled_and_put_back(pcscd: PrivatePcscd) -> None:
    for name in ("visa-credit", "unionpay-debit"):
        profile = load_profile(name)
        with inserted(pcscd, profile), Client() as client:
            aid = profile.applications[0].aid
            data = fetch(client, bytes([0, 0xA4, 4, 0, len(aid)]) + aid)[:-2]
            assert [item.value for item in tlv.walk(tlv.parse(data)) if item.tag == 0x84] == [aid]


def run(*command: str | Path, pcscd: PrivatePcscd | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | (pcscd.environment if pcscd else {})
    return subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, timeout=50, stdin=subprocess.DEVNULL
    )


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        absent(f"no {name}: run `make pcsc`")
    assert found is not None
    return found


def test_opensc_tool(pcscd: PrivatePcscd) -> None:
    with inserted(pcscd, load_profile("visa-cda")):
        done = run(program("opensc-tool"), "-a", "-s", SELECT_PSE.hex() + "00", pcscd=pcscd)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3b:60:00:00\n")
    assert "Received (SW1=0x90, SW2=0x00):" in done.stdout
    assert "1PAY.SYS.DDF" in done.stdout


def test_pcsc_scan(pcscd: PrivatePcscd) -> None:
    with inserted(pcscd, t1(load_profile("visa-cda"))):
        done = run("timeout", "5", program("pcsc_scan"), "-c", pcscd=pcscd)
    assert "3B E0 00 00 81 31 20 45 35" in done.stdout, done.stdout + done.stderr


def test_emvtool(pcscd: PrivatePcscd) -> None:
    if not EMVTOOL.exists():
        absent("no emvtool: run `make pcsc`")
    with inserted(pcscd, load_profile("visa-cda")):
        done = run(EMVTOOL, "info", pcscd=pcscd)
    assert done.returncode == 0, done.stderr
    assert 'Application "VISA CREDIT", DF Name: [A0 00 00 00 03 10 10]' in done.stdout
    plain = re.sub(r"\x1b\(0.|\x1b\(B", "|", done.stdout)  # the frames of its tables
    assert re.search(r"pin_retries\W+3\b", plain), plain


def test_card_serve_runs_a_command_with_the_card() -> None:
    try:
        PrivatePcscd().close()
    except NoPcsc as error:
        absent(str(error))
    done = run(TILLBENCH, "card", "serve", "visa-cda", "--vpcd", "--show", "--", program("opensc-tool"), "-a")
    assert (done.returncode, done.stdout) == (0, "3b:60:00:00\n"), done.stderr
    done = run(TILLBENCH, "card", "serve", "visa-cda", "--", "sh", "-c", "exit 7")
    assert done.returncode == 7
    done = run(TILLBENCH, "card", "serve", "visa-cda", "--", "/no/such/program")
    assert (done.returncode, done.stderr) == (2, "tillbench: /no/such/program: No such file or directory\n")


def test_a_namespace_that_is_forbidden(tmp_path: Path) -> None:
    """An unshare that refuses, first on PATH."""
    unshare = tmp_path / "unshare"
    unshare.write_text("#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n")
    unshare.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        done = run(TILLBENCH, "card", "serve", "visa-cda", "--", "true")
    if "no /usr/lib" in done.stderr or "no pcscd" in done.stderr:
        absent(done.stderr)
    assert done.returncode == 2
    assert "namespaces are forbidden here (unshare: unshare failed: Operation not permitted)" in done.stderr
    assert "--system" in done.stderr


def test_nothing_is_left_behind() -> None:
    try:
        daemon = PrivatePcscd()
    except NoPcsc as error:
        absent(str(error))
    folder = Path(daemon.environment["PCSCLITE_CSOCK_NAME"]).parents[1]
    stream = daemon.connect()
    assert folder.exists()
    daemon.close()
    assert not folder.exists()
    with stream, suppress(ConnectionResetError):
        while stream.recv(64):  # what pcscd asked before it went, and then the end
            pass
    with pytest.raises(NoPcsc):
        daemon.connect()


def test_the_devices_kernel_through_pcscd(pcscd: PrivatePcscd) -> None:
    """`emv transact --reader` on a card of the test CA, and on one that is not: that one is read, and no more."""
    command = [str(TILLBENCH), "emv", "transact", "--reader", READER]
    with inserted(pcscd, load_profile("visa-cvm-amounts")) as card:
        done = subprocess.run(command, input="\n", capture_output=True, text=True, timeout=50, check=False)
        assert done.returncode == 0, done.stderr
        assert "APPROVED_ONLINE" in done.stdout
        assert card.profile.pan not in done.stdout
    seen: list[int] = []
    with inserted(pcscd, load_profile("unionpay-issuer-missing")) as card:
        card.on_exchange = lambda apdu, _: seen.append(apdu[1])
        done = subprocess.run(command, input="\n", capture_output=True, text=True, timeout=50, check=False)
        assert done.returncode == 2
        assert "is not sent to this card" in done.stderr
    assert {0xA4, 0xB2, 0xA8} <= set(seen) <= {0xA4, 0xB2, 0xA8, 0xC0}
