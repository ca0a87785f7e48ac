"""What the journal says of entities as every console sees it; where it speaks, no source does. Knows no rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.api import Entity, Person, Text
from console.node.hub import Hub

JOURNAL: Final = "journal"
"""The source, as the hub calls it, of what the journal says."""


class Published:
    """Entities of the journal in a hub. `claims` has (class, id) of what is the journal's: sources' words on it are
    not heard any more."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.claims: set[tuple[str, str]] = set()

    def put(self, *entities: Entity, heads: Iterable[bytes] = ()) -> None:
        """They stand so now; `heads`: the entries that whoever looks at them has seen."""
        seen = tuple(head.hex() for head in heads)
        for entity in entities:
            self.claims.add((entity.CLS, entity.id))
            self.hub.head(entity.CLS, entity.id, seen)
        self.hub.put(JOURNAL, entities)

    def drop(self, cls: type[Entity], id_: str) -> None:
        """Not shown any more; it stays the journal's."""
        self.hub.drop(cls, (id_,))

    def of_source(self, cls: type[Entity], id_: str) -> Entity | None:
        """An entity that only a source knows, None where the journal has it or nobody knows it."""
        if (cls.CLS, id_) in self.claims:
            return None
        return self.hub.entities.get(cls.CLS, {}).get(id_)

    def droppable(self, cls: type[Entity], ids: Iterable[str]) -> list[str]:
        """Of what a source takes back, what is not the journal's."""
        return [id_ for id_ in ids if (cls.CLS, id_) not in self.claims]

    def name(self, person: str) -> Text:
        """How a person is called; who is not known by the id."""
        known = self.hub.entities.get(Person.CLS, {}).get(person)
        return known.name if isinstance(known, Person) and known.name.zh else Text(person)

    def theirs(self, entities: Iterable[Entity]) -> list[Entity]:
        """Of what a source tells, what is not the journal's."""
        return [entity for entity in entities if (entity.CLS, entity.id) not in self.claims]


class Fading:
    """What is over stays on screens for a while: so many, the newest."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._over: dict[str, None] = {}

    def put(self, id_: str, *, faded: bool) -> str:
        """`id_` is over now, or is not any more; returns whose turn it is to go, "" nobody's."""
        self._over.pop(id_, None)
        if not faded:
            return ""
        self._over[id_] = None
        if len(self._over) <= self._most:
            return ""
        gone = next(iter(self._over))
        del self._over[gone]
        return gone
