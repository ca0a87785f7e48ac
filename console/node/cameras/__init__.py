"""The built-in camera server and the demo's clips: RTSP on loopback out of H.264 files; knows no hub and no console."""
