"""The scenes of the demo's cameras, drawn with Pillow and numpy; they know no codec and no server."""
