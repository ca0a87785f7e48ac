"""Many small curves on one canvas; see spec.py and panel.py."""
