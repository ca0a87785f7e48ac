"""Builds the map's page with folium, once at set-up, with every address inside the program; knows nothing live.

`python -m widgets.map.page` writes build/assets/map/index.html; importing folium takes half a second, so no start of
the console does.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

BUILD: Final = Path(os.environ.get("YILAN_BUILD") or Path(__file__).resolve().parents[2] / "build")
PAGE: Final = BUILD / "assets" / "map" / "index.html"
_LEAFLET: Final = "app://res/leaflet/leaflet"
_ID: Final = "yilan"
_HEAD: Final = '<link rel="stylesheet" href="app://res/code/map.css"/>'
_FOOT: Final = '<script type="module" src="app://res/code/map.js"></script>'
_OPTIONS: Final[dict[str, Any]] = {
    "zoom_control": False,
    "attribution_control": False,
    "zoom_snap": 0,
    "zoom_delta": 0.5,
    "wheel_px_per_zoom_level": 140,
    "zoom_animation": False,
    "fade_animation": False,
    "inertia": False,
    "double_click_zoom": False,
    "box_zoom": False,
    "keyboard": False,
}


def stamp() -> str:
    """What the page is made of, as a hash: the built page bears it."""
    made_of = Path(__file__).read_bytes() + version("folium").encode() + version("branca").encode()
    return hashlib.sha256(made_of).hexdigest()


def build() -> str:
    """The page as HTML, the same text every time. Imports folium."""
    import folium

    made = folium.Map(location=(34.34, 108.73), zoom_start=11, tiles=None, min_zoom=7, max_zoom=19, **_OPTIONS)
    made.default_js = [("leaflet", f"{_LEAFLET}.js")]
    made.default_css = [("leaflet_css", f"{_LEAFLET}.css")]
    made._id = _ID
    figure: Any = made.get_root()
    figure._id = _ID
    figure.title = "map"
    figure.header.add_child(folium.Element(_HEAD), name="ours_css")
    figure.html.add_child(folium.Element(_FOOT), name="ours_js")
    return f"<!-- {stamp()} -->\n{figure.render()}"


def ensure_page(path: Path = PAGE) -> Path:
    """Build the page where it is missing or made of something else; raises OSError where it cannot be written."""
    try:
        if path.read_text(encoding="utf-8").startswith(f"<!-- {stamp()} -->"):
            return path
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(build(), encoding="utf-8")
    part.replace(path)
    return path


if __name__ == "__main__":
    ensure_page()
    sys.stdout.write("map page built\n")
