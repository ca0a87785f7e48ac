"""What the map names at its foot."""

from __future__ import annotations

from console.api import Incident, MapLayer, Spanned
from widgets.kit.subject import Subject
from widgets.map.spec import Centre, MapSettings
from widgets.map.told import attribution, home_table, span_table


def test_the_foot_names_each_source_once_and_says_what_is_made_up() -> None:
    roads = MapLayer(id="roads", attribution="cnmaps")
    assert attribution([]) == "WGS 84"
    assert attribution([roads, MapLayer(id="rivers", attribution="cnmaps"), MapLayer(id="bare")]) == "WGS 84 · cnmaps"
    assert attribution([roads, MapLayer(id="pipes", simulated=True)]) == "WGS 84 · schematic · cnmaps"


def test_a_map_tells_its_page_which_part_of_the_whole_it_is() -> None:
    part = Spanned(x=0.5, y=0.0, width=0.4, height=1.0, part=1, size_mm=(1000.0, 500.0), pitch_mm=0.5)
    told = span_table(part)
    assert told is not None
    assert (told["x"], told["w"], told["part"]) == (0.5, 0.4, 1)
    assert told["size"] == [2000.0, 1000.0], "in pixels of the first tile's screen"
    assert span_table(None) is None


def test_only_what_a_map_is_about_is_kept_off_the_bezels() -> None:
    about = Subject(incident=Incident(id="i"), area="fengdong", lon=108.8, lat=34.2)
    settings = MapSettings(centre=Centre(lon=108.7, lat=34.3), about="subject")
    aimed, plain = home_table({}, settings, about), home_table({}, settings, None)
    assert aimed is not None and plain is not None
    assert (aimed["centre"], aimed["aim"]) == ((108.8, 34.2), True)
    assert (plain["centre"], plain["aim"]) == ((108.7, 34.3), False)
