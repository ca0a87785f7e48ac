"""Where a map looks unless a hand moved it: at what it is about, else as its settings say."""

from __future__ import annotations

from console.api import Area, Incident
from widgets.kit.subject import Subject
from widgets.map.spec import Centre, MapSettings
from widgets.map.told import home_table

AREAS = {
    "root": Area(id="root", boundary=(((108.0, 34.0), (109.0, 34.0), (109.0, 35.0)),)),
    "town": Area(id="town", parent="root", boundary=(((108.4, 34.4), (108.6, 34.4), (108.6, 34.6)),)),
}


def _subject(lon: float | None, lat: float | None, area: str = "town") -> Subject:
    return Subject(incident=Incident(id="i"), area=area, lon=lon, lat=lat)


def test_it_looks_closely_at_the_place_of_what_it_is_about() -> None:
    settings = MapSettings(centre=Centre(lon=108.2, lat=34.2), zoom=11.0, near_zoom=14.0)
    home = home_table(AREAS, settings, _subject(108.5, 34.5))
    assert home is not None
    assert (home["centre"], home["zoom"]) == ((108.5, 34.5), 14.0)


def test_where_nobody_knows_the_place_it_looks_at_the_town() -> None:
    settings = MapSettings(centre=Centre(lon=108.2, lat=34.2), zoom=11.0)
    home = home_table(AREAS, settings, _subject(None, None))
    whole = home_table(AREAS, MapSettings(area="town"), None)
    assert home is not None
    assert whole is not None
    assert (home["centre"], home["zoom"], home["bounds"]) == (None, 0.0, whole["bounds"])


def test_about_nothing_and_about_what_has_no_place_at_all_it_looks_as_set() -> None:
    settings = MapSettings(centre=Centre(lon=108.2, lat=34.2), zoom=11.0)
    for subject in (None, _subject(None, None, area="")):
        home = home_table(AREAS, settings, subject)
        assert home is not None
        assert (home["centre"], home["zoom"]) == ((108.2, 34.2), 11.0)
