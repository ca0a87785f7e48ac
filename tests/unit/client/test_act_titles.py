"""Every act that a node takes is called by a name where a line speaks of it, never by the intent's."""

from __future__ import annotations

from console.client.act_titles import TITLES
from console.node.acknowledging import ACKNOWLEDGE
from console.node.acts import hazards, incident_forms, seats, walls


def test_every_act_that_a_node_takes_has_a_title_in_both_languages() -> None:
    taken = {ACKNOWLEDGE, *incident_forms.NAMES, *hazards.NAMES, *seats.NAMES, *walls.NAMES}
    assert set(TITLES) == taken
    assert all(title.zh and title.of("en") != title.zh for title in TITLES.values())
