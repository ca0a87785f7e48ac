"""What each act on an incident asks for, in order, and how what was typed becomes arguments; Qt-free."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from console.api import REPORT_NAMES, IncidentRecord, PossibleAct, ReportKind, Text, Value

Values = dict[str, str]
"""What stands in a form's fields, by name; "" nothing. Choices by their value as text."""


class Ask(Value, frozen=True, kw_only=True):
    """One field. `kind`: line, area, person, nature, casualties, or choice with its `choices` (value, word)."""

    name: str
    title: Text
    kind: str = "line"
    must: bool = False
    hint: Text = Text("")
    choices: tuple[tuple[str, Text], ...] = ()


GRADES: Final = (
    ("1", Text("特别重大", "Extreme")),
    ("2", Text("重大", "Major")),
    ("3", Text("较大", "Large")),
    ("4", Text("一般", "Minor")),
)
COLOURS: Final = (
    ("1", Text("红色", "Red")),
    ("2", Text("橙色", "Orange")),
    ("3", Text("黄色", "Yellow")),
    ("4", Text("蓝色", "Blue")),
    ("0", Text("解除", "None")),
)
LEVELS: Final = (
    ("1", Text("一级", "Level I")),
    ("2", Text("二级", "Level II")),
    ("3", Text("三级", "Level III")),
    ("4", Text("四级", "Level IV")),
)
_NO_LEVEL: Final = ("0", Text("终止", "None"))
REPORTS: Final = tuple(
    (str(i), Text(REPORT_NAMES[kind].zh, short))
    for i, (kind, short) in enumerate(zip(ReportKind, ("By phone", "In writing", "Follow-up", "Final"), strict=True), 1)
)
_KINDS: Final = tuple(ReportKind)

_FIELDS: Final = (
    Ask(name="title", title=Text("何事", "What"), must=True, hint=Text("如：管道漏气", "e.g. gas leak")),
    Ask(name="area", title=Text("区域", "Area"), kind="area", hint=Text("名称或拼音首字母", "name or its start")),
    Ask(name="place", title=Text("地点", "Place"), hint=Text("路口、小区、单位", "crossing, estate, firm")),
    Ask(name="reported_by", title=Text("报告人", "Reported by"), hint=Text("姓名、电话", "name, phone")),
    Ask(name="nature", title=Text("性质", "Nature"), kind="nature"),
    Ask(name="verified_by", title=Text("核实人", "Verified by"), kind="person"),
    Ask(name="grade", title=Text("等级", "Grade"), kind="choice", choices=GRADES),
    Ask(name="leader", title=Text("现场负责人", "Leader on scene"), kind="person"),
    Ask(
        name="casualties",
        title=Text("伤亡情况", "Casualties"),
        kind="casualties",
        hint=Text("死 伤 失联，如 0 2 0", "dead hurt missing: 0 2 0"),
    ),
    Ask(name="cause", title=Text("原因", "Cause")),
    Ask(name="measures", title=Text("已采取措施", "Measures taken")),
    Ask(name="lessons", title=Text("改进事项", "Lessons")),
    Ask(name="response_level", title=Text("响应级别", "Response level"), kind="choice", choices=LEVELS),
    Ask(name="report", title=Text("报告种类", "Report"), kind="choice", choices=REPORTS),
    Ask(name="to", title=Text("报送单位", "Sent to"), hint=Text("如：市应急局值班室", "e.g. city duty room")),
    Ask(name="text", title=Text("内容", "Text")),
    Ask(name="reason", title=Text("理由", "Reason")),
)
FIELDS: Final = {ask.name: ask for ask in _FIELDS}
_VALUES: Final = {
    "incident.grade": (Text("等级", "Grade"), GRADES),
    "incident.colour": (Text("预警颜色", "Warning colour"), COLOURS),
    "incident.level": (Text("响应级别", "Response level"), (*LEVELS, _NO_LEVEL)),
}
REPORT: Final = ("title", "area", "place", "reported_by", "nature", "verified_by", "grade")
_ALSO: Final = {
    "incident.verify": ("reported_by",),
    "incident.respond": (),
    "incident.send": ("text",),
    "incident.grade": ("reason",),
    "incident.colour": ("reason",),
    "incident.level": ("reason",),
}
"""What may be said with an act besides what it asks."""


