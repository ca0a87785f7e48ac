"""Screens to windows, tiles to places; knows console.api and widgets.kit."""
