"""The operators of a terminal and their passwords, in one record on flash.

A password is kept as SHA-1 over (salt | number | password), hashed again with the password `rounds` times: slow enough
that a thief of the flash has to work for it, and never what somebody typed. Wrong attempts are counted on flash before
the next one is allowed, so a power cut gives nobody a fresh set of them.

    record = JSON {"v": 1, "rounds": n, "who": {"01": [salt, hash, wrong attempts, is default], ...}} , hex for bytes
"""

import json
from binascii import hexlify, unhexlify

from terminal import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Digits = bytes | bytearray | memoryview

VERSION = 1
SUPERVISOR = "00"
ADMIN = "99"
MOST = 30
"""Operators beside supervisor and admin."""
LENGTHS = {SUPERVISOR: 6, ADMIN: 8}
"""Digits of the two; an operator's password has `OPERATOR_LENGTH`."""
OPERATOR_LENGTH = 4
_ROUNDS = 64
_DEFAULTS = {SUPERVISOR: "123456", ADMIN: "12345678", "01": "0000", "02": "0000", "03": "0000", "04": "0000"}


class Roster:
    """The operators in the record at `path`; the factory's until somebody changes something. Raises store.Damaged."""

    def __init__(self, path: str, entropy: "Callable[[int], bytes]") -> None:
        self._path = path
        self._entropy = entropy
        self._rounds = _ROUNDS
        self._who: "dict[str, list]" = {}
        self.locked_since: "dict[str, Any]" = {}
        """Ticks of the attempt that was too much, by number: in RAM, so a restart begins the lock-out anew."""
        body = store.read(path)
        if body is None:
            return
        try:
            record = json.loads(body)
            if record["v"] != VERSION:
                raise ValueError("version")
            self._rounds = record["rounds"]
            self._who = record["who"]
        except (ValueError, KeyError, TypeError):
            raise store.Damaged(path, 0, "no operators of version %d" % VERSION)

    def numbers(self) -> "list[str]":
        """All numbers, ascending."""
        return sorted(set(_DEFAULTS) | set(self._who)) if not self._who else sorted(self._who)

    def has(self, number: str) -> bool:
        """True if there is such an operator."""
        return number in self.numbers()

    def check(self, number: str, password: Digits) -> bool:
        """True if that is the operator's password; a wrong one is counted, on flash, and a right one ends the count.

        Raises OSError when the flash fails: then it is not known, and nobody is let in.
        """
        self._fill()
        entry = self._who[number]
        if _hash(unhexlify(entry[0]), number, password, self._rounds) == unhexlify(entry[1]):
            if entry[2]:
                entry[2] = 0
                self._write()
            return True
        entry[2] += 1
        self._write()
        return False

    def wrong_attempts(self, number: str) -> int:
        """Wrong passwords since the last right one."""
        return self._who[number][2] if number in self._who else 0

    def forgive(self, number: str) -> None:
        """Begins the count of wrong attempts again: the lock-out is over. Raises OSError."""
        self._who[number][2] = 0
        self._write()

    def has_default(self, number: str) -> bool:
        """True while the password is the one that the factory set."""
        return self._who[number][3] if number in self._who else True

    def set_password(self, number: str, password: Digits) -> None:
        """A new password, for a new operator too. Raises ValueError when it is no password for that number."""
        if len(password) != LENGTHS.get(number, OPERATOR_LENGTH) or not _are_digits(password):
            raise ValueError("password of %d digits" % len(password))
        self._fill()
        self._who[number] = self._entry(number, password, False)
        self._write()

    def remove(self, number: str) -> None:
        """Takes an operator off. Raises ValueError for supervisor and admin, KeyError for one that there is not."""
        if number in LENGTHS:
            raise ValueError(number)
        self._fill()
        del self._who[number]
        self._write()

    def _fill(self) -> None:
        """The factory's passwords, hashed when they are needed for the first time: it takes a while."""
        if not self._who:
            for number in _DEFAULTS:
                self._who[number] = self._entry(number, _DEFAULTS[number].encode(), True)

    def _entry(self, number: str, password: Digits, is_default: bool) -> "list":
        salt = self._entropy(8)
        digest = _hash(salt, number, password, self._rounds)
        return [hexlify(salt).decode(), hexlify(digest).decode(), 0, is_default]

    def _write(self) -> None:
        record = {"v": VERSION, "rounds": self._rounds, "who": self._who}
        store.replace(self._path, json.dumps(record).encode())


def is_weak(password: Digits) -> bool:
    """True for the passwords that are tried first: one digit repeated, digits in a row up or down, the factory's."""
    steps = set([password[at + 1] - password[at] for at in range(len(password) - 1)])
    return steps in ({0}, {1}, {-1}) or any([password == known.encode() for known in _DEFAULTS.values()])


def _are_digits(password: Digits) -> bool:
    return all([0x30 <= digit <= 0x39 for digit in password])


def _hash(salt: bytes, number: str, password: Digits, rounds: int) -> bytes:
    from crypto.sha1 import SHA1

    digest = salt
    for _ in range(rounds + 1):
        sha1 = SHA1(digest)
        sha1.update(number.encode())
        sha1.update(password)
        digest = sha1.digest()
        sha1.wipe()
    return digest
