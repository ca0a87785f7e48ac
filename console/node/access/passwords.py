"""Which passwords are taken, and their argon2id hashes; knows no account. Nothing here prints or keeps a password."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from console.api import BadInput, Value

SHORTEST: Final = 12
LONGEST: Final = 256
DISTINCT: Final = 5
EXCHANGED: Final = str.maketrans("@4310$57!", "aaeiosstl")
COMMON: Final = Path(__file__).parents[3] / "resources" / "access" / "common-passwords.txt"


class HashCost(Value, frozen=True, kw_only=True):
    """argon2id's parameters (RFC 9106, second recommended option); raised ones re-hash at the next log-in."""

    time_cost: int = 3
    memory_kib: int = 65_536
    parallelism: int = 4


STANDARD: Final = HashCost()


class Hasher:
    """Makes and checks hashes; each takes about 50 ms and the memory of its cost: not for the node's loop."""

    def __init__(self, cost: HashCost = STANDARD) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=cost.time_cost, memory_cost=cost.memory_kib, parallelism=cost.parallelism, type=argon2.Type.ID
        )
        self._nobody = ""

    def hash(self, password: str) -> str:
        """A salted hash that names its parameters."""
        return self._argon2.hash(normal(password))

    def matches(self, stored: str, password: str) -> bool:
        """Whether the password is that of the hash. A hash of "" stands for nobody: the same work, and False."""
        self._nobody = self._nobody or self._argon2.hash("nobody has this password")  # once, whoever is first
        try:
            self._argon2.verify(stored or self._nobody, normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than ours."""
        return self._argon2.check_needs_rehash(stored)


def normal(password: str) -> str:
    """One form for what different keyboards send (NFKC); cut, so that a huge one costs nothing."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])


def check_password(password: str, *names: str) -> None:
    """Raise BadInput, without the password, where it is too easy to guess; `names` are the person's own."""
    text = normal(password)
    what = "the new password"
    if len(text) < SHORTEST:
        raise BadInput(
            what,
            found=f"{len(text)} characters",
            expected=f"at least {SHORTEST}, or some words in a row",
            zh=f"新密码只有 {len(text)} 个字符，至少需要 {SHORTEST} 个，或连写几个词",
        )
    if len(text) > LONGEST:
        raise BadInput(
            what,
            found=f"{len(text)} characters",
            expected=f"at most {LONGEST}",
            zh=f"新密码过长，最多 {LONGEST} 个字符",
        )
    if len(set(text)) < DISTINCT or not _letters(text):
        raise BadInput(
            what,
            found="few different characters",
            expected="letters or words beside digits",
            zh="新密码中不同的字符太少，除数字外还需字母或词语",
        )
    cores = {_letters(text), _letters(_exchanged(text))}
    own = {_letters(name) for name in names}
    if any(_repeats(core, name) for core in cores for name in own):
        raise BadInput(
            what,
            found="the name of the account",
            expected="something that the name does not tell",
            zh="新密码与用户名相近，请另选一个",
        )
    usual = any(_repeats(core, word) for core in cores for word in _common()) or text.casefold() in _common()
    if usual or any(core in row for core in cores for row in _rows()):
        raise BadInput(
            what,
            found="one of the most common",
            expected="words that nobody else would put in a row",
            zh="新密码太常见，请用几个别人不会连在一起的词",
        )


def _letters(text: str) -> str:
    """What is left without digits and signs."""
    return re.sub(r"[\W\d_]+", "", text.casefold())


def _exchanged(text: str) -> str:
    """Without what is put before and behind, and with the usual exchanges of letters undone."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text).translate(EXCHANGED)


def _repeats(core: str, word: str) -> bool:
    """Whether `core` is nothing but `word`, once or over and over."""
    return bool(word) and not core.replace(word, "")


@cache
def _rows() -> tuple[str, ...]:
    """Rows of keys and letters, forwards and backwards, over and over."""
    rows: tuple[str, ...] = (
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwerty",
        "asdfgh",
        "qazwsxedcrfv",
    )
    rows = (*rows, "abcdefghijklmnopqrstuvwxyz", "abc", "abcd")
    return tuple(way * (LONGEST // len(row)) for row in rows for way in (row, row[::-1]))


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text("utf-8").splitlines()
    words = {line.strip().casefold() for line in lines if line.strip() and not line.startswith("#")}
    return frozenset(words | {_letters(word) for word in words} - {""})
