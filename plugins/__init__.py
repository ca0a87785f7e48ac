"""In-tree plugins, written exactly as a stranger would."""
