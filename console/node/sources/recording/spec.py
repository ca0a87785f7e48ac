"""Recording source, declared; imports no reader."""

from __future__ import annotations

from console.api import SourceSpec, Text
from console.node.sources.replay.clockwork import ReplaySettings


class RecordingSettings(ReplaySettings, frozen=True):
    """An MCAP file that `main.py export` or another program wrote (docs/howto/recordings.md)."""


SPEC = SourceSpec(
    id="recording",
    title=Text("记录文件（MCAP）", "Recording (MCAP)"),
    factory="console.node.sources.recording.source:RecordingSource",
    settings=RecordingSettings,
)
