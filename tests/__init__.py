"""The tests; unit mirrors the source, contract runs over every declaration, flow goes socket to pixel."""
