"""Acts of persons end to end in the node, without a socket."""
