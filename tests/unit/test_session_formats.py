"""Logs of other programs read, sessions written for them; each format's own mistakes told by line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tillbench.host.session import Exchange, Header, Reset, Session, SessionError
from tillbench.host.session.exporters import EXPORTERS
from tillbench.host.session.importers import IMPORTERS, detect, import_text

ATR = "3B600000"
SELECT, GPO = "00A4040007A0000000031010", "80A8000002830000"
FCI, NOT_NOW = "6F098407A00000000310109000", "6985"

PCSCD = """\
00000000 ../src/debuglog.c:347:DebugLogSetLevel() debug level=debug
\x1b[34m00000007\x1b[0m Card ATR: 3B 60 00 00 \x1b[0m
00000100 APDU: 00 A4 04 00 07 A0 00 00 00 03 10 10
00000250 SW: 6F 09 84 07 A0 00 00 00 03 10 10 90 00
00000003 ../src/winscard.c:1652:SCardTransmit() Send Protocol: T=0
00000009 Card ATR: 3B 60 00 00
00000020 APDU: 80 A8 00 00 02 83 00 00
00000040 SW: 69 85
"""
CARDPEEK = f"# cardpeek emulator\n# version 0\nR:{ATR}\nC:{SELECT}:9000:{FCI[:-4]}\nC:{GPO}:6985:\n# end\n"
APDU4J = f"""\
# Generated on Sat, 28 Nov 2026 10:00:00 +0000 by apdu4j
# ATR: {ATR}
# PROTOCOL: T=0
#
# Sent
{SELECT}
# Received in 34ms
{FCI}
{GPO}
# in 1s5ms
{NOT_NOW}
"""
GPP = f"""\
# GlobalPlatformPro
SCardConnect("A reader 00 00", T=*) -> T=1, {ATR}
SCardBeginTransaction("A reader 00 00")
A>> T=1 (4+0007) 00A40400 07 A0000000031010
A<< (0011+2) (34ms) {FCI[:-4]} 9000
[DEBUG] something
A>> T=1 (4+0002) 80A80000 02 8300 00
A<< (0000+2) (1s5ms) 6985
"""
PROXMARK = """\
[+] Recorded Activity (TraceLen = 400 bytes)
      Start |        End | Src | Data (! denotes parity error)                              | CRC | Annotation
------------+------------+-----+------------------------------------------------------------+-----+-----------
          0 |        992 | Rdr |52                                                          |     | WUPA
      13560 |      18000 | Rdr |e0  80  31  73                                              |  ok | RATS
      20000 |      30000 | Tag |06  78  80  70  02  41  a5  46                              |  ok |
     135600 |     140000 | Rdr |02  00  a4  04  00  07  a0  00  00  00  03  10  10  00      |     |
            |            |     |11  22                                                      |  ok |
     150000 |     160000 | Tag |f2  01  91  40                                              |  ok | S-block WTX
     150500 |     150900 | Rdr |f2  01  91  40                                              |  ok |
     271200 |     280000 | Tag |12  6f  09  84  07  [aa  bb]                                |  ok |
     281000 |     282000 | Rdr |a3  6f  c6                                                  |  ok | R-block
     283000 |     290000 | Tag |03  a0  00  00  00  03  10  10  90  00  33! 44              |  ok |
     300000 |     301000 | Rdr |03  80  a8  00  00  02  83  00  00  55  66                  |  ok |
     310000 |     311000 | Tag |02  69  85  77  88                                          |  ok |
"""
YAML = f"""\
atr: {ATR}
exchanges:
  - {{req: {SELECT}, res: {FCI}}}
  - req: 80 A8 00 00 02 83 00 00
    res: "6985"
"""
HEX = f"ATR: 3B 60 00 00\n> 00 A4 04 00 07 A0 00 00 00 03 10 10   # the application\n< {FCI}\n\n{GPO}\n{NOT_NOW}\n"
LOGS = {
    "pcscd": PCSCD,
    "cardpeek": CARDPEEK,
    "apdu4j": APDU4J,
    "gpp": GPP,
    "proxmark": PROXMARK,
    "yaml": YAML,
    "hex": HEX,
}


@pytest.mark.parametrize("form", IMPORTERS)
def test_each_format_is_found_and_read(form: str) -> None:
    text = LOGS[form]
    assert detect(text) == form
    session = import_text(form, text)
    assert [(one.command.removesuffix("00"), one.response) for one in session.exchanges] == [
        (SELECT.removesuffix("00"), FCI),
        (GPO.removesuffix("00"), NOT_NOW),
    ]
    if form != "proxmark":
        assert session.atr.hex().upper() == ATR
    assert session.header.source == f"import {form}"


def test_times_are_kept_where_there_are_any() -> None:
    assert [one.took_us for one in import_text("pcscd", PCSCD).exchanges] == [250, 40]
    assert [one.took_us for one in import_text("apdu4j", APDU4J).exchanges] == [34_000, 1_005_000]
    assert [one.took_us for one in import_text("gpp", GPP).exchanges] == [34_000, 1_005_000]
    assert import_text("proxmark", PROXMARK).exchanges[0].t_us == 10_000


def test_a_contactless_card_gets_the_atr_that_readers_show() -> None:
    """PC/SC part 3, 3.1.3.2.3: the historical byte 41 of the ATS."""
    assert import_text("proxmark", PROXMARK).atr == bytes.fromhex("3B8180014141")


def test_a_pcscd_log_with_two_cards() -> None:
    log = PCSCD + "00000010 EHStatusHandlerThread() Card Removed From tillbench\n00000007 Card ATR: 3B 60 00 00\n"
    assert len([one for one in import_text("pcscd", log).events if isinstance(one, Reset)]) == 2


@pytest.mark.parametrize("text", ["0020008008241234FFFFFFFFFF\n9000\n", "> 0020008008241234FFFFFFFFFF\n< 9000\n"])
def test_pins_are_left_behind(text: str) -> None:
    (exchange,) = import_text("hex", text).exchanges
    assert exchange.command == "0020008008" + "*" * 16


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("hex", "00A40400\n", "log:1: expected an answer after this command, found the end"),
        ("hex", "00A40400\n9\n", "log:2: expected an answer in hexadecimal, found half a byte"),
        ("hex", "00A4\n9000\n", "log:1: expected a command of 4 to 65544 bytes, found 2"),
        ("hex", "00A40400\nxyz\n", "log:2: expected an answer in hexadecimal, found 'x'"),
        ("hex", "< 9000\n", "log:1: expected a command before it, found an answer"),
        ("cardpeek", "# cardpeek emulator\nX:1\n", "log:2: expected R:ATR or C:command:status:data, found 'X:1'"),
        ("cardpeek", "# cardpeek emulator\n", "expected commands and answers in the format cardpeek, found none"),
        ("yaml", "- {req: 00A40400}\n", "log:1: expected one of res, response, rapdu, answer, resp, found req"),
        ("yaml", "a: [\n", "log:2: expected YAML"),
        ("yaml", "a: 1\n", "log:1: expected a list under exchanges, apdus, session, commands, found a"),
        ("apdu4j", "# ATR: 3B60\n00A40400\n", "log:2: expected an answer after this command, found the end"),
    ],
)
def test_a_mistake_is_told_by_its_line(form: str, text: str, words: str) -> None:
    with pytest.raises(SessionError) as error:
        import_text(form, text)
    assert words in str(error.value)


def test_an_unknown_format_is_none() -> None:
    assert detect("Dear Sir or Madam\n") is None


SESSION = Session(
    Header(contents="full", source="reader"),
    [
        Reset(atr=ATR),
        Exchange(t_us=1_500_000, took_us=2_500, command=SELECT, response=FCI),
        Exchange(t_us=2_000_000, command=GPO, response=NOT_NOW),
        Exchange(t_us=3_000_000, command="0020008008" + "*" * 16, response="9000"),
    ],
)


def test_cardpeek_reads_what_is_written_for_it() -> None:
    text = EXPORTERS["cardpeek"](SESSION).decode()
    again = import_text("cardpeek", text)
    assert [one.response for one in again.exchanges] == [FCI, NOT_NOW, "9000"]
    assert text.splitlines()[3] == f"C:{SELECT}:9000:{FCI[:-4]}"


def test_markdown_tells_and_masks() -> None:
    pan = Exchange(command="00B2010C00", response="700A5A084761739001012032" + "9000")
    text = EXPORTERS["markdown"](Session(SESSION.header, [*SESSION.events, pan])).decode()
    assert "| 1 | application selection | SELECT A0000000031010 | 9000 success | 2.5 |" in text
    assert "476173******2032" in text
    assert "4761739001012032" not in text


def test_wireshark_reads_the_capture(tmp_path: Path) -> None:
    """Its own dissector, if there is one here; what the file says byte by byte is in `test_the_capture`."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("no tshark here: apt-get install tshark")
    file = tmp_path / "a.pcap"
    file.write_bytes(EXPORTERS["pcap"](SESSION))
    done = subprocess.run([tshark, "-r", file], capture_output=True, text=True, check=True, timeout=50)
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert "GSM SIM" in lines[0]
    assert "SELECT Application a0000000031010" in lines[0]
    assert "alformed" not in done.stdout


def test_the_capture() -> None:
    data = EXPORTERS["pcap"](SESSION)
    assert data[:4].hex() == "d4c3b2a1"
    first = data[24:]
    assert (int.from_bytes(first[:4], "little"), int.from_bytes(first[4:8], "little")) == (1, 500_000)
    size = int.from_bytes(first[8:12], "little")
    packet = first[16 : 16 + size]
    assert packet[0] == 0x45
    assert sum(int.from_bytes(packet[at : at + 2], "big") for at in range(0, 20, 2)) % 0xFFFF == 0
    assert int.from_bytes(packet[22:24], "big") == 4729
    assert packet[28:44].hex() == "02040400000000000000000000000000"
    assert packet[44:].hex().upper() == SELECT + FCI
