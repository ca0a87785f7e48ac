"""From a table of acts to a fold and to the rule that is asked before an entry is made; knows no class of entity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from console.api import RefusedError, Text
from console.node.journal.entry import Draft, Entry
from console.node.journal.fold import Fold, Passed, View
from console.node.journal.marks import TAKEN

MOST_BYTES: Final = 16 << 10
"""Of one act: states keep what acts say, so that no act may say without end."""
ATTACH: Final = Text("其余请作为附件", "attach the rest as a file")
Look = Callable[[str, str], View]
"""How an entity stands, by class and id."""


class Deed(NamedTuple):
    """What a step is told of an act: its kind, who did it, when its origin says it was done (UTC ns), its value.

    `hash` names the entry; empty, and `t_ns` 0, while it is only asked about.
    """

    kind: str
    actor: str
    t_ns: int
    act: Any
    hash: bytes = b""


class ActRule(NamedTuple):
    """One kind of act on a class.

    `type_`: its value's type. `apply`: the state after it, or RefusedError where it means nothing in this state: then
    a fold lists it. `ask` refuses besides what is refused only before it was done: once done it counts. `shorter`: what
    to do where it is more than `MOST_BYTES`.
    """

    type_: type
    apply: Callable[[Any, Deed], Any]
    ask: Callable[[Any, Deed], None] | None = None
    shorter: Text = ATTACH


Acts = Mapping[str, ActRule]


def fold_of(cls: str, start: Callable[[str], Any], acts: Acts, *, authority: bool = False) -> Fold:
    """The fold of a class from its table of acts."""

    def step(state: Any, entry: Entry) -> Any:
        header = entry.header
        if (known := acts.get(header.kind)) is None:
            return Passed(rule=f"this version knows no act {header.kind!r} of {cls}")
        deed = Deed(header.kind, header.actor, header.wall_ns, entry.act(known.type_), entry.hash)
        try:
            return known.apply(state, deed)
        except RefusedError as error:
            return Passed(rule=both(error))

    return Fold(cls=cls, start=start, step=step, authority=authority)


def both(error: RefusedError) -> str:
    """A rule in both languages, for states that keep it as one text."""
    return str(error) if error.zh == str(error) else f"{error.zh} ({error})"


def rule_of(acts: Mapping[str, Acts], *drafts: Draft) -> Callable[[Look], None]:
    """The rule for `Journal.append` of these drafts; see `check`."""
    return lambda look: check(acts, look, *drafts)


def check(acts: Mapping[str, Acts], look: Look, *drafts: Draft) -> None:
    """Try each draft on the state that the ones before it leave; RefusedError names the rule that forbids one.

    `acts` by class; drafts of other classes pass. Refused: what means nothing in the state, what is refused before it
    is done, and acts in a term or under a node that is not in charge.
    """
    states: dict[tuple[str, str], Any] = {}
    charge: dict[tuple[str, str], tuple[str, int]] = {}
    for draft in drafts:
        if draft.cls not in acts:
            continue
        name = (draft.cls, draft.entity)
        if name not in states:
            view = look(*name)
            states[name], charge[name] = view.state, (view.authority, view.term)
        charge[name] = _in_charge(draft, *charge[name])
        if draft.kind != TAKEN:
            states[name] = _tried(acts[draft.cls], states[name], draft)


def _in_charge(draft: Draft, authority: str, term: int) -> tuple[str, int]:
    if draft.kind == TAKEN:
        if draft.act.term <= term:
            raise RefusedError(
                f"authority rule: {authority} has term {term}; take a higher one than {draft.act.term}",
                zh=f"指挥权规则：{authority} 任期为 {term}；须高于 {draft.act.term}",
            )
        return draft.act.authority, draft.act.term
    if (draft.authority, draft.term) != (authority, term):
        found, expected = draft.authority, authority
        raise RefusedError(
            f"authority rule: {expected or 'nobody'} decides in term {term}; "
            f"found {found or 'nobody'} in term {draft.term}",
            zh=f"指挥权规则：任期 {term} 由 {expected or '无人'} 决定；现为任期 {draft.term} 的 {found or '无人'}",
        )
    return authority, term


def _tried(acts: Acts, state: Any, draft: Draft) -> Any:
    if (known := acts.get(draft.kind)) is None:
        raise RefusedError(f"this version knows no act {draft.kind!r} of {draft.cls}")
    if not isinstance(draft.act, known.type_):
        found = type(draft.act).__name__
        raise RefusedError(f"{draft.kind}: found {found}, expected {known.type_.__name__}")
    if (size := len(msgspec.msgpack.encode(draft.act))) > MOST_BYTES:
        raise RefusedError(
            f"{draft.kind}: found {size} bytes, expected at most {MOST_BYTES}; {known.shorter.of('en')}",
            zh=f"{draft.kind}：共 {size} 字节，应不超过 {MOST_BYTES}；{known.shorter.zh}",
        )
    deed = Deed(draft.kind, draft.actor, 0, draft.act)
    if known.ask is not None:
        known.ask(state, deed)
    return known.apply(state, deed)
