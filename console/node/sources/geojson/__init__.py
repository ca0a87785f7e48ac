"""GeoJSON and TopoJSON files as a source."""
