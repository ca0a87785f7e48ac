"""What a console is told of a child's death: lines of the control pipe; starts and ends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from console.child import Child

_NAMES: Final = {"cameras": ("摄像机服务", "camera server"), "node": ("节点", "node"), "console": ("控制台", "console")}


def died(child: Child, code: int, *, hung: bool = False) -> dict[str, Any]:
    """A line for the console: a child ended or hung, and is started again."""
    zh, en = _NAMES[child.name]
    summary = [f"{zh}意外退出，正在重启", f"The {en} ended unexpectedly and is being restarted"]
    if child.name == "console":  # said by the next one
        summary = [f"{zh}曾意外退出，已重新启动", f"The {en} ended unexpectedly and was started again"]
    if hung:
        summary = [f"{zh}曾无响应，已重新启动", f"The {en} hung and was started again"]
    return _notice(child, "warning", summary, f"exit code {code}, log: {child.log}")


def gave_up(child: Child) -> dict[str, Any]:
    """A line for the console: a child is started no more."""
    zh, en = _NAMES[child.name]
    summary = [f"{zh}多次退出，已停止重启", f"The {en} keeps ending and is no longer restarted"]
    tip = ["查看日志后重新启动本程序", "Read its log, then start the program again"]
    return _notice(child, "error", summary, child.tail(), tip)


def _notice(child: Child, severity: str, summary: list[str], detail: str, tip: Sequence[str] = ("",)) -> dict[str, Any]:
    about = {"key": f"child:{child.name}", "severity": severity}
    return {"notice": {**about, "summary": summary, "detail": detail, "tip": tip}}
