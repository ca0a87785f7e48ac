"""What the status line says of the link."""

from __future__ import annotations

from console.api import LinkStatus
from console.shell.status_line import link_facts


def test_only_what_happened_is_said() -> None:
    calm = LinkStatus(up=True, since_ns=0, offset_ms=120.0)
    assert link_facts(calm, "en") == []
    busy = LinkStatus(up=True, since_ns=0, dropped=12, filled=9, conflated=3400, offset_ms=-3_600_000.0)
    said = " · ".join(link_facts(busy, "en"))
    assert "lost 12" in said and "fetched 9" in said and "3 400" in said.replace("\u2009", " ")
    assert "1 h behind" in said
    ahead = LinkStatus(up=True, since_ns=0, offset_ms=2000.0)
    assert "ahead" in link_facts(ahead, "en")[0]
