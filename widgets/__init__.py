"""The panels; each knows console.api and widgets.kit, and no other panel."""
