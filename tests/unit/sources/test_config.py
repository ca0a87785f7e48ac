"""The sources file: what it makes, and errors that name file, line and key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Area, Board, Domain, SettingsError, Text
from console.node.sources.cameras.spec import CameraSettings
from console.node.sources.columns_csv.spec import CsvSettings, ValueColumn
from console.node.sources.config.lines import key_lines, line_of
from console.node.sources.config.load import MANIFEST, load_reports, load_sources, load_store
from console.node.sources.config.places import PlacesSettings
from console.node.sources.config.store import StoreSettings
from console.node.sources.tracks.spec import TracksSettings
from console.node.telemetry.retention import Keep, Retention
from console.resolve import declared
from console.rules.report_clock import DEFAULT_LIMITS

CSV = "time,a,b\n2020-01-01 00:00:00,1,2\n"


def written(folder: Path, toml: str) -> Path:
    """A sources file in `folder`, with a small CSV beside it."""
    (folder / "a.csv").write_text(CSV, "utf-8")
    path = folder / "sources.toml"
    path.write_text(toml, "utf-8")
    return path


def refusal(folder: Path, toml: str) -> SettingsError:
    """The error that the file gives."""
    with pytest.raises(SettingsError) as caught:
        load_sources(written(folder, toml))
    return caught.value


GOOD = """
[[area]]
id = "north"
name = "北城"
lon = 108.9
lat = 34.3
[[domain]]
id = "gas"
board = "lifeline"
name = ["燃气", "Gas"]
[[site]]
id = "hall"
name = ["大厅", "Hall"]
area = "north"
lon = 108.95
lat = 34.25
[[source]]
id = "one"
kind = "csv"
file = "a.csv"
site = "hall"
domain = "gas"
speed = 60
value = [
    { column = "a", name = "甲", unit = "kPa" },
    { column = "b", board = "public", limits = [{ priority = 2, value = 5.5, name = ["高", "high"] }] },
]
[[source]]
id = "two"
kind = "tracks"
file = "${HERE}/a.csv"
fields = { time = "time", lon = "a", lat = "b" }
units = { alt = "ft" }
"""


def test_a_file_becomes_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", str(tmp_path))
    places, one, two = load_sources(written(tmp_path, GOOD))
    assert (places.id, one.id, two.id) == ("places", "one", "two")
    assert (places.spec_id, one.spec_id, two.spec_id) == ("places", "csv", "tracks")
    assert one.where == "sources.toml line 17"
    assert isinstance(places.settings, PlacesSettings)
    assert places.settings.areas == (Area(id="north", name=Text("北城"), lon=108.9, lat=34.3),)
    assert places.settings.domains == (Domain(id="gas", board=Board.LIFELINE, name=Text("燃气", "Gas")),)
    assert isinstance(one.settings, CsvSettings)
    assert one.settings.file == str(tmp_path / "a.csv")
    assert (one.settings.area, one.settings.lon, one.settings.lat) == ("north", 108.95, 34.25)
    assert one.settings.site_name == Text("大厅", "Hall")
    assert one.settings.value[0].name == Text("甲")
    assert one.settings.value[1].limits[0].value == 5.5
    assert isinstance(two.settings, TracksSettings)
    assert two.settings.file == str(tmp_path / "a.csv")


HEAD = '[[source]]\nid = "x"\nkind = "csv"\nfile = "a.csv"\n'
VALUE = '[[source.value]]\ncolumn = "a"\n'


@pytest.mark.parametrize(
    ("toml", "line", "key", "found", "expected"),
    [
        ("speed = 1\n", 1, "speed", "unknown table", "[[source]]"),
        ('[source]\nid = "x"\n', 1, "source", "[source]", "[[source]] with two brackets"),
        ('[[source]]\nid = "x"\n', 1, "source[0].kind", "no `kind`", '"csv"'),
        ('\n[[source]]\nid = "x"\nkind = "csw"\n', 4, "source[0].kind", "'csw'", '"csv"'),
        ('[[source]]\nkind = "csv"\n', 1, "source[0].id", "no `id`", "letters"),
        ('[[source]]\nid = "a b"\nkind = "csv"\n', 2, "source[0].id", "'a b'", "letters"),
        (HEAD + "spede = 2\n" + VALUE, 5, "source[0].spede", "unknown key 'spede'", "speed"),
        (HEAD + 'speed = "fast"\n' + VALUE, 5, "source[0].speed", "'fast'", "float"),
        (HEAD + "speed = 0\n" + VALUE, 5, "source[0].speed", "0", "0.001"),
        (HEAD + 'time_zone = "Asia/Xian"\n' + VALUE, 5, "source[0].time_zone", "no time zone", "Asia/Shanghai"),
        (HEAD + 'start_at = "noon"\n' + VALUE, 5, "source[0].start_at", "'noon'", "ISO"),
        (HEAD + 'encoding = "utf-9"\n' + VALUE, 5, "source[0].encoding", "'utf-9'", "utf-8"),
        (HEAD + 'delimiter = ";;"\n' + VALUE, 5, "source[0].delimiter", "';;'", "one character"),
        (HEAD + 'time = "when"\n' + VALUE, 5, "source[0].time", "no column 'when'", "time, a, b"),
        (HEAD + 'times = "keep"\nloop = true\n' + VALUE, 6, "source[0].loop", "true", "false"),
        (HEAD, 1, "source[0].value", "nothing", "[[source.value]]"),
        (HEAD + VALUE + '[[source.value]]\ncolumn = "c"\n', 8, "source[0].value[1].column", "'c'", "time, a, b"),
        (HEAD + VALUE + VALUE, 7, "source[0].value[1]", "a second 'a'", "an `id`"),
        (HEAD + VALUE + "lon = 190.0\nlat = 1.0\n", 7, "source[0].value[0].lon", "190", "180"),
        (HEAD + VALUE + 'digit = "2"\n', 7, "source[0].value[0].digit", "unknown key", "digits"),
        (HEAD + VALUE + 'board = "sea"\n', 7, "source[0].value[0].board", "'sea'", "Invalid enum value"),
        (HEAD + 'value = [{ column = "a", limits = [\n{ priority = 9, value = 1.0 }] }]', 6, "[0].priority", "9", "1"),
        (HEAD + 'site = "gone"\n' + VALUE, 5, "source[0].site", "'gone'", "[[site]]"),
        (HEAD.replace("a.csv", "b.csv") + VALUE, 4, "source[0].file", "no file", "an existing file"),
        (HEAD.replace("a.csv", "${NO_SUCH_THING}/a.csv") + VALUE, 4, "source[0].file", "not set", "environment"),
        (HEAD + VALUE + HEAD + VALUE, 8, "source[1].id", "a second 'x'", "its own"),
        ('[[area]]\nid = "n"\nparent = "m"\n' + HEAD + VALUE, 3, "area[0].parent", "'m'", "[[area]]"),
        ("", 1, "", "no [[source]]", "at least one"),
    ],
)  # fmt: skip
def test_an_error_names_line_and_key(tmp_path: Path, toml: str, line: int, key: str, found: str, expected: str) -> None:
    error = refusal(tmp_path, toml)
    assert error.what.startswith(f"sources.toml line {line}"), error
    assert key in error.what
    assert found in error.found, error
    assert expected in error.expected, error


def test_bad_toml_names_the_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, '[[source]]\nid = "x\n')
    assert error.what == "sources.toml line 2"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_sources(tmp_path / "none.toml")


def test_a_dollar_can_be_written(tmp_path: Path) -> None:
    (entry,) = load_sources(written(tmp_path, HEAD + VALUE + 'unit = "US$$"\n'))
    assert isinstance(entry.settings, CsvSettings)
    assert entry.settings.value[0].unit == "US$"


CAMERA = '[[source]]\nid = "gate"\nkind = "camera"\n'


@pytest.mark.parametrize("key", ["url", "sub_url"])
def test_a_login_in_the_file_is_refused_and_not_repeated(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = 'url = "rtsp://10.0.0.7/a"\n' if key == "sub_url" else ""
    error = refusal(tmp_path, f'{CAMERA}{other}{key} = "rtsp://admin:geheim@10.0.0.7:554/main"\n')
    assert f"source[0].{key}" in error.what
    assert "geheim" not in str(error)
    assert "login_env" in error.tip
    monkeypatch.setenv("CAM", "rtsp://admin:geheim@10.0.0.7:554/main")
    error = refusal(tmp_path, f'{CAMERA}{other}{key} = "${{CAM}}"\n')
    assert "a user or password" in error.found
    assert "geheim" not in str(error)


@pytest.mark.parametrize(
    ("lines", "key", "expected"),
    [
        ("", "url", "one of `url` and `file`"),
        ('url = "rtsp://h/a"\nfile = "a.csv"\n', "url", "one of"),
        ('url = "ftp://h/a"\n', "url", "rtsp://"),
        ('url = "rtsp://h/a"\nlogin_file = "secrets.toml"\n', "login_file", "absolute"),
        ('url = "rtsp://h/a"\nlat = 3.0\n', "source[0]", "both lon and lat"),
    ],
)
def test_camera_settings_are_checked(tmp_path: Path, lines: str, key: str, expected: str) -> None:
    error = refusal(tmp_path, CAMERA + lines)
    assert key in error.what
    assert expected in error.expected


def test_a_camera_may_be_named(tmp_path: Path) -> None:
    (entry,) = load_sources(written(tmp_path, CAMERA + 'url = "rtsp://10.0.0.7:554/main?x=a@b"\nname = "大门"\n'))
    assert isinstance(entry.settings, CameraSettings)
    assert entry.settings.name == Text("大门")


def test_lines_of_every_kind_of_toml() -> None:
    text = (
        "# top\n"  # 1
        "a.b = 1 # tail\n"  # 2
        's = """one\n'  # 3
        'two = 2"""\n'  # 4
        "[t]\n"  # 5
        "'q k' = [ 1, # one\n"  # 6
        "  [2, {x = 'y]', z = {w = 3}}],\n"  # 7
        "]\n"  # 8
        "[[l]]\n"  # 9
        "[[l.m]]\n"  # 10
        "[[l.m]]\n"  # 11
        "k = 1979-05-27T07:32:00Z\n"  # 12
        "[[l]]\n"  # 13
        "[l.n]\n"  # 14
        "o = '''x'''\n"  # 15
    )
    tomllib.loads(text)
    lines = key_lines(text)
    assert lines[("a", "b")] == 2
    assert lines[("s",)] == 3
    assert lines[("t", "q k")] == 6
    assert lines[("t", "q k", 0)] == 6
    assert lines[("t", "q k", 1)] == 7
    assert lines[("t", "q k", 1, 1, "z", "w")] == 7
    assert lines[("l", 0, "m", 1, "k")] == 12
    assert lines[("l", 1, "n", "o")] == 15
    assert line_of(lines, ("l", 1, "n", "gone")) == 14
    assert line_of(lines, ("l", 1, "gone")) == 13
    assert line_of(lines, ("gone",)) == 1


