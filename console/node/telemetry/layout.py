"""Names and versions of the store's files; opens none of them.

    store.json               the format of all the rest
    store.lock               held by the one node that has the store open
    live-2026-11-22.duckdb   what arrived on that UTC day, in arrival order, with the parts of its pyramids
    hot/                     samples of live files again, sorted, for readers only: see `hot`
    raw-2026-11-21.duckdb    a closed day, sorted by (block, sensor, time)
    late-2026-11-20.duckdb   what arrived for a day after it was closed, sorted likewise
    minute-2026-11.duckdb    the 1 min pyramid of a month
    hour-2026.duckdb         the 1 h pyramid of a year
    bulk-5e3a….duckdb        imported samples on their way into the files above, in the form of a live file
    imported.json            which days were imported, from when to when
    kept.json                which of them stay as they came
    retention.json           how long the node that records here keeps what
    *.draft                  files being made; thrown away at the next start
    *.damaged                files that could not be read, set aside

Every file but the late ones also names the sensors whose numbers it uses, so that each can be read alone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from pathlib import Path
from typing import Final

import msgspec

from console.api import NS, ResourceError

FORMAT: Final = 1
DAY_NS: Final = 86_400 * NS
HOUR_NS: Final = 3_600 * NS
MINUTE_NS: Final = 60 * NS
_NAME: Final = re.compile(r"(live|raw|late|minute|hour)-(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\.duckdb")


def step_of(level: str) -> int:
    """How long a bucket of this level is, ns."""
    return HOUR_NS if level == "hour" else MINUTE_NS


def day_of(t_ns: int) -> int:
    """The UTC day in which `t_ns` lies, as days since 1970."""
    return t_ns // DAY_NS


def date_of(day: int) -> dt.date:
    """A day number as a date."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def first_ns(date: dt.date) -> int:
    """When a UTC date begins."""
    return (date - dt.date(1970, 1, 1)).days * DAY_NS


class Part(msgspec.Struct, frozen=True, order=True):
    """One file of the store: its `role` and the span [start_ns, end_ns) of sample times that it is for.

    A live file is for any time: its span says on which day the samples arrived.
    """

    start_ns: int
    end_ns: int
    role: str

    @property
    def name(self) -> str:
        """The file's name."""
        date = date_of(self.start_ns // DAY_NS)
        form = {"minute": "%Y-%m", "hour": "%Y"}.get(self.role, "%Y-%m-%d")
        return f"{self.role}-{date.strftime(form)}.duckdb"


def part_at(role: str, t_ns: int) -> Part:
    """The file of this role that a moment belongs to."""
    date = date_of(t_ns // DAY_NS)
    if role == "minute":
        date = date.replace(day=1)
        following = (date + dt.timedelta(days=31)).replace(day=1)
    elif role == "hour":
        date = date.replace(month=1, day=1)
        following = date.replace(year=date.year + 1)
    else:
        following = date + dt.timedelta(days=1)
    return Part(first_ns(date), first_ns(following), role)


def part_named(name: str) -> Part | None:
    """The file that a name means; None for strange names."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    role, year, month, day = found.groups()
    try:
        part = part_at(role, first_ns(dt.date(int(year), int(month or 1), int(day or 1))))
    except (ValueError, OverflowError):
        return None
    return part if part.name == name else None


def parts_in(folder: Path) -> list[Part]:
    """The store's day, month and year files, oldest first."""
    return sorted(part for path in folder.iterdir() if (part := part_named(path.name)) is not None)


def made_since(folder: Path, day: int, since_s: float) -> bool:
    """Whether one of a day's files was made (or made anew) since then, s since 1970."""
    for role in ("raw", "late"):
        with contextlib.suppress(FileNotFoundError):
            if (folder / part_at(role, day * DAY_NS).name).stat().st_mtime >= since_s:
                return True
    return False


def set_aside(path: Path) -> None:
    """Keep a damaged file, and what it had not taken over from its write-ahead log, under names nobody looks at."""
    log = path.with_name(path.name + ".wal")
    for one in (path, log):
        if one.exists():
            one.rename(one.with_name(one.name + ".damaged"))


class _Format(msgspec.Struct):
    format: int


def check_format(folder: Path) -> None:
    """Write the format into a new store, check it in an old one. Raises ResourceError; then nothing was touched."""
    path = folder / "store.json"
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Format).format
    except FileNotFoundError:
        path.write_bytes(msgspec.json.encode(_Format(FORMAT)))
        return
    except (OSError, msgspec.DecodeError) as error:
        raise ResourceError(
            f"telemetry store {folder}: store.json cannot be read ({error}); restore the file"
        ) from error
    if found != FORMAT:
        raise ResourceError(
            f"telemetry store {folder}: found format {found}, expected {FORMAT}; a newer version wrote it, "
            "start that version or name another state folder"
        )
