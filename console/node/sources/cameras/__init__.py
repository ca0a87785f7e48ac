"""Cameras and video files as a source."""