_VALUES = st.recursive(
    st.one_of(
        st.integers(-9, 9).map(str),
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=6).map(
            lambda s: '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'
        ),
        st.sampled_from(["true", "1.5e3", "'#'", "'[x'", '"""a\nb"""', "07:32:00", "''"]),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda many: "[" + ",\n ".join(many) + "]"),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from(["a", "b.c", '"x y"', "d"]), _VALUES), max_size=4))
def test_every_key_tomllib_sees_has_a_line(pairs: list[tuple[str, str]]) -> None:
    seen = dict(pairs)
    text = "\n# c\n[[t]]\n" + "".join(f"{key} = {value}  # ]\n" for key, value in seen.items())
    lines = key_lines(text)

    def walk(value: object, path: tuple[str | int, ...]) -> None:
        assert path in lines, (text, path)
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, (*path, key))
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                walk(inner, (*path, i))

    walk(tomllib.loads(text)["t"][0], ("t", 0))


HOWTO = Path(__file__).parents[3] / "docs" / "howto" / "connect-your-data.md"
BLOCKS = re.findall(r"```toml\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_howto_names_only_keys_that_exist(block: str) -> None:
    tables = tomllib.loads(block)
    specs = {spec.id: spec.settings for spec in declared(MANIFEST, "sources")}
    for source in tables.get("source", []):
        known = {"id", "kind", *specs[source["kind"]].__struct_fields__}
        assert set(source) <= known
        for value in source.get("value", []):
            assert set(value) <= set(ValueColumn.__struct_fields__)


def test_the_ready_made_examples_load() -> None:
    examples = sorted((Path(__file__).parents[3] / "resources" / "sources").glob("*.toml"))
    assert examples
    for example in examples:
        assert load_sources(example)


def kept(folder: Path, toml: str) -> StoreSettings:
    return load_store(written(folder, toml))


def test_how_long_history_is_kept(tmp_path: Path) -> None:
    assert kept(tmp_path, GOOD).retention() == Retention()
    settings = kept(tmp_path, GOOD + "[store]\nraw_days = 3\n[store.boards.natural]\nraw_days = 30\n")
    assert settings.retention().of("lifeline").raw_days == 3
    natural = settings.retention().of("natural")
    assert (natural.raw_days, natural.minute_days) == (30, Keep().minute_days)


@pytest.mark.parametrize(
    ("toml", "line", "named"),
    [
        ("[store]\nraw_days = 0.2", 2, "key 'store.raw_days'"),
        (
            "[store]\nraw_days = 20\nminute_days = 10",
            3,
            "key 'store.minute_days'; found 10; expected at least raw_days",
        ),
        ("[store]\n[store.boards.natural]\nraw_days = 4e3", 2, "key 'store.boards.natural.minute_days'"),
        ("[store]\n[store.boards.sea]\nraw_days = 4", 2, "unknown key 'sea'"),
        ("[store]\nweek_days = 4", 2, "unknown key 'week_days'"),
        ('[store]\nraw_days = "long"', 2, "Expected `float`"),
        ("[[store]]\nraw_days = 4", 1, "[store] with one bracket"),
    ],
)
def test_a_wrong_store_is_named_by_line_and_key(tmp_path: Path, toml: str, line: int, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        kept(tmp_path, toml + "\n" + (GOOD if "boards" not in toml else ""))
    assert f"line {line}" in str(caught.value)
    assert named in str(caught.value)


def test_within_what_time_reports_are_sent_is_said_by_grade(tmp_path: Path) -> None:
    assert load_reports(written(tmp_path, GOOD)).limits() == DEFAULT_LIMITS
    said = "[reports.grade3]\nfirst_phone_min = 10\nfollow_up_every_min = 0\n"
    limits = load_reports(written(tmp_path, GOOD + said)).limits()
    assert limits[3] == msgspec.structs.replace(DEFAULT_LIMITS[3], first_phone_s=600.0, follow_up_every_s=0.0)
    assert limits[4] == DEFAULT_LIMITS[4]


@pytest.mark.parametrize(
    ("toml", "line", "named"),
    [
        ("[reports.grade1]\nfirst_phone_min = -1", 2, "key 'reports.grade1.first_phone_min'"),
        ("[reports.grade1]\nfinal_min = nan", 2, "found nan; expected minutes from 0"),
        ("[reports.grade5]\nfinal_min = 1", 1, "unknown key 'grade5'"),
        ("[[reports]]\ngrade1 = 1", 1, "[reports] with one bracket"),
    ],
)
def test_wrong_limits_of_reports_are_named_by_line_and_key(tmp_path: Path, toml: str, line: int, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_reports(written(tmp_path, toml + "\n"))
    assert f"line {line}" in str(caught.value)
    assert named in str(caught.value)
