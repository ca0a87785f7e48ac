"""Shared painting atoms and tokens; knows console.api and no panel."""
