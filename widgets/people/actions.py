"""What each action of a policy is called, and which of the three offices it makes; Qt-free.

The names are those of policies (`console.node.access.actions`); a test holds this table against them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.api import RosterRole, Text

NAMES: Final = {
    "view": Text("查看", "see"),
    "view_personal": Text("查看个人信息", "see personal data"),
    "acknowledge": Text("确认报警", "acknowledge alarms"),
    "shelve": Text("搁置报警", "shelve alarms"),
    "out_of_service": Text("停用传感器", "take sensors out of service"),
    "limits": Text("改限值", "change limits"),
    "incident.report": Text("接报事件", "take incident reports"),
    "incident.verify": Text("核实事件", "verify incidents"),
    "incident.grade": Text("事件定级", "grade incidents"),
    "incident.respond": Text("启动响应", "start the response"),
    "incident.control": Text("宣布受控", "declare under control"),
    "incident.close": Text("结束事件", "close incidents"),
    "incident.reopen": Text("重开事件", "reopen incidents"),
    "incident.review": Text("复盘事件", "review incidents"),
    "incident.send_report": Text("报送信息", "send reports up"),
    "hazard.find": Text("登记隐患", "register hazards"),
    "hazard.assign": Text("交办隐患", "assign hazards"),
    "hazard.mend": Text("整改隐患", "mend hazards"),
    "hazard.inspect": Text("复查隐患", "inspect hazards"),
    "order.issue": Text("下达指令", "issue orders"),
    "order.receipt": Text("签收指令", "receipt orders"),
    "order.cancel": Text("撤销指令", "cancel orders"),
    "authority.take": Text("接管主责", "take the authority"),
    "consult.open": Text("发起会商", "open consultations"),
    "consult.speak": Text("会商发言", "speak in consultations"),
    "consult.sign": Text("会商签署", "sign decisions"),
    "warning.issue": Text("发布预警", "issue warnings"),
    "handover": Text("值班与交接班", "shift and handover"),
    "camera.steer": Text("操控摄像机", "steer cameras"),
    "wall.take": Text("调度大屏", "direct the wall"),
    "wall.rule": Text("设定大屏自动上屏规则", "set rules of the wall"),
    "layout.edit": Text("编辑布局", "edit layouts"),
    "replay": Text("回放", "replay"),
    "export": Text("导出数据", "export data"),
    "break_glass": Text("破窗", "break the glass"),
    "people.edit": Text("管理人员与角色", "edit people and roles"),
    "people.revoke": Text("吊销人员", "revoke people"),
    "policy.sign": Text("签发策略", "sign the policy"),
    "audit.read": Text("查看审计", "read the audit"),
    "audit.export": Text("导出审计", "export the audit"),
    "system.sources": Text("管理数据源", "manage sources"),
    "system.plugins": Text("管理插件", "manage plugins"),
    "system.update": Text("升级系统", "update the system"),
    "system.backup": Text("备份", "back up"),
    "system.stop": Text("停止系统", "stop the system"),
}

OFFICES: Final = {
    "system": Text("系统管理员", "system administrator"),
    "security": Text("安全管理员", "security administrator"),
    "audit": Text("审计管理员", "audit administrator"),
}
OFFICE_OF: Final = {
    "people.edit": "security",
    "people.revoke": "security",
    "policy.sign": "security",
    "audit.read": "audit",
    "audit.export": "audit",
    "system.sources": "system",
    "system.plugins": "system",
    "system.update": "system",
    "system.backup": "system",
    "system.stop": "system",
}


def action_words(actions: Iterable[str], language: str) -> str:
    """Actions in words, in the order of the table; one that this version does not know by its own name."""
    given = set(actions)
    known = [NAMES[a].of(language) for a in NAMES if a in given]
    return ("、" if language == "zh" else ", ").join([*known, *sorted(given - set(NAMES))])


def offices(roles: Iterable[RosterRole]) -> list[str]:
    """The offices that somebody with these roles holds, in the order of the table."""
    held = {OFFICE_OF[a] for role in roles for a in role.allows if a in OFFICE_OF}
    return [office for office in OFFICES if office in held]
