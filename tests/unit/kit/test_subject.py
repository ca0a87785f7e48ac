"""What a tile bound to a query asks about: the incident that is selected, where it is, and what it keeps to."""

from __future__ import annotations

import msgspec

from console.api import Alarm, Incident
from tests.fakes import FakeHost
from tests.scenes import storm
from widgets.kit.subject import SUBJECT, Asking, distance_text, subject_of


def _host() -> FakeHost:
    host = FakeHost()
    storm(host)
    return host


def test_a_tile_keeps_to_its_incident_while_something_else_is_selected() -> None:
    host = _host()
    asking = Asking(host, SUBJECT)
    told = []
    for selection in ("", "incident:i3", "sensor:G-117", "incident:i5", "camera:c", ""):
        host.select(selection)
        other = asking.look()
        told.append((asking.subject.incident.id if asking.subject else "", other))
    assert told == [("", False), ("i3", True), ("i3", False), ("i5", True), ("i5", False), ("", True)]


def test_a_tile_that_is_not_bound_asks_about_the_whole_city() -> None:
    host = _host()
    host.select("incident:i3")
    assert Asking(host, "").subject is None


def test_news_of_the_incident_are_no_other_question() -> None:
    host = _host()
    host.select("incident:i3")
    asking = Asking(host, SUBJECT)
    host.put(msgspec.structs.replace(host.entities(Incident)["i3"], fact_done=500.0))
    assert not asking.look()
    assert asking.subject is not None
    assert asking.subject.incident.fact_done == 500.0


def test_the_area_is_the_new_town_and_its_sensors_and_alarms_belong_to_it() -> None:
    host = _host()
    river = msgspec.structs.replace(host.entities(Incident)["i3"], sensors=("G-117",))
    subject = subject_of(host, river)
    assert subject.area == "fengxi"
    assert subject.holds("fengxi")
    assert not subject.holds("fengdong")
    assert subject.holds("fengdong", "G-117")
    joined = Alarm(id="a", sensor="WC2", incident="i3")
    assert subject.has(joined, None)


def test_where_nobody_said_the_place_the_whole_city_is_asked_for_and_the_words_say_so() -> None:
    host = _host()
    host.put(msgspec.structs.replace(host.entities(Incident)["i3"], area="", sensors=()))
    host.select("incident:i3")
    asking = Asking(host, SUBJECT)
    assert asking.subject is not None
    assert asking.subject.holds("jinghe")
    assert "看全市" in asking.words()
    assert asking.place() == ""


def test_a_header_says_what_is_asked_about() -> None:
    host = _host()
    host.select("incident:i5")
    assert Asking(host, SUBJECT).words("近 3 h") == "沣西 同文路下穿积水 · 近 3 h"


def test_distances_are_read_at_a_glance() -> None:
    told = [distance_text(metres) for metres in (3, 344, 949, 1_234, 14_400, float("inf"))]
    assert told == ["10 m", "340 m", "950 m", "1.2 km", "14 km", ""]
