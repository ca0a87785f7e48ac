"""The walls of the node: how each looks now, who put what on it, how its machines stand."""
