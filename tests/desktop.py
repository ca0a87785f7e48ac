"""A person at an X server: finds the program's window, closes it by its button, presses keys; Xlib through ctypes."""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from types import TracebackType

CONTROL, LETTER_Q = 0xFFE3, 0x71
"""Keysyms."""
_CLIENT_MESSAGE = 33
_VIEWABLE = 2


class _Attributes(ctypes.Structure):
    """The start of XWindowAttributes, with room for the rest."""

    _fields_ = [
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("border", ctypes.c_int),
        ("depth", ctypes.c_int),
        ("visual", ctypes.c_void_p),
        ("root", ctypes.c_ulong),
        ("class_", ctypes.c_int),
        ("bit_gravity", ctypes.c_int),
        ("win_gravity", ctypes.c_int),
        ("backing_store", ctypes.c_int),
        ("backing_planes", ctypes.c_ulong),
        ("backing_pixel", ctypes.c_ulong),
        ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong),
        ("map_installed", ctypes.c_int),
        ("map_state", ctypes.c_int),
        ("rest", ctypes.c_ubyte * 256),
    ]


class _ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_ubyte * 192),
    ]


def available() -> bool:
    """Whether Xlib and its test extension are installed."""
    return bool(find_library("X11") and find_library("Xtst"))


class Desktop:
    """One connection to the X server `display`, e.g. ":7"; a context manager."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL(find_library("X11"))
        self._test = ctypes.CDLL(find_library("Xtst"))
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XInternAtom.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))
        if self._display.value is None:
            raise ConnectionError(f"no X server {display}")

    def window(self) -> int:
        """The largest window on the screen, 0 for none."""
        root, parent = ctypes.c_ulong(), ctypes.c_ulong()
        found, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        top = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))
        refs = [ctypes.byref(each) for each in (root, parent, found, count)]
        self._x.XQueryTree(self._display, top, *refs)
        sizes = {}
        for window in found[: count.value]:
            at = _Attributes()
            self._x.XGetWindowAttributes(self._display, ctypes.c_ulong(window), ctypes.byref(at))
            if at.map_state == _VIEWABLE:
                sizes[window] = at.width * at.height
        if count.value:
            self._x.XFree(found)
        return max(sizes, key=lambda window: sizes[window], default=0)

    def close_window(self) -> None:
        """What a window manager does when its close button is pressed."""
        window = self.window()
        message = _ClientMessage(type=_CLIENT_MESSAGE, window=window, format=32)
        message.message_type = self._x.XInternAtom(self._display, b"WM_PROTOCOLS", 0)
        message.data[0] = self._x.XInternAtom(self._display, b"WM_DELETE_WINDOW", 0)
        self._x.XSendEvent(self._display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
        self._x.XSync(self._display, 0)

    def press(self, *keysyms: int) -> None:
        """Press keys together in the window, and let them go."""
        self._x.XSetInputFocus(self._display, ctypes.c_ulong(self.window()), 2, ctypes.c_ulong(0))
        codes = [self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(k)) for k in keysyms]
        for code, down in [(c, 1) for c in codes] + [(c, 0) for c in reversed(codes)]:
            self._test.XTestFakeKeyEvent(self._display, ctypes.c_uint(code), down, ctypes.c_ulong(0))
        self._x.XSync(self._display, 0)

    def __enter__(self) -> Desktop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._x.XCloseDisplay(self._display)
