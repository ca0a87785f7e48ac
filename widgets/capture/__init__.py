"""The capture panel: pictures of one capture device of this machine."""
