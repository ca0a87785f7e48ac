"""What the fields of an incident's forms offer as one types, and what one edit speaks for in another; no widget."""

from __future__ import annotations

from typing import Final

from console.api import Area, Host, Level, Person, Seat, Shift
from widgets.incidents import prefill
from widgets.incidents.asks import Values
from widgets.kit.fields import Find
from widgets.kit.finding import Name, find
from widgets.kit.names import short_area

LEVELS: Final = {Level.FRONT_END: 0, Level.SUBDISTRICT: 1, Level.NEW_TOWN: 2, Level.NEW_AREA: 3}


class Filling:
    """See the module. `guessed`: by field what stands there only as a guess."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.guessed: Values = {}

    def finds(self) -> dict[str, Find]:
        """By kind of field what offers names for it."""
        host = self._host
        areas = host.entities(Area)

        def area(typed: str) -> list[Name]:
            order = sorted(areas.values(), key=lambda a: (-LEVELS.get(a.level, 0), a.id))
            names = []
            for one in order:
                parent = areas.get(one.parent)
                beside = short_area(parent, host.language) if parent is not None else ""
                names.append(Name(id=one.id, shown=one.name.of(host.language), beside=beside, also=one.name.of("en")))
            return find(names, typed, most=len(names) if not typed else 6)

        def person(typed: str) -> list[Name]:
            people = sorted(host.entities(Person).values(), key=lambda one: one.name.zh)
            return find([_named(one, host.language) for one in people], typed)

        def nature(typed: str) -> list[Name]:
            known = ((n.of(host.language), " ".join((n.zh, n.of("en"), *also))) for n, also in prefill.NATURES)
            return find([Name(id=shown, shown=shown, also=also) for shown, also in known], typed)

        return {"area": area, "person": person, "nature": nature}

    def own_area(self) -> str:
        """The area of one's own seat, else the whole site."""
        host = self._host
        person = host.access.person
        seats = [seat.area for seat in host.entities(Seat).values() if seat.officer == person and seat.area]
        shifts = [shift.area for shift in host.entities(Shift).values() if shift.area]
        roots = [area.id for area in host.entities(Area).values() if not area.parent]
        return next(iter([*seats, *shifts, *roots]), "")

    def _own_name(self) -> str:
        host = self._host
        if host.access.local:
            shift = next(iter(host.entities(Shift).values()), None)
            if shift is not None:
                return shift.officer.of(host.language)
        return host.access.name.of(host.language)

    def follow(self, name: str, values: Values) -> Values:
        """What an edit of a report speaks for elsewhere: its nature and area; who grades has verified, unless said."""
        made: Values = {}
        if name in ("title", "place"):
            made |= self._guess("nature", prefill.nature_of(values.get("title", ""), self._host.language), values)
            made |= self._guess("area", self._area_in(f"{values.get('title', '')} {values.get('place', '')}"), values)
        if name == "grade" and values.get("grade") and not values.get("verified_by"):
            made["verified_by"] = self._own_name()
        return made

    def _guess(self, name: str, guess: str, values: Values) -> Values:
        """A guess fills what is empty or was guessed before, never what a person put in."""
        if not guess or values.get(name, "") not in ("", self.guessed.get(name, "")):
            return {}
        self.guessed[name] = guess
        return {name: guess}

    def _area_in(self, text: str) -> str:
        """The smallest area that a text names, "" none."""
        known = self._host.entities(Area).values()
        named = [a for a in known if (short := short_area(a, self._host.language)) and len(short) > 1 and short in text]
        return min(named, key=lambda a: LEVELS.get(a.level, 0)).id if named else ""


def _named(person: Person, language: str) -> Name:
    beside = "、".join(role.of(language) for role in person.roles[:2])
    return Name(id=person.id, shown=person.name.of(language), beside=beside, also=person.name.of("en"))
