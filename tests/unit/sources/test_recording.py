"""Recording source: samples and entities come as they came, under the source's own name, in step, looped."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from console.api import NS, ChannelKind, Incident, Resource, SettingsError, SourceError
from console.node.sources.config.load import load_sources
from console.node.sources.recording.source import Event, RecordingSource, Stage, in_step, load
from console.node.sources.recording.spec import RecordingSettings
from console.node.sources.replay.reel import Player
from tests.fakes_sink import RecordingSink
from tests.recordings import BEGIN_NS, SECONDS, a_recording

NOW_NS = 1_800_000_000 * NS


class Show:
    """A recording played by hand: `at(second)` moves the clock and plays what is due."""

    def __init__(self, folder: Path, **settings: object) -> None:
        a_recording(folder / "a.mcap")
        given = structs.replace(RecordingSettings(id="then", file=str(folder / "a.mcap")), **settings)
        recordings, events, faults = load(given)
        assert not faults
        self.now_ns = NOW_NS
        self.sink = RecordingSink(lambda: self.now_ns)
        self.reels = in_step(recordings, given)
        self.players = [Player(self.sink, reel) for reel in self.reels]
        for player in self.players:
            player.begin()
        self.stage = Stage(self.sink, events, self.reels[0].clock)
        self.stage.step()

    def at(self, second: float) -> None:
        self.now_ns = NOW_NS + round(second * NS)
        for player in self.players:
            player.step()
        self.stage.step()

    def team(self) -> Resource | None:
        found = self.sink.entities.get("resource", {}).get("then.team")
        return found if isinstance(found, Resource) else None


def test_every_kind_plays_in_step_and_under_its_own_name(tmp_path: Path) -> None:
    show = Show(tmp_path)
    show.at(100)
    for id_ in ("then.gas", "then.pump", "then.bus"):
        found = show.sink.of(id_)
        assert found.t_ns.tolist() == [NOW_NS + second * NS for second in range(101)], id_
    assert {channel for channel, _ in show.sink.batches} == {
        ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.POSITION,
    }  # fmt: skip


def test_entities_change_when_they_changed_and_name_each_other(tmp_path: Path) -> None:
    show = Show(tmp_path, speed=10.0)
    team = show.team()
    assert team is not None
    assert (team.busy, team.position, team.area) == (False, "then.bus", "then.north")
    show.at(29.9)
    assert (team := show.team()) is not None
    assert not team.busy
    show.at(30.1)
    assert (team := show.team()) is not None
    assert team.busy
    show.at(54.1)
    assert ("resource", "then.team") in show.sink.dropped


def test_what_an_entity_says_of_time_is_as_long_ago_as_it_was(tmp_path: Path) -> None:
    show = Show(tmp_path, loop=True)
    told = Incident(id="then.i", started_ns=BEGIN_NS - 300 * NS, report_due_ns=BEGIN_NS + 900 * NS)
    event = Event(t_ns=BEGIN_NS + 20 * NS, cls=Incident, id="then.i", entity=told)
    show.stage = Stage(show.sink, [event], show.reels[0].clock)
    show.at(25)
    shown = show.sink.entities["incident"]["then.i"]
    assert isinstance(shown, Incident)
    assert (shown.started_ns, shown.report_due_ns) == (NOW_NS - 300 * NS, NOW_NS + 900 * NS)
    assert shown.closed_ns == 0, "nothing is no time"
    period_ns = show.reels[0].clock.period_ns
    show.at(period_ns / NS + 25)
    again = show.sink.entities["incident"]["then.i"]
    assert isinstance(again, Incident)
    assert again.started_ns == NOW_NS + period_ns - 300 * NS


def test_a_loop_begins_again_with_all_kinds_together(tmp_path: Path) -> None:
    show = Show(tmp_path, loop=True)
    assert len({reel.clock.period_ns for reel in show.reels}) == 1
    show.at(SECONDS + 10)
    last = show.sink.of("then.gas")
    assert last.v[-1] == 10.0
    assert last.t_ns[-1] == NOW_NS + (SECONDS + 10) * NS
    team = show.team()
    assert team is not None
    assert not team.busy


async def test_what_a_file_is_not_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.mcap").write_bytes(b"nothing of the kind")
    toml = tmp_path / "sources.toml"
    toml.write_text('[[source]]\nid = "then"\nkind = "recording"\nfile = "a.mcap"\n', "utf-8")
    with pytest.raises(SettingsError, match=r"line 4, key 'source\[0\]\.file'.*an MCAP file"):
        load_sources(toml)
    with pytest.raises(SourceError):
        load(RecordingSettings(id="then", file=str(tmp_path / "a.mcap")))


@pytest.mark.parametrize("simulated", [False, True])
def test_a_recording_of_what_was_simulated_says_so(tmp_path: Path, simulated: bool) -> None:
    a_recording(tmp_path / "a.mcap", simulated=simulated)
    assert RecordingSource.simulated(RecordingSettings(id="then", file=str(tmp_path / "a.mcap"))) is simulated


def test_the_first_sample_is_the_recordings_first(tmp_path: Path) -> None:
    show = Show(tmp_path)
    assert show.reels[0].clock.shown(BEGIN_NS) == NOW_NS
