"""The operator's file of what tiles may show from outside: TOML to values; knows no socket and no tile.

Its form is described in docs/howto/outside-sources.md. A file with a mistake allows nothing, and says where it is.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from console.api import Allowed, BadInput, RefusedError, SettingsError, Text, Value, settings_from, web_origin

VERSION: Final = 1
LARGEST: Final = 256 * 1024
MOST: Final = 256
"""Entries of each kind."""
_SECRET_BYTES: Final = 4096
_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


class Remote(Value, frozen=True, forbid_unknown_fields=True):
    """A screen of another machine, view only. A password has no place in it.

    `password_file` is relative to the file's folder and readable by its owner alone; or `password_env` names a
    variable of the console's environment.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 5900
    account: Annotated[str, msgspec.Meta(max_length=255)] = ""
    password_file: str = ""
    password_env: str = ""


class Entries(Value, frozen=True):
    """The file as written; `authority`: PEM files beside it, of authorities that signed the sites' certificates."""

    version: int = VERSION
    web: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST)] = ()
    capture: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST)] = ()
    authority: Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] = ()
    remote: Annotated[tuple[Remote, ...], msgspec.Meta(max_length=MOST)] = ()


def parse(content: bytes, where: str) -> Entries:
    """The file's entries, origins with their ports. Raises SettingsError naming what is wrong."""
    try:
        raw: Mapping[str, Any] = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(where, found=str(error), expected="TOML in UTF-8") from error
    if raw.get("version", VERSION) != VERSION:
        raise SettingsError(where, found=f"version {raw['version']!r}", expected=str(VERSION))
    entries = settings_from(Entries, raw, where)
    assert isinstance(entries, Entries)
    for remote in entries.remote:
        _check_remote(remote, where)
    names = [remote.name for remote in entries.remote]
    if len(set(names)) != len(names):
        raise SettingsError(f"{where}, remote", found="a name twice", expected="names that differ")
    for path in entries.capture:
        if not path.startswith("/dev/"):
            raise SettingsError(f"{where}, capture", found=f"'{path}'", expected="a path such as /dev/video0")
    return msgspec.structs.replace(entries, web=tuple(_origin(text, where) for text in entries.web))


def _origin(text: str, where: str) -> str:
    try:
        origin = web_origin(text)
    except BadInput as error:
        raise SettingsError(f"{where}, web", found=error.found, expected=error.expected) from error
    if text.partition("://")[2].rstrip("/").count("/") or "?" in text or "#" in text:
        raise SettingsError(
            f"{where}, web", found=f"'{text}'", expected="scheme, name and port only: https://name:port"
        )
    return origin


def _check_remote(remote: Remote, where: str) -> None:
    if not _HOST.fullmatch(remote.host):
        found = f"host '{remote.host}'"
        raise SettingsError(f"{where}, remote '{remote.name}'", found=found, expected="a name or an IP address")
    if remote.password_file and remote.password_env:
        raise SettingsError(f"{where}, remote '{remote.name}'", found="two passwords", expected="a file or a variable")


def secret_of(remote: Remote, folder: Path, environment: Mapping[str, str] = os.environ) -> str:
    """The password of a remote screen, "" where it has none. Raises RefusedError that never bears the password."""
    if remote.password_env:
        if remote.password_env not in environment:
            raise RefusedError(
                f"the variable {remote.password_env} with the password is not set",
                zh=f"存放口令的环境变量 {remote.password_env} 未设置",
            )
        return environment[remote.password_env]
    return _from_file(folder / remote.password_file) if remote.password_file else ""


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mode & 0o077:
                raise RefusedError(
                    f"{path} can be read by others: make it readable by its owner only (chmod 600)",
                    zh=f"{path} 他人可读：请改为仅所有者可读（chmod 600）",
                )
            content = file.read(_SECRET_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise RefusedError(f"{path} cannot be read ({why})", zh=f"{path} 无法读取（{why}）") from error
    if len(content) > _SECRET_BYTES:
        raise RefusedError(f"{path} holds no password: more than 4 KiB", zh=f"{path} 不是口令文件：超过 4 KiB")
    return content.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")


class OutsideFile:
    """The file at a path, read again where it changed; where there is none, nothing is allowed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = Entries()
        self._seen: tuple[int, int, int] | None = None
        self._allowed = Allowed(file=str(path))

    def allowed(self) -> Allowed:
        """What it allows now; looks at the file's date at each call."""
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            seen = (0, 0, 0)
        if seen != self._seen:
            self._seen = seen
            self._read(exists=seen != (0, 0, 0))
        return self._allowed

    def remote(self, name: str) -> Remote | None:
        """The remote screen of that name."""
        self.allowed()
        return next((remote for remote in self.entries.remote if remote.name == name), None)

    def _read(self, *, exists: bool) -> None:
        self.entries, trouble = Entries(), Text("")
        try:
            if exists:
                self.entries = parse(self._content(), self.path.name)
        except (OSError, SettingsError) as error:
            why = str(error)
            trouble = Text(f"{self.path.name} 有误，全部不放行：{why}", f"{self.path.name} allows nothing: {why}")
        self._allowed = Allowed(
            file=str(self.path),
            web=self.entries.web,
            remotes=tuple(remote.name for remote in self.entries.remote),
            captures=self.entries.capture,
            authorities=tuple(str(self.path.parent / name) for name in self.entries.authority),
            trouble=trouble,
        )

    def _content(self) -> bytes:
        if self.path.stat().st_mode & 0o002:
            expected = "a file that only its owner may change (chmod o-w)"
            raise SettingsError(self.path.name, found="others may write it", expected=expected)
        with self.path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise SettingsError(self.path.name, found="more than 256 KiB", expected="a short list")
        return content
