"""Faults of the real program: whatever dies, the others go on, the screen says so, and it comes back by itself."""
