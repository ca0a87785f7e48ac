"""The seat's log and its handover."""
