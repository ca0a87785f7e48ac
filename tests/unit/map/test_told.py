"""What the map names at its foot."""

from __future__ import annotations

from console.api import MapLayer
from widgets.map.told import attribution


def test_the_foot_names_each_source_once_and_says_what_is_made_up() -> None:
    roads = MapLayer(id="roads", attribution="cnmaps")
    assert attribution([]) == "WGS 84"
    assert attribution([roads, MapLayer(id="rivers", attribution="cnmaps"), MapLayer(id="bare")]) == "WGS 84 · cnmaps"
    assert attribution([roads, MapLayer(id="pipes", simulated=True)]) == "WGS 84 · schematic · cnmaps"
