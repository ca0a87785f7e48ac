"""Scenes to walls and on walls; part of the composition root, knows no panel."""
