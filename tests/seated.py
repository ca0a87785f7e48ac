"""Who sits at a faked desk or host, what they may, and whom the roster names; mixed into the fakes of tests."""

from __future__ import annotations

from typing import Any

from console.api import Access, RefusedError, Roster, Text


class Seated:
    """`access` says who; `forbidden` are actions that this person may not; `administered` is what was asked for."""

    access = Access(person="local", name=Text("本机", "This machine"), local=True)
    forbidden: frozenset[str] = frozenset()
    people: Roster | None = None
    administered: tuple[tuple[str, dict[str, Any]], ...] = ()

    def may(self, action: str, area: str = "") -> bool:
        return action not in self.forbidden

    async def roster(self) -> Roster:
        if self.people is None:
            raise RefusedError("not_allowed")
        return self.people

    async def administer(self, act: str, **arguments: Any) -> Text:
        self.administered = (*self.administered, (act, arguments))
        return Text("")
