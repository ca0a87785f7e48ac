"""Logins of cameras: from the environment or a secrets file, into an address; never into a message or a log."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from console.api import SourceError

SCHEMES = ("rtsp", "rtsps", "http", "https")


def login_of(camera: str, login_env: str, login_file: str) -> tuple[str, str] | None:
    """(user, password) of a camera, None where none is set; raises SourceError without quoting any of it."""
    if login_env:
        user, colon, password = os.environ.get(login_env, "").partition(":")
        if not colon:
            raise SourceError(f"camera {camera}: {login_env} is not set to user:password")
        return user, password
    if not login_file:
        return None
    try:
        found = tomllib.loads(Path(login_file).read_text("utf-8")).get(camera)
    except (OSError, ValueError):
        raise SourceError(f"camera {camera}: {login_file} cannot be read as TOML") from None
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in ("user", "password")):
        raise SourceError(f"camera {camera}: {login_file} has no [{camera}] with user and password")
    return found["user"], found["password"]


def with_login(url: str, login: tuple[str, str] | None) -> str:
    """The address with the login in it, percent-encoded."""
    if login is None:
        return url
    parts = urlsplit(url)
    user, password = (quote(part, safe="") for part in login)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc}"))


def open_to_others(path: Path) -> bool:
    """Whether others than its owner may read the file; never known on Windows."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def inside_repository(path: Path) -> bool:
    """Whether the file lies in a git checkout, where it would be committed one day."""
    return any((folder / ".git").exists() for folder in path.resolve().parents)
