"""The one TOML file that says where data comes from, read into source entries; starts nothing, opens no data.

Every error names file, line and key, what was found, what was expected and a tip.
"""

from __future__ import annotations

import os
import re
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from console.api import Area, Domain, SettingsError, SourceSpec, Text, Value
from console.node.sources.columns_csv.spec import CsvSettings
from console.node.sources.config.check import Flaw, position_flaws
from console.node.sources.config.lines import Path as KeyPath
from console.node.sources.config.lines import key_lines, line_of
from console.node.sources.config.places import PlacesSettings
from console.node.sources.config.reports import ReportsSettings, reports_flaws
from console.node.sources.config.store import StoreSettings, store_flaws
from console.resolve import declared, resolve

MANIFEST = Path(__file__).parents[1] / "plugin.toml"
_VARIABLE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_AT_PATH = re.compile(r" - at `\$?(?P<path>[^`]*)`")
_AT_LINE = re.compile(r"at line (\d+)")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_ID = re.compile(r"[A-Za-z0-9_-]+")
_TABLES = ("area", "domain", "site", "source", "store", "reports")


class SourceEntry(Value, frozen=True):
    """One source to run: `spec_id` names its SourceSpec, `where` its place in the file, for messages."""

    id: str
    spec_id: str
    settings: Value
    where: str


class Site(Value, frozen=True):
    """场所: a place with sensors; sources name it by `site` and take its name, area and position (degrees WGS 84)."""

    id: str
    name: Text = Text("")
    area: str = ""
    lon: float | None = None
    lat: float | None = None


def load_sources(path: Path | str) -> list[SourceEntry]:
    """The sources that a TOML file declares, in its order, its areas and domains first.

    Raises SettingsError naming file, line and key.
    """
    return _Loader(Path(path)).entries()


def load_store(path: Path | str) -> StoreSettings:
    """How long history is kept, as the same file says. Raises SettingsError naming file, line and key."""
    return _Loader(Path(path)).store()


def load_reports(path: Path | str) -> ReportsSettings:
    """Within what time reports are to be sent, as the same file says. Raises SettingsError as `load_store` does."""
    return _Loader(Path(path)).reports()


def load_mapping(path: Path | str, file: Path) -> CsvSettings:
    """How the columns of `file` are read: as the [[source]] of kind csv of a TOML file says.

    Of several the one that names a file of the same name. What it says of its own `file` is not looked at, except
    that a CSV file's header is checked. Raises SettingsError naming file, line and key.
    """
    return _Loader(Path(path)).mapping(file)


