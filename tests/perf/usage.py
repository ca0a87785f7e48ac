"""CPU seconds and memory of a program's processes by role, read from the system; knows no benchmark."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """One reading at monotonic `at_s`; `cpu_s`: user and system seconds of each process and its ended children."""

    at_s: float
    cpu_s: Mapping[psutil.Process, float]
    roles: Mapping[psutil.Process, str]

    def since(self, before: Usage) -> dict[str, float]:
        """CPU seconds by role between two readings; a process that began in between counts in full."""
        spent: dict[str, float] = {}
        for process, cpu_s in self.cpu_s.items():
            role = self.roles[process]
            spent[role] = spent.get(role, 0.0) + cpu_s - before.cpu_s.get(process, 0.0)
        return spent


def read_usage(roles: Mapping[psutil.Process, str]) -> Usage:
    """Read all processes; those that have gone meanwhile are left out."""
    at_s, cpu_s = time.monotonic(), {}
    for process in roles:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        cpu_s[process] = times.user + times.system + times.children_user + times.children_system
    return Usage(at_s=at_s, cpu_s=cpu_s, roles=dict(roles))


def pss_mb(roles: Mapping[psutil.Process, str]) -> dict[str, float]:
    """Proportional memory by role in MB (10⁶ bytes): what is shared counts in parts."""
    total: dict[str, float] = {}
    for process, role in roles.items():
        total[role] = total.get(role, 0.0) + _pss_bytes(process.pid) / 1e6
    return total


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return 1024 * next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def shares(by_role: Mapping[str, float], apart: Iterable[str]) -> float:
    """The sum over all roles but those `apart`."""
    left_out = frozenset(apart)
    return sum(value for role, value in by_role.items() if role not in left_out)
