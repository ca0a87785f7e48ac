"""What a person is told of an act that had no effect and that no tile in sight tells; knows no panel."""

from __future__ import annotations

from typing import Final

from console.api import Answer, IntentState, Notice, Severity, Text
from console.client.act_titles import TITLES

LOOK: Final = Text("请按说明处理；需要时再做一次", "Do as it says; do it again where it is still needed")


def undone(name: str, entity: str, answer: Answer) -> Notice | None:
    """The notice of a refused or contested act, by its name and entity; None for any other answer."""
    if answer.state not in (IntentState.REFUSED, IntentState.CONFLICT):
        return None
    title = TITLES.get(name, Text(name))
    why_zh, why_en = ("被拒", "was refused") if answer.state is IntentState.REFUSED else ("有冲突", "met another's act")
    return Notice(
        key=f"act.{entity}",
        severity=Severity.WARNING,
        summary=Text(
            f"“{title.zh}”{why_zh}：{answer.reason.zh}", f"{title.of('en')} {why_en}: {answer.reason.of('en')}"
        ),
        detail=entity,
        tip=LOOK,
    )
