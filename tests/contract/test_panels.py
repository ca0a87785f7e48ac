"""One suite over every panel that widgets/plugin.toml lists: what the host and the presenter may count on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QWidget

from console.api import EvidenceDraft, Panel, PanelSpec, settings_from
from console.resolve import declared, resolve
from tests.fakes import FakeHost
from tests.scenes import quiet, storm

MANIFEST = Path(__file__).parents[2] / "widgets" / "plugin.toml"
SPECS: list[PanelSpec] = declared(MANIFEST, "panels")
ROLES: tuple[Literal["desk", "wall", "vehicle"], ...] = ("desk", "wall", "vehicle")


@pytest.fixture(params=SPECS, ids=lambda spec: spec.id)
def spec(request: pytest.FixtureRequest) -> PanelSpec:
    """Each declared panel."""
    found: PanelSpec = request.param
    return found


@pytest.fixture
def made(qapp: QApplication) -> Iterator[list[Any]]:
    """Panels made by the test; closed, and what they spawned with them."""
    panels: list[Any] = []
    yield panels
    for panel in panels:
        panel.close_panel()
        panel.hide()
        panel.deleteLater()
    QApplication.sendPostedEvents()


def panel_on(host: FakeHost, spec: PanelSpec, made: list[Any]) -> Any:
    """The panel with its default settings, shown at a size that each preset gives it at least."""
    panel = resolve(spec.factory)(host, spec.settings())
    made.append(panel)
    panel.resize(520, 360)
    panel.show()
    return panel


def test_a_declaration_is_whole(spec: PanelSpec) -> None:
    assert spec.id.isidentifier()
    assert spec.title.zh
    assert spec.title.en
    defaults = spec.settings()
    assert settings_from(spec.settings, msgspec.to_builtins(defaults), spec.id) == defaults
    assert spec.version >= 1


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_takes_nothing_then_a_storm_then_quiet(
    spec: PanelSpec, role: Literal["desk", "wall", "vehicle"], language: str, made: list[Any]
) -> None:
    host = FakeHost(role=role, language=language)
    panel = panel_on(host, spec, made)
    assert isinstance(panel, Panel)
    assert isinstance(panel, QWidget)
    panel.update_frame(host.frame(seeked=True))
    storm(host)
    panel.update_frame(host.frame())
    panel.update_frame(host.frame(after_s=1.0))
    panel.grab()
    quiet(host)
    panel.update_frame(host.frame(seeked=True))
    panel.grab()
    host.close_spawned()


def test_its_view_survives_a_restart(spec: PanelSpec, made: list[Any]) -> None:
    host = FakeHost()
    storm(host)
    first = panel_on(host, spec, made)
    first.update_frame(host.frame(seeked=True))
    state = first.view_state()
    assert msgspec.json.decode(msgspec.json.encode(state)) == state
    second = panel_on(host, spec, made)
    second.restore(state)
    second.update_frame(host.frame(seeked=True))
    assert second.view_state() == state
    host.close_spawned()


def test_a_view_of_another_version_is_no_error(spec: PanelSpec, made: list[Any]) -> None:
    host = FakeHost()
    panel = panel_on(host, spec, made)
    panel.restore({"from_the_future": [1, {"x": None}]})
    panel.update_frame(host.frame(seeked=True))
    host.close_spawned()


def test_it_can_be_frozen_as_evidence(spec: PanelSpec, made: list[Any]) -> None:
    host = FakeHost()
    storm(host)
    panel = panel_on(host, spec, made)
    panel.update_frame(host.frame(seeked=True))
    draft = panel.freeze()
    assert isinstance(draft, EvidenceDraft)
    assert draft.t_ns > 0
    assert draft.title.zh
    assert draft.png.startswith(b"\x89PNG")
    msgspec.json.encode(draft.data)
    host.close_spawned()


def test_a_change_of_settings_and_a_cut_link_are_taken(spec: PanelSpec, made: list[Any]) -> None:
    host = FakeHost()
    storm(host)
    panel = panel_on(host, spec, made)
    panel.update_frame(host.frame(seeked=True))
    panel.configure(spec.settings())
    host.link = msgspec.structs.replace(host.link, up=False, since_ns=host.now_ns)
    panel.update_frame(host.frame(after_s=5.0))
    panel.grab()
    host.close_spawned()
