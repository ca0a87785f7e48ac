"""The demo city: a simulated new area as a source like any other; marks all it publishes as simulated."""
