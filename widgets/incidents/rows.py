"""What stands in an incident's detail, as rows from its entities; knows no painter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from console.api import Host, Incident, IncidentRecord
from widgets.incidents import brief, words
from widgets.incidents.asks import FIELDS
from widgets.kit.text import font

Px = Callable[[float], float]
WHEN_PX: Final = 84
LABEL_PX: Final = 104


class Row(NamedTuple):
    """One row: `kind` chooses its painter, `key` is unique, `height` in this screen's px, `data` what it says."""

    kind: str
    key: str
    height: float
    data: Any = None


def head_rows(px: Px, incident: Incident, record: IncidentRecord | None) -> list[Row]:
    """What it is, where it stands, its three scales."""
    rows = [Row("head", "head", px(66))]
    if incident.conflict or incident.contested or (record is not None and record.contested):
        rows.append(Row("clash", "clash", px(46)))
    if incident.phase is not None:
        rows.append(Row("phases", "phases", px(58)))
    if record is None:
        rows.append(Row("unkept", "unkept", px(56)))
    rows.append(Row("scales", "scales", px(54)))
    return rows


def fact_rows(
    host: Host,
    px: Px,
    incident: Incident,
    record: IncidentRecord | None,
    width: float,
    personal: Mapping[str, tuple[str, bool]],
) -> list[Row]:
    """What is known, and what nobody has said yet; rows of what may be asked for are of the kind `masked`."""
    title = words.translate("Incident", "Facts")
    rows = [Row("title", "title:facts", px(28), (title, ""))]
    language = host.language
    if record is None:
        known = [
            (FIELDS["place"].title.of(language), incident.place.of(language), False),
            (words.translate("Incident", "Response given"), incident.response.of(language), False),
            (words.translate("Incident", "Progress"), brief.fact(incident, language), False),
        ]
    else:
        known = words.facts(record, language, personal)
        if fact := brief.fact(incident, language):
            known.append((words.translate("Incident", "Progress"), fact, False))
    room = width - px(LABEL_PX + 24)
    for what, text, masked in known:
        rows.append(
            Row("masked" if masked else "fact", f"fact:{what}", tall(text or "—", px(13), room, px(26)), (what, text))
        )
    return rows


def report_rows(px: Px, record: IncidentRecord | None) -> list[Row]:
    """What is owed, soonest first, then what went out, newest first."""
    if record is None:
        return []
    owed, sent = len(record.owed), len(record.reports)
    scope = words.translate("Incident", "owed {owed}, sent {sent}").format(owed=owed, sent=sent)
    rows = [Row("title", "title:reports", px(28), (words.translate("Incident", "Reports"), scope))]
    rows += [Row("owed", f"owed:{due.kind}:{due.number}", px(44), due) for due in record.owed]
    for i, line in enumerate(reversed(record.reports)):
        rows.append(Row("sent", f"sent:{i}", px(44 if line.against or line.text else 28), line))
    return rows


def line_rows(host: Host, px: Px, record: IncidentRecord | None, width: float) -> list[Row]:
    """The timeline, newest first."""
    if record is None:
        return []
    count = len(record.timeline) + record.forgotten
    scope = words.translate("Incident", "{count} lines").format(count=count)
    rows = [Row("title", "title:lines", px(28), (words.translate("Incident", "Timeline"), scope))]
    room = width - px(WHEN_PX + 24)
    for line in reversed(record.contested):
        what, text = words.line_words(line, host.language)
        rows.append(
            Row("line", f"contested:{len(rows)}", tall(text, px(13), room, px(28), px(22)), (line, what, text, True))
        )
    for i in range(len(record.timeline) - 1, -1, -1):
        line = record.timeline[i]
        what, text = words.line_words(line, host.language)
        height = tall(text, px(13), room, px(28), px(22)) if text else px(30)
        rows.append(Row("line", f"line:{i + record.forgotten}", height, (line, what, text, False)))
    if record.forgotten:
        older = words.translate("Incident", "{count} older lines stand in the journal").format(count=record.forgotten)
        rows.append(Row("note", "forgotten", px(28), older))
    return rows


def tall(text: str, size: float, room: float, least: float, above: float = 0.0) -> float:
    """Height of a row whose text is wrapped into `room`, `above` for what stands over it; at least `least`."""
    box = QFontMetricsF(font(size)).boundingRect(QRectF(0, 0, max(room, 20), 1e5), Qt.TextFlag.TextWordWrap.value, text)
    return max(least, above + box.height() + size * 0.75)
