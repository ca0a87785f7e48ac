"""Starts, watches, restarts and ends node, console and camera server; never imports Qt."""
