"""Failures within a window lock a name at an origin, and an origin, for a while; knows not which names exist."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Final

from console.api import NS, Value

KEYS: Final = 20_000
"""Names and origins counted at once; past it the ones that failed longest ago are forgotten, and that is counted."""


class LockRule(Value, frozen=True, kw_only=True):
    """GB/T 22239 level 3: after `failures` within `window_s` locked for `lock_s`."""

    failures: int = 5
    window_s: float = 900.0
    lock_s: float = 900.0


STANDARD: Final = LockRule()


class _Tries:
    __slots__ = ("failed", "until_ns")

    def __init__(self, failures: int) -> None:
        self.failed: deque[int] = deque(maxlen=failures)
        self.until_ns = 0


class Lockout:
    """Counts failures by key, in any thread; times are ns of a clock that never goes back."""

    def __init__(self, rule: LockRule = STANDARD, keys: int = KEYS) -> None:
        self._rule, self._keys = rule, keys
        self._alone = threading.Lock()
        """Log-ins are counted in a thread of their own while an administrator looks at who is locked."""
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._locks: dict[str, int] = {}
        """Keys that were locked lately, and until when: few, whatever a stranger tries."""
        self.forgotten = 0

    def locked_until_ns(self, key: str, now_ns: int) -> int:
        """When the lock of `key` ends, 0 where it is not locked."""
        tries = self._tries.get(key)
        return tries.until_ns if tries is not None and now_ns < tries.until_ns else 0

    def failed(self, key: str, now_ns: int, times: int = 1) -> bool:
        """One more failure; True where it locks. While locked nothing is counted, so no lock is prolonged.

        `times` as many failures as the rule says lock this key.
        """
        with self._alone:
            return self._failed(key, now_ns, self._rule.failures * times)

    def _failed(self, key: str, now_ns: int, failures: int) -> bool:
        tries = self._tries.setdefault(key, _Tries(failures))
        self._tries.move_to_end(key)
        self._bound(now_ns)
        if now_ns < tries.until_ns:
            return False
        tries.failed.append(now_ns)
        oldest_ns = now_ns - int(self._rule.window_s * NS)
        if len(tries.failed) < failures or tries.failed[0] <= oldest_ns:
            return False
        tries.failed.clear()
        tries.until_ns = self._locks[key] = now_ns + int(self._rule.lock_s * NS)
        return True

    def longest_ns(self, ending: str, now_ns: int) -> int:
        """When the last lock ends of all keys that end so, 0 where none is locked."""
        with self._alone:
            self._locks = {key: until_ns for key, until_ns in self._locks.items() if until_ns > now_ns}
            return max((until_ns for key, until_ns in self._locks.items() if key.endswith(ending)), default=0)

    def free(self, ending: str) -> None:
        """What failed before under all keys that end so counts no more."""
        with self._alone:
            for key in [key for key in self._tries if key.endswith(ending)]:
                self._forget(key)

    def passed(self, key: str) -> None:
        """A success: what failed before counts no more."""
        with self._alone:
            self._forget(key)

    def _forget(self, key: str) -> None:
        self._tries.pop(key, None)
        self._locks.pop(key, None)

    def _bound(self, now_ns: int) -> None:
        while len(self._tries) > self._keys:
            # one that is locked now goes last, else a flood of names would open a lock
            free = next((key for key, tries in self._tries.items() if tries.until_ns <= now_ns), None)
            self._forget(free if free is not None else next(iter(self._tries)))
            self.forgotten += 1
