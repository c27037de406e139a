"""How much a terminal can hold: five hundred chip transactions and all its tables on 256 KB of flash."""

from __future__ import annotations

import ast
import os
import subprocess

from tillbench.host.emulator.micropython import find_micropython, firmware_root
from tillbench.host.emulator.state import FLASH_SIZE

SCRIPT = """
import sys, vfs
from terminal import store
from terminal.counters import Counters
from terminal.journal import RESERVE, Journal, JournalFull
from terminal.transaction import APPROVED, Transaction

class Ram:
    def __init__(self, size):
        self.data = bytearray(b"\\xff" * size)
    def readblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        buf[:] = self.data[at : at + len(buf)]
    def writeblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        self.data[at : at + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 6:
            self.data[arg * 4096 : arg * 4096 + 4096] = b"\\xff" * 4096
        return {4: len(self.data) // 4096, 5: 4096}.get(op, 0)

def a_sale(stan):
    # As long as the longest: the items of a sale with chip and PIN, a name of sixteen letters, issuer data of 32 bytes.
    t = Transaction(stan, 999999)
    t.type, t.processing_code, t.amount, t.entry_mode = "sale", "000000", 1234, "051"
    t.sequence_number, t.condition_code, t.private_use = "001", "00", "2299999900050"
    t.sealed_card, t.masked_pan, t.time = bytes(range(16)), "620000*********0005", "20261123160101"
    t.cvm, t.aid, t.label, t.operator = "SIGNATURE", bytes(8), "UNIONPAY CREDIT+", "01"
    t.tvr, t.tsi, t.atc, t.cryptogram_type = b"12345", b"12", b"12", "ARQC"
    t.cryptogram, t.reversal_data, t.chip_inputs = b"12345678", bytes(7 + 11 + 35 + 5), bytes(33)
    return t

vfs_lfs2 = vfs.VfsLfs2
device = Ram(int(sys.argv[1]))
vfs_lfs2.mkfs(device)
vfs.mount(device, "/flash")
for name, size in (("parameters", 600), ("working_keys", 40), ("operators", 400)):
    store.replace("/flash/" + name, bytes(size))
for name, records, size in (("ca_keys", 12, 300), ("aids", 4, 150), ("black_list", 2, 500)):
    for _ in range(records):
        store.append("/flash/" + name, bytes(size))
journal, counters = Journal("/flash", "/flash/journal"), Counters("/flash/counters")
held = 0
try:
    while held < 999:
        journal.check_room(999)
        t = a_sale(counters.next_stan())
        journal.open(t)
        t.response_code, t.authorisation_code, t.reference = "00", "123456", "632716000002"
        t.time, t.cryptogram_type, t.cryptogram = "20261123160102", "TC", b"87654321"
        t.reversal_data = b"x" * len(t.reversal_data)
        journal.record(t, APPROVED)
        held += 1
except JournalFull as full:
    reason = full.reason
again = Journal("/flash", "/flash/journal")
assert again.count == held, (again.count, held)
print(repr((held, reason)))
"""


def test_five_hundred_transactions_and_what_else_a_terminal_keeps() -> None:
    done = subprocess.run(
        [str(find_micropython()), "-c", SCRIPT, str(FLASH_SIZE)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "MICROPYPATH": f"{firmware_root()}:.frozen"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    held, reason = ast.literal_eval(done.stdout)
    assert reason == "SPACE"
    assert held >= 500, held
