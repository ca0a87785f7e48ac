"""The incident list and an incident's detail as declarations, with the commands they carry out; Qt-free."""

from __future__ import annotations

from typing import Final

from console.api import CommandSpec, Notice, PanelSpec, Severity, Text, Value
from widgets.kit.subject import About

GROUP: Final = Text("事件", "Incidents")
NEW: Final = "incident.new"
SHOW: Final = "incident.show"
REVEAL: Final = "incident.reveal"
REVEAL_KEYS: Final = "Shift+F8"


class IncidentsSettings(Value, frozen=True):
    """`area`: only incidents of this area and below, and those of which nobody has said where, "" all.

    `closed`: how many closed ones stand beneath.

    `about` "subject", on a wall: the incident that the scene is about as a hall reads it, with its reports and last
    lines; where there is none the open ones, of a single one the same. At a desk the list stays a list.
    """

    area: str = ""
    closed: int = 2
    about: About = ""


class IncidentSettings(Value, frozen=True):
    """`incident`: the id of the one that is always shown; "": the selected one, else the gravest."""

    incident: str = ""


ACTS: Final[tuple[tuple[str, Text, str], ...]] = (
    ("incident.verify", Text("核实", "Verify"), "F3"),
    ("incident.grade", Text("定级", "Grade"), "F4"),
    ("incident.respond", Text("启动响应", "Respond"), "F5"),
    ("incident.control", Text("已控制", "Controlled"), "F6"),
    ("incident.send", Text("报送", "Send report"), "F7"),
    ("incident.tell", Text("续记", "Add note"), "F8"),
    ("incident.close", Text("结束", "Close"), "F9"),
    ("incident.review", Text("复盘", "Review"), "F12"),
    ("incident.colour", Text("预警颜色", "Warning colour"), "Shift+F4"),
    ("incident.level", Text("响应级别", "Response level"), "Shift+F5"),
    ("incident.worsen", Text("再次失控", "Worsened"), "Shift+F6"),
    ("incident.dismiss", Text("误报", "False report"), "Shift+F9"),
    ("incident.reopen", Text("重新打开", "Reopen"), "Shift+F12"),
)
"""Every act on an incident that is there: intent, word and key; a key is that of its act in every phase.

F1, F2, F10 and F11 are others': key card, the map's layers, menus, a tile enlarged."""
KEYS: Final = {name: keys for name, _, keys in ACTS}
WORDS: Final = {name: word for name, word, _ in ACTS} | {"incident.report": Text("接报", "Take report")}

COMMANDS: Final = (
    CommandSpec(id=NEW, title=Text("新建事件（接报）", "New incident"), keys="I", group=GROUP),
    CommandSpec(
        id=REVEAL, title=Text("事件：查看报告人", "Incident: show who reported"), keys=REVEAL_KEYS, group=GROUP
    ),
    CommandSpec(id=SHOW, title=Text("看事件详情", "Show incident"), group=GROUP),
    *(
        CommandSpec(id=name, title=Text(f"事件：{word.zh}", f"Incident: {word.of('en')}"), keys=keys, group=GROUP)
        for name, word, keys in ACTS
    ),
)

CHOOSE: Final = Notice(
    key="incident.choose",
    severity=Severity.INFO,
    summary=Text("没有选中的事件", "No incident is selected"),
    tip=Text(
        "先在列表、地图或报警中选一起，再按此键",
        "Select one in the list, on the map or by its alarm, then press the key",
    ),
)
"""What the key of an act says while there is nothing for it to act on."""

DETAIL = PanelSpec(
    id="incident",
    title=Text("事件详情", "Incident"),
    factory="widgets.incidents.detail:IncidentPanel",
    help=Text(
        "选中事件的阶段与下一步、等级、报送时限、情况与经过；能做的事在下方，各有按键。\n"
        "↑ ↓\t滚动\n···\t个人信息，Shift+F8 查看并留痕",
        "Phase and next step of the selected incident, its scales, reports owed, facts and course; what may be done "
        "stands beneath, each with its key.\n"
        "↑ ↓\tscroll\n···\tpersonal: Shift+F8 shows it, and that is audited",
    ),
    settings=IncidentSettings,
    commands=COMMANDS,
)
SPEC = PanelSpec(
    id="incidents",
    title=Text("事件", "Incidents"),
    factory="widgets.incidents.panel:IncidentsPanel",
    help=Text(
        "未结束的事件，最重的在上：等级、地点、响应、历时、下次报送、五步进展。\n"
        "↑ ↓\t选一起\nEnter\t看详情\n虚框 待送\t已存本机，尚未得到节点答复",
        "Open incidents, the gravest on top: grade, place, response, how long, next report, progress in five steps.\n"
        "↑ ↓\tchoose one\nEnter\tits detail\ndotted box\tkept on this machine, not answered by the node yet",
    ),
    settings=IncidentsSettings,
    commands=COMMANDS,
)
