"""Composition root: builds each object once, wires, starts, stops; the only place that knows everybody."""