def report_form() -> tuple[Ask, ...]:
    """The fields of a report that comes by phone; the grade leads on to verifying and grading."""
    return tuple(FIELDS[name] for name in REPORT)


def form_of(act: PossibleAct) -> tuple[Ask, ...]:
    """The fields of an act: exactly what it asks, then what may be said with it, then a reason where it needs one."""
    made = [_field(act.name, name, must=True) for name in act.asks]
    made += [_field(act.name, name, must=False) for name in _ALSO.get(act.name, ()) if name not in act.asks]
    if act.reason or act.lacks:
        made = [ask for ask in made if ask.name != "reason"]
        made.append(_field(act.name, "reason", must=act.reason))
    return tuple(made)


def _field(act: str, name: str, *, must: bool) -> Ask:
    if name == "value":
        title, choices = _VALUES.get(act, (Text("数值", "Value"), GRADES))
        return Ask(name="value", title=title, kind="choice", choices=choices, must=must)
    known = FIELDS.get(name) or Ask(name=name, title=Text(name))
    return Ask(
        name=name, title=known.title, kind=known.kind, must=must, hint=known.hint, choices=known.choices
    )  # fmt: skip


# ---------------------------------------------------------------- what is not there yet


def casualties_of(text: str) -> list[int] | None:
    """Dead, hurt, missing as three whole numbers, None where it is anything else."""
    numbers = re.findall(r"\d+", text)
    clean = re.fullmatch(r"[\s,，、/]*".join([""] + [r"\d+"] * 3 + [""]), text)
    return [int(n) for n in numbers] if len(numbers) == 3 and clean else None


def lacking(fields: tuple[Ask, ...], act: PossibleAct | None, values: Values) -> tuple[Text, ...]:
    """What has to be filled in before it can be saved, in the order of the form.

    An act that lacks something (closing) may be done all the same where a reason is given.
    """
    given = {name for name, value in values.items() if value.strip()}
    if act is not None and act.lacks:
        return () if "reason" in given else still_lacking(act, values)
    missing = [ask.title for ask in fields if ask.must and ask.name not in given]
    if "grade" in given and act is None:
        # a grade is given to what was verified: the rule asks these first
        missing += [FIELDS[name].title for name in ("place", "nature", "verified_by") if name not in given]
    return tuple(missing)


def still_lacking(act: PossibleAct, values: Values) -> tuple[Text, ...]:
    """Of what an act lacks, what the form does not say either: what it asks stands first in `lacks`, in order."""
    filled = {i for i, name in enumerate(act.asks) if values.get(name, "").strip()}
    return tuple(text for i, text in enumerate(act.lacks) if i not in filled)


def wrong(fields: tuple[Ask, ...], values: Values) -> Text | None:
    """What cannot be understood of what was typed, with what is expected; None where all can."""
    for ask in fields:
        value = values.get(ask.name, "").strip()
        if ask.kind == "casualties" and value and casualties_of(value) is None:
            return Text(
                f"伤亡“{value}”：应为死、伤、失联三个数，如 0 2 0",
                f"casualties '{value}': expected three numbers, dead hurt missing, such as 0 2 0",
            )
    return None


def arguments_of(values: Mapping[str, str]) -> dict[str, Any]:
    """The intent's arguments from what stands in the fields; what is empty is not said."""
    made: dict[str, Any] = {}
    for name, raw in values.items():
        value = raw.strip()
        if not value:
            continue
        if name in ("value", "grade", "response_level"):
            made[name] = int(value)
        elif name == "casualties":
            made[name] = casualties_of(value)
        elif name == "report":
            made[name] = _KINDS[int(value) - 1].value
        else:
            made[name] = value
    return made


def begun(act: str, record: IncidentRecord) -> Values:
    """What a form begins with: the report that is most pressing, to whom the last one went."""
    if act != "incident.send":
        return {}
    made: Values = {}
    if record.owed:
        made["report"] = str(_KINDS.index(record.owed[0].kind) + 1)
    if record.reports:
        made["to"] = record.reports[-1].to
    return made
