"""From an intent to entries: what all acts on journalled entities have in common; pure, and knows no class of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from console.api import Board, Text
from console.node.act import Asked, MovedError, RuleError, heads_of
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import ACTS, check
from console.wire.frames import Intent

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")


def board_of(intent: Intent, left_out: Board | None = None) -> Board | None:
    """The board that an intent tells, None where that is none."""
    told = intent.arguments.get("board", left_out)
    return Board(told) if told in tuple(Board) else None


def area_of(intent: Intent) -> str:
    """The area that an intent tells, "" none."""
    told = intent.arguments.get("area")
    return told if isinstance(told, str) else ""


def asked_in_both(asked: Asked, intent: Intent, *, known: bool) -> tuple[Asked, ...]:
    """What has to be allowed where the entity is, and where the intent has it be from now on.

    What is not `known` yet is only where the intent says.
    """
    told = area_of(intent)
    if not told or told == asked.area:
        return (asked,)
    there = asked._replace(area=told)
    return (asked, there) if known else (there,)


def draft_of(intent: Intent, view: View, kind: str, act: Any) -> Draft:
    """An entry of the intent, under whom the entity stands."""
    return Draft(
        kind=kind,
        cls=view.cls,
        entity=intent.entity,
        act=act,
        seen=seen_of(intent, view),
        actor=intent.actor,
        place=intent.place,
        intent=intent.id,
        authority=view.authority,
        term=view.term,
    )


def seen_of(intent: Intent, view: View) -> tuple[bytes, ...] | None:
    """Where acts stand side by side, those that the actor has seen: an act ends the conflict only for who saw both.

    None: what is head when the entry is put.
    """
    if not view.conflict:
        return None
    return tuple(sorted(heads_of(intent) & set(view.heads))) or view.heads[:1]


def checked(drafts: list[Draft], view: View) -> list[Draft]:
    """The drafts, where every rule lets them be done. Raises RefusedError naming the rule."""
    check(ACTS, lambda _cls, _id: view, *drafts)
    return drafts


def check_id(intent: Intent) -> None:
    """Ids of what somebody begins are made by consoles: short, and without what means something elsewhere."""
    if not _ID.fullmatch(intent.entity):
        found = intent.entity[:80]
        raise RuleError(
            f"编号“{found}”不可用：应为 1 至 80 个字母、数字或 . _ -",
            f"id {found!r} cannot be used: expected 1 to 80 letters, digits or . _ -",
        )


def check_area(area: str, known: Mapping[str, Any]) -> None:
    """An area that nobody knows would hide a thing from all who may look after it."""
    if area and known and area not in known:
        raise RuleError(f"没有区域 {area[:80]}", f"no area {area[:80]!r} is known here")


def check_files(sha256s: Iterable[str], has: Callable[[str], bool]) -> None:
    """Papers and pictures are named only where the node has them."""
    for sha256 in sha256s:
        if sha256 and not has(sha256):
            raise RuleError(
                f"节点没有附件 {sha256[:12]}…；请先上传", f"the node has no file {sha256[:12]}…; send it up first"
            )


def check_seen(
    intent: Intent,
    view: View,
    weighty: frozenset[str],
    words: Callable[[str], str],
    name: Callable[[str], Text],
) -> None:
    """Raise MovedError, saying who did what, where somebody else did one of the `weighty` acts since the actor looked.

    The actor's own acts are none he has not seen. An intent that names no heads is not asked. `words`: of an act,
    Chinese; `name`: of a person.
    """
    seen = heads_of(intent)
    if not seen or seen == set(view.heads):
        return
    moments = view.state.moments
    at = max((i for i, moment in enumerate(moments) if moment.hash in seen), default=-1)
    news = [m for m in moments[at + 1 :] if m.kind in weighty and m.by != intent.actor and m.hash not in seen]
    if news:
        last = news[-1]
        who = name(last.by) if last.by else Text("他人", "somebody")
        zh, en = (f"：{last.text}", f": {last.text}") if last.text else ("", "")
        did = Text(
            f"您看到之后，{who.zh} 已{words(last.kind)}{zh}",
            f"since it was looked at, {who.of('en')} did {last.kind}{en}",
        )
        raise MovedError(did)


def said(form: Any, into: type[Any]) -> Any:
    """What a form says of the fields that `into` has; what it leaves out stays unsaid."""
    names = [field.name for field in msgspec.structs.fields(into)]
    return into(**{name: value for name in names if (value := getattr(form, name, None)) not in (None, "")})