class _Loader:
    """Reads one file; keeps the lines of its keys for messages."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
            raise SettingsError(str(path), found=str(reason), expected="a readable TOML file in UTF-8") from error
        try:
            self._raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            at = _AT_LINE.search(str(error))
            line = at.group(1) if at else str(text.count("\n") + 1)
            raise SettingsError(f"{path.name} line {line}", found=str(error), expected="valid TOML 1.0") from error
        self._lines = key_lines(text)
        self._specs: dict[str, SourceSpec] = {spec.id: spec for spec in declared(MANIFEST, "sources")}
        self._sites: dict[str, Site] = {}

    def entries(self) -> list[SourceEntry]:
        """All entries of the file."""
        for key in self._raw:
            if key not in _TABLES:
                known = "[[source]], [[site]], [[area]], [[domain]], [store] or [reports]"
                self._fail((key,), f"unknown table '{key}'", known)
        areas = [self._made(Area, ("area", i), raw) for i, raw in self._tables("area")]
        domains = [self._made(Domain, ("domain", i), raw) for i, raw in self._tables("domain")]
        self._sites = {site.id: site for site in (self._made(Site, ("site", i), r) for i, r in self._tables("site"))}
        for i, site in enumerate(self._sites.values()):
            self._first_flaw(("site", i), position_flaws((), site.lon, site.lat))
        self._known(areas, domains)
        found = [self._entry(("source", i), raw) for i, raw in self._tables("source")]
        if not found:
            self._fail((), "no [[source]]", "at least one [[source]] table with `id` and `kind`")
        self._apart(found)
        if not areas and not domains:
            return found
        places = PlacesSettings(areas=tuple(areas), domains=tuple(domains))
        return [SourceEntry(id="places", spec_id="places", settings=places, where=self._path.name), *found]

    def store(self) -> StoreSettings:
        """The table [store]."""
        made: StoreSettings = self._made(StoreSettings, ("store",), self._table("store"))
        self._first_flaw(("store",), store_flaws(made))
        return made

    def reports(self) -> ReportsSettings:
        """The table [reports]."""
        made: ReportsSettings = self._made(ReportsSettings, ("reports",), self._table("reports"))
        self._first_flaw(("reports",), reports_flaws(made))
        return made

    def _table(self, key: str) -> Mapping[str, Any]:
        raw = self._raw.get(key, {})
        if not isinstance(raw, dict):
            self._fail((key,), f"[[{key}]] or a value", f"[{key}] with one bracket")
        return raw

    def mapping(self, file: Path) -> CsvSettings:
        """The settings of the one csv source that is meant for `file`."""
        self._sites = {site.id: site for site in (self._made(Site, ("site", i), r) for i, r in self._tables("site"))}
        tables = [(i, raw) for i, raw in self._tables("source") if raw.get("kind", "csv") == "csv"]
        if len(tables) > 1:
            tables = [(i, raw) for i, raw in tables if Path(str(raw.get("file", ""))).name == file.name]
        if len(tables) != 1:
            expected = f"one [[source]] of kind csv, or one whose `file` is called {file.name}"
            self._fail(("source",), f"{len(tables)} for {file.name}", expected)
        number, raw = tables[0]
        whole = {**raw, "kind": "csv", "file": str(file.resolve())}
        entry = self._entry(("source", number), whole, check=file.suffix != ".parquet")
        assert isinstance(entry.settings, CsvSettings)
        return entry.settings

    def _tables(self, key: str) -> list[tuple[int, Mapping[str, Any]]]:
        raw = self._raw.get(key, [])
        if not isinstance(raw, list) or not all(isinstance(table, dict) for table in raw):
            self._fail((key,), f"[{key}]", f"[[{key}]] with two brackets")
        return [(i, self._expanded((key, i), table)) for i, table in enumerate(raw)]

    def _entry(self, path: KeyPath, raw: Mapping[str, Any], *, check: bool = True) -> SourceEntry:
        kind, id_ = raw.get("kind"), raw.get("id")
        if not isinstance(kind, str) or kind not in self._specs or kind == "places":
            kinds = ", ".join(f'"{spec}"' for spec in self._specs if spec != "places")
            self._fail((*path, "kind"), f"'{kind}'" if kind is not None else "no `kind`", f"one of {kinds}")
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            found = f"'{id_}'" if id_ is not None else "no `id`"
            self._fail((*path, "id"), found, "letters, digits, - and _", "it begins the ids of all the source makes")
        spec = self._specs[kind]
        rest = {key: value for key, value in raw.items() if key not in ("kind", "id")}
        if "id" in spec.settings.__struct_fields__:
            rest["id"] = id_
        settings = self._placed(path, self._made(spec.settings, path, rest))
        source = resolve(spec.factory)
        if check and (flaws := getattr(source, "check", None)):
            self._first_flaw(path, flaws(settings))
        return SourceEntry(id=id_, spec_id=kind, settings=settings, where=self._place(path))

    def _placed(self, path: KeyPath, settings: Value) -> Value:
        """The settings with what their site gives filled in, theirs and each value's, and files made absolute."""
        changes: dict[str, Any] = {}
        if file := getattr(settings, "file", ""):
            changes["file"] = str((self._path.parent / Path(file).expanduser()).resolve())
        if getattr(settings, "site", ""):
            changes |= self._of_site(path, settings)
        columns = getattr(settings, "value", ())
        if any(getattr(column, "site", "") for column in columns):
            changes["value"] = tuple(self._column(((*path, "value", i)), column) for i, column in enumerate(columns))
        return msgspec.structs.replace(settings, **changes)

    def _column(self, path: KeyPath, column: Value) -> Value:
        return msgspec.structs.replace(column, **self._of_site(path, column)) if getattr(column, "site", "") else column

    def _of_site(self, path: KeyPath, settings: Any) -> dict[str, Any]:
        site = self._sites.get(settings.site)
        if site is None:
            known = ", ".join(self._sites) or "none declared"
            self._fail((*path, "site"), f"'{settings.site}'", f"the id of a [[site]]: {known}")
        given: dict[str, Any] = {}
        if "site_name" in settings.__struct_fields__:
            given["site_name"] = site.name
        if not settings.area:
            given["area"] = site.area
        if settings.lon is None:
            given |= {"lon": site.lon, "lat": site.lat}
        return given

    # ------------------------------------------------------------------ one table to one struct

    def _made(self, cls: type[Any], path: KeyPath, raw: Mapping[str, Any]) -> Any:
        """`raw` as a `cls`; a plain string stands for a text in both languages."""
        self._no_unknown(cls, path, raw)
        try:
            return msgspec.convert(_texts(cls, raw), cls)
        except msgspec.ValidationError as error:
            message = str(error)
            found = _AT_PATH.search(message)
            inner = _steps(found.group("path")) if found else ()
            at = self._deepest((*path, *inner))
            self._fail(at, f"{_shown(self._value(at))}", _AT_PATH.sub("", message))

    def _no_unknown(self, cls: type[Any], path: KeyPath, raw: Mapping[str, Any]) -> None:
        fields = {field.encode_name: field for field in msgspec.structs.fields(cls)}
        for key, value in raw.items():
            if key not in fields:
                self._fail((*path, key), f"unknown key '{key}'", f"one of {', '.join(sorted(fields))}")
            inner = _struct_in(fields[key].type)
            if inner is not None and isinstance(value, dict):
                self._no_unknown(inner, (*path, key), value)
            elif inner is not None and isinstance(value, list):
                for i, one in enumerate(value):
                    if isinstance(one, dict):
                        self._no_unknown(inner, (*path, key, i), one)

    def _deepest(self, path: KeyPath) -> KeyPath:
        """The longest part of `path` that stands in the file."""
        while path and path not in self._lines:
            path = path[:-1]
        return path

    def _value(self, path: KeyPath) -> Any:
        value: Any = self._raw
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def _expanded(self, path: KeyPath, value: Any) -> Any:
        """`value` with ${NAME} replaced by the environment's; $$ is one $."""
        if isinstance(value, dict):
            return {key: self._expanded((*path, key), inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._expanded((*path, i), inner) for i, inner in enumerate(value)]
        if not isinstance(value, str):
            return value
        if path[-1] == "url":
            self._no_login(path, value)
        return _VARIABLE.sub(lambda found: self._variable(path, found.group(1)), value)

    def _variable(self, path: KeyPath, name: str | None) -> str:
        if name is None:
            return "$"
        if name not in os.environ:
            self._fail(path, f"${{{name}}}, which is not set", "a set environment variable", f"export {name}=…")
        return os.environ[name]

    def _no_login(self, path: KeyPath, url: str) -> None:
        """A login has no place in a file that is copied about; it is never repeated in the message either."""
        if "@" in url.split("//", 1)[-1].split("/", 1)[0].split("?", 1)[0]:
            self._fail(
                path,
                "a user or password in the address",
                "an address without a login",
                "set login_env to the name of an environment variable that holds user:password",
            )

    # ------------------------------------------------------------------ checks across tables

    def _known(self, areas: list[Area], domains: list[Domain]) -> None:
        """Ids are unique, parents exist."""
        for key, ids in (("area", [a.id for a in areas]), ("domain", [d.id for d in domains])):
            for i, id_ in enumerate(ids):
                if id_ in ids[:i]:
                    self._fail((key, i, "id"), f"a second '{id_}'", "an id of its own")
        for i, area in enumerate(areas):
            if area.parent and area.parent not in {a.id for a in areas}:
                self._fail(("area", i, "parent"), f"'{area.parent}'", "the id of an [[area]], or nothing for the root")

    def _apart(self, entries: list[SourceEntry]) -> None:
        for i, entry in enumerate(entries):
            if entry.id in [e.id for e in entries[:i]]:
                self._fail(("source", i, "id"), f"a second '{entry.id}'", "an id of its own")

    def _first_flaw(self, path: KeyPath, flaws: list[Flaw]) -> None:
        for flaw in flaws:
            self._fail((*path, *flaw.path), flaw.found, flaw.expected, flaw.tip)

    def _fail(self, path: KeyPath, found: str, expected: str, tip: str = "") -> typing.NoReturn:
        raise SettingsError(self._where(path), found=found, expected=expected, tip=tip)

    def _where(self, path: KeyPath) -> str:
        key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
        return f"{self._place(path)}, key '{key}'" if key else self._place(path)

    def _place(self, path: KeyPath) -> str:
        return f"{self._path.name} line {line_of(self._lines, path)}"


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct that `kind` is, or that a tuple of many holds; None for anything else and for texts."""
    inner = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else kind
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and inner is not Text:
        return inner
    return None


def _texts(cls: type[Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """`raw` with plain strings at Text fields made [string]."""
    made = dict(raw)
    for field in msgspec.structs.fields(cls):
        value = made.get(field.encode_name)
        if field.type is Text and isinstance(value, str):
            made[field.encode_name] = [value]
        inner = _struct_in(field.type)
        if inner is not None and isinstance(value, dict):
            made[field.encode_name] = _texts(inner, value)
        elif inner is not None and isinstance(value, list):
            made[field.encode_name] = [_texts(inner, one) if isinstance(one, dict) else one for one in value]
    return made


def _steps(path: str) -> KeyPath:
    """msgspec's `$.value[0].digits` as a path; its `[...]` for "some item" ends it."""
    steps: list[str | int] = []
    for key, index in _STEP.findall(path):
        if index == "...":
            break
        steps.append(key if key else int(index))
    return tuple(steps)


def _shown(value: Any) -> str:
    """A value as it may be quoted in a message: short, never a whole table."""
    if isinstance(value, dict | list) and len(str(value)) > 60:
        return "a table" if isinstance(value, dict) else "a list"
    return f"'{value}'" if isinstance(value, str) else str(value)
