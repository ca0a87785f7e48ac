"""The video panel: a grid of cameras in one painted widget."""
