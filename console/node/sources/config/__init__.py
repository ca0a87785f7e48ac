"""The sources file: read, checked, its errors named by line and key."""
