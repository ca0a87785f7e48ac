"""The node: the backend that sources feed and consoles read; never imports Qt."""
