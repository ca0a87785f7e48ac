"""A layout as windows and tiles, and what a person changes of it; part of the composition root, knows no panel."""
