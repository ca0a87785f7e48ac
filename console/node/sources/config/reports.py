"""What the sources file says of reports: within how many minutes which is to be sent, by grade; knows no incident."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from console.api import Value
from console.node.sources.config.check import Flaw
from console.rules.report_clock import DEFAULT_LIMITS, ReportLimits

MOST_MIN: Final = 366 * 24 * 60.0
_FIELDS: Final = {
    "first_phone_min": "first_phone_s",
    "first_written_min": "first_written_s",
    "follow_up_every_min": "follow_up_every_s",
    "final_min": "final_s",
}


class GradeReports(Value, frozen=True):
    """Limits of one grade in minutes; 0: such a report is not asked for; left out: as it comes with Yilan."""

    first_phone_min: float | None = None
    first_written_min: float | None = None
    follow_up_every_min: float | None = None
    final_min: float | None = None


class ReportsSettings(Value, frozen=True):
    """`[reports]`: `grade1` 特别重大 … `grade4` 一般."""

    grade1: GradeReports = GradeReports()
    grade2: GradeReports = GradeReports()
    grade3: GradeReports = GradeReports()
    grade4: GradeReports = GradeReports()

    def limits(self) -> Mapping[int, ReportLimits]:
        """The same in the rules' words, by grade."""
        return {grade: _limits(getattr(self, f"grade{grade}"), DEFAULT_LIMITS[grade]) for grade in (1, 2, 3, 4)}


def _limits(said: GradeReports, default: ReportLimits) -> ReportLimits:
    given = {limit: 60 * minutes for name, limit in _FIELDS.items() if (minutes := getattr(said, name)) is not None}
    known = {name: getattr(default, name) for name in _FIELDS.values()}
    return ReportLimits(**(known | given))


def reports_flaws(settings: ReportsSettings) -> list[Flaw]:
    """Flaws of the minutes: none below 0, none above a year."""
    for grade in ReportsSettings.__struct_fields__:
        for name in GradeReports.__struct_fields__:
            minutes = getattr(getattr(settings, grade), name)
            if minutes is not None and not (math.isfinite(minutes) and 0 <= minutes <= MOST_MIN):
                return [Flaw(path=(grade, name), found=f"{minutes:g}", expected=f"minutes from 0 to {MOST_MIN:.0f}")]
    return []
