"""The focus chart: one sensor's curve, large; see spec.py and panel.py."""
