"""What the store tells the operator when a disk or a file fails; knows no thread and no file's content."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from console.api import Notice, Severity, Text

SUMMARY: Final = {
    "store": Text("历史数据暂时写不下去", "History cannot be written at present"),
    "store.dropped": Text("有历史数据未能保存", "Some history was lost, not saved"),
    "store.upkeep": Text("历史数据整理暂时无法完成", "Closing a day of history has failed for now"),
}


def trouble(key: str, folder: Path, error: Exception) -> Notice:
    """Something fails and is tried again; `key` is one of SUMMARY."""
    tip = Text(
        f"请腾出磁盘空间或检查磁盘：{folder}；恢复后自动继续",
        f"Free disk space or check the disk: {folder}; it goes on by itself",
    )
    severity = Severity.WARNING if key == "store.upkeep" else Severity.ERROR
    return Notice(key=key, severity=severity, summary=SUMMARY[key], detail=_first_line(error), tip=tip)


def damaged(path: Path, error: Exception) -> Notice:
    """A file of the store cannot be read."""
    return Notice(
        key=f"store.damaged:{path.name}",
        severity=Severity.ERROR,
        summary=Text(f"历史文件 {path.name} 已损坏", f"History file {path.name} is damaged"),
        detail=_first_line(error),
        tip=Text(
            f"已另存为 {path}.damaged，其余历史不受影响；请检查磁盘，可从备份恢复该文件",
            f"Kept as {path}.damaged, the rest works; check the disk, and put back the file from a backup if there "
            "is one",
        ),
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
