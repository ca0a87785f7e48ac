"""How acts are called where a line speaks of one; knows no panel."""

from __future__ import annotations

from typing import Final

from console.api import Text

TITLES: Final = {
    "alarm.acknowledge": Text("确认报警", "Acknowledge alarm"),
    "incident.report": Text("报告事件", "Report incident"),
    "incident.tell": Text("事件记录", "Record on incident"),
    "incident.verify": Text("核实事件", "Verify incident"),
    "incident.grade": Text("事件定级", "Grade incident"),
    "incident.colour": Text("调整预警颜色", "Set warning colour"),
    "incident.level": Text("调整响应级别", "Set response level"),
    "incident.respond": Text("启动响应", "Begin response"),
    "incident.control": Text("确认控制", "Incident under control"),
    "incident.worsen": Text("事件再次失控", "Incident out of control again"),
    "incident.close": Text("结束事件", "Close incident"),
    "incident.dismiss": Text("判为误报", "Dismiss as false report"),
    "incident.review": Text("事件复盘", "Review incident"),
    "incident.reopen": Text("重新打开事件", "Reopen incident"),
    "incident.send": Text("登记报送", "Record a report as sent"),
    "hazard.find": Text("登记隐患", "Record hazard"),
    "hazard.tell": Text("隐患记录", "Record on hazard"),
    "hazard.assess": Text("评估隐患", "Assess hazard"),
    "hazard.assign": Text("交办隐患", "Assign hazard"),
    "hazard.mend": Text("报告隐患已整改", "Hazard mended"),
    "hazard.pass": Text("隐患复查合格", "Hazard passed inspection"),
    "hazard.fail": Text("隐患复查不合格", "Hazard failed inspection"),
    "hazard.close": Text("隐患销号", "Close hazard"),
    "hazard.reopen": Text("重新打开隐患", "Reopen hazard"),
    "hazard.dismiss": Text("排除隐患", "Dismiss hazard"),
    "shift.start": Text("上岗", "Start shift"),
    "shift.log": Text("值班记录", "Shift log"),
    "shift.draft": Text("填写交接记录", "Write handover"),
    "shift.sign_off": Text("交班签字", "Sign off"),
    "shift.take": Text("接班签字", "Take over"),
    "shift.object": Text("对交接提出异议", "Object to handover"),
    "wall.take": Text("大屏上屏", "Put scene on the wall"),
    "wall.back": Text("大屏回到上一场景", "Wall back to the scene before"),
    "wall.ask": Text("申请大屏控制权", "Ask for control of the wall"),
    "wall.give": Text("移交大屏控制权", "Hand over the wall"),
    "wall.seize": Text("接管大屏", "Take over the wall"),
    "wall.rule": Text("设定大屏自动上屏规则", "Set a rule of the wall"),
    "wall.rule_off": Text("取消大屏自动上屏规则", "Take a rule of the wall off"),
}
