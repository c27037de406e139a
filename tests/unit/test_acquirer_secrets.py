"""Nothing that the host logs, shows or keeps in memory to be shown holds a key, a PIN or a whole PAN."""

import base64
import logging

import psec
import pytest

from .acquirer_till import TMK, Bench, Chip, Profile

CARD = Profile(pin="908172635445")


def spellings(secret: bytes) -> list[str]:
    return [secret.hex(), base64.b64encode(secret).decode().rstrip("="), repr(secret)[2:-1].lower(), str(list(secret))]


def search(text: str, secrets: dict[str, list[str]]) -> list[str]:
    lowered = text.lower()
    return [name for name, forms in secrets.items() if any(form.lower() in lowered for form in forms)]


def test_no_secret_in_logs_journal_or_representations(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench = Bench(cards=(CARD,))
    acquirer = bench.acquirer
    till, chip = bench.till(), Chip(CARD)
    sale = till.sale_message(chip, 100, pin=CARD.pin)
    till.ask(sale)
    till.ask(till.reversal_message(sale))
    till.sale(chip, 100, pin="111111")
    till.sale(chip, 100, changes={64: b"00000000"})
    till.sale(chip, 100, changes={55: b"\x9f"})
    till.line.feed(b"\x00\x05" + CARD.pan.encode())
    acquirer.journal()
    card = acquirer.ledger.card(CARD.pan)
    shown = [
        caplog.text,
        repr(acquirer),
        repr(acquirer.journal()),
        repr(till.line),
        repr(card),
        repr(card.facts),
    ]
    shown += [repr(entry) for entry in acquirer.ledger.transactions()]
    text = "\n".join(shown)
    block = psec.pinblock.encode_pinblock_iso_0(CARD.pin, CARD.pan)
    secrets = {
        "PIN": [CARD.pin, *spellings(bytes.fromhex(CARD.pin))],
        "PIN block": spellings(block),
        "PAN": [CARD.pan, *spellings(bytes.fromhex(CARD.pan))],
        "PIK": spellings(till.pik),
        "MAK": spellings(till.mak),
        "TMK": spellings(TMK),
        "IMK": spellings(bytes.fromhex(CARD.imk_ac)),
    }
    assert search(text, secrets) == []
    for name, forms in secrets.items():  # and the search does find what is planted
        for form in forms:
            assert name in search(text + form, secrets)
    assert "620000******0005" in text
