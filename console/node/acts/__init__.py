"""What persons may do to incidents, hazards and seats, end to end in the node; a class of entity a file."""
