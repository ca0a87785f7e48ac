"""The map tile: a Leaflet page of our own ground and live symbols, with no network behind it."""
