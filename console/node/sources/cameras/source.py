"""Camera source at work: tells the node of one camera and where it is read; opens no stream itself.

Direct reading: the node hands a camera's address, login included, to the console's decoder by media ticket; both run
on one machine and speak over loopback, so the address leaves that machine only towards the camera.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from console.api import Camera, ChannelKind, Columns, Sink, Span, Text
from console.node.sources.cameras.login import SCHEMES, inside_repository, login_of, open_to_others, with_login
from console.node.sources.cameras.spec import CameraSettings
from console.node.sources.config.check import Flaw, file_flaws, position_flaws
from console.node.sources.replay.reel import nothing


class CameraSource:
    """One camera (console.api.Source)."""

    def __init__(self, settings: CameraSettings) -> None:
        self._settings = settings

    @staticmethod
    def check(settings: CameraSettings) -> list[Flaw]:
        """What is wrong with the settings, before anything runs; never quotes an address."""
        flaws = position_flaws((), settings.lon, settings.lat)
        if bool(settings.url) == bool(settings.file):
            found = "both" if settings.url else "neither"
            return [*flaws, Flaw(path=("url",), found=found, expected="one of `url` and `file`")]
        if settings.file:
            return flaws + file_flaws(settings.file)
        for key in ("url", "sub_url"):
            flaws += _address_flaws(key, getattr(settings, key))
        return flaws + _login_flaws(settings)

    async def run(self, sink: Sink) -> None:
        """Declare the camera and stay; raises SourceError when its login cannot be had."""
        settings = self._settings
        login = login_of(settings.id, settings.login_env, settings.login_file)
        sink.put(
            Camera(
                id=settings.id,
                name=settings.name if settings.name.zh else Text(settings.id),
                area=settings.area,
                board=settings.board,
                lon=settings.lon,
                lat=settings.lat,
                azimuth_deg=settings.azimuth_deg,
                streams=("main", "sub") if settings.sub_url else ("main",),
                source=settings.id,
                infrared=settings.infrared,
            )
        )
        if settings.file:
            sink.camera_file(settings.id, "main", settings.file, loop=settings.loop)
        else:
            sink.camera_url(settings.id, "main", with_login(settings.url, login))
        if settings.sub_url:
            sink.camera_url(settings.id, "sub", with_login(settings.sub_url, login))
        await asyncio.Event().wait()

    async def query(self, span: Span) -> Columns:
        """A camera has no samples."""
        return nothing(ChannelKind.SCALAR)


def _address_flaws(key: str, url: str) -> list[Flaw]:
    if not url:
        return []
    try:
        parts = urlsplit(url)
        scheme, host, login = parts.scheme, parts.hostname, parts.username is not None or "@" in parts.netloc
    except ValueError:
        return [Flaw(path=(key,), found="no address", expected='an address such as "rtsp://10.0.0.7:554/main"')]
    if login:
        return [
            Flaw(
                path=(key,),
                found="a user or password in the address",
                expected="an address without a login",
                tip="set login_env to the name of an environment variable that holds user:password",
            )
        ]
    if scheme not in SCHEMES or not host:
        return [Flaw(path=(key,), found=f"scheme '{scheme}'", expected=", ".join(f"{one}://host/…" for one in SCHEMES))]
    return []


def _login_flaws(settings: CameraSettings) -> list[Flaw]:
    if settings.login_env and settings.login_file:
        return [Flaw(path=("login_file",), found="login_env too", expected="one of login_env and login_file")]
    if not settings.login_file:
        return []
    path = Path(settings.login_file).expanduser()
    tip = "keep logins outside the checkout, readable by their owner alone (chmod 600)"
    if not path.is_absolute() or not path.is_file():
        return [Flaw(path=("login_file",), found="no such file", expected="the absolute path of a file", tip=tip)]
    if inside_repository(path):
        return [Flaw(path=("login_file",), found="a file in a repository", expected="a file outside any", tip=tip)]
    if open_to_others(path):
        return [Flaw(path=("login_file",), found="a file others may read", expected="mode 600", tip=tip)]
    return []
