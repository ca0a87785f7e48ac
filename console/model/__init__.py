"""Frozen values of the field: what the whole house speaks of; imports nothing of ours."""
