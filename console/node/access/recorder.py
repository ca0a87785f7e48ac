"""Turns what the gate does into audit entries; the same refusal, over and over, becomes one entry with its count."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from console.api import NS
from console.node.access.actions import OFFICE_OF, Action
from console.node.access.audit import LONGEST, UNKNOWN, Audited, AuditEntry, Sink, cut
from console.node.access.sessions import Session
from console.node.access.steady import Steady
from console.node.access.verdict import MARK_GLASS, Leave, Verdict

QUIET_NS: Final = 60 * NS
EACH: Final = 5
"""So many failures alike are written each within `QUIET_NS`; more are counted."""
MAX_KEYS: Final = 4096
Asked = tuple[str, str, str, str, str]
"""Session, action, area, rule, and of what is allowed the entity; of a failure also where it came from and of whom."""


class Recorder:
    """Writes for one node; `sink` takes the entries."""

    def __init__(self, sink: Sink, steady: Steady) -> None:
        self._sink, self._steady = sink, steady
        self._repeated: dict[Asked, tuple[AuditEntry, int, int]] = {}
        """By what was asked: the entry, when it was written, how often it came since; below 0: it is written yet."""

    def write(self, what: Audited, session: Session | None = None, *, ok: bool = True, **told: str) -> None:
        """One entry; `told`: further fields of AuditEntry, texts all. Failures alike, over and over, are counted."""
        entry = self._entry(what, session, ok=ok, **told)
        if ok:
            self._sink(entry)
        else:
            self._once((entry.session or entry.origin, what, entry.person, entry.rule, ""), entry, EACH)

    def login(self, person: str, *, known: bool, ok: bool, rule: str, origin: str, place: str, kind: str) -> None:
        """An attempt. A name that is no account's is never written: it may be a password in the wrong field."""
        who = person if known else UNKNOWN
        self.write(Audited.LOGIN, ok=ok, person=who, rule=rule, origin=origin, place=place, role=kind)

    def judged(self, session: Session, action: Action, area: str, entity: str, verdict: Verdict) -> None:
        """What has to be written of a verdict: refusals, marked acts, personal data, administration."""
        what = _what(action, verdict)
        if what is None:
            return
        of = entity if verdict.may else ""  # who is refused over and over, of one thing or many, gets one line
        key = (session.number, action, area[:LONGEST], verdict.rule, of[:LONGEST])
        known = self._repeated.get(key)
        if known is not None:
            self._repeated[key] = (known[0], known[1], known[2] + 1)
            return
        told = {"action": action.value, "area": area, "entity": entity, "rule": verdict.rule}
        self._once(key, replace(self._entry(what, session, ok=verdict.may, **told), marks=verdict.marks), 1)

    def _once(self, key: Asked, entry: AuditEntry, most: int) -> None:
        """Write an entry where fewer than `most` alike were written lately, else count it."""
        known = self._repeated.get(key)
        if known is None and len(self._repeated) >= MAX_KEYS:
            self.flush(all_of_them=True)
        _, since_ns, again = known or (entry, self._steady.now_ns(), -most)
        self._repeated[key] = (entry, since_ns, again + 1)
        if again < 0:
            self._sink(entry)

    def flush(self, *, all_of_them: bool = False) -> None:
        """Write what came again since; each second or so, and at the end."""
        now_ns = self._steady.now_ns()
        for key, (entry, since_ns, again) in list(self._repeated.items()):
            if all_of_them or now_ns - since_ns >= QUIET_NS:
                del self._repeated[key]
                if again > 0:
                    self._sink(replace(entry, t_ns=self._steady.wall_ns(), count=again))

    def _entry(self, what: Audited, session: Session | None, *, ok: bool = True, **told: str) -> AuditEntry:
        fields = {name: cut(text) for name, text in told.items()}
        if session is not None:
            mine = {"person": session.person, "role": session.kind, "place": cut(session.place)}
            fields = {**mine, "origin": cut(session.origin), "session": session.number, **fields}
        return replace(AuditEntry(t_ns=self._steady.wall_ns(), what=what, ok=ok), **fields)


def _what(action: Action, verdict: Verdict) -> Audited | None:
    if action is Action.VIEW_PERSONAL:
        return Audited.VIEW_PERSONAL  # who looked and who tried to stand in one list
    if not verdict.may:
        return Audited.REFUSED
    if action in OFFICE_OF:
        return Audited.ADMINISTRATION
    if action is Action.VIEW and MARK_GLASS not in verdict.marks:
        return None  # looking on past the validity is no act
    return Audited.EMERGENCY if verdict.leave is Leave.EMERGENCY else None
