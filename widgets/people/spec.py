"""People and roles as a declaration, with the commands it carries out; Qt-free."""

from __future__ import annotations

from typing import Final

from console.api import CommandSpec, PanelSpec, Text, Value

GROUP: Final = Text("人员", "People")
PUT: Final = "people.add"
EDIT: Final = "people.change"
ACCOUNT: Final = "people.account"
PASSWORD: Final = "people.password"
FACTOR: Final = "people.factor_off"
REVOKE: Final = "people.revoke"
FIND: Final = "people.find"
ROLES: Final = "people.roles"


class PeopleSettings(Value, frozen=True):
    """`read_every_s`: so often the list is read anew while it is seen."""

    read_every_s: float = 30.0


COMMANDS: Final = (
    CommandSpec(id=FIND, title=Text("查找人员", "Find a person"), group=GROUP),
    CommandSpec(id=ROLES, title=Text("人员或角色", "People or roles"), group=GROUP),
    CommandSpec(id=PUT, title=Text("新增人员", "Add a person"), group=GROUP),
    CommandSpec(id=EDIT, title=Text("修改人员", "Change a person"), group=GROUP),
    CommandSpec(id=ACCOUNT, title=Text("开通账号", "Give an account"), group=GROUP),
    CommandSpec(id=PASSWORD, title=Text("重设密码", "Set a new password"), group=GROUP),
    CommandSpec(id=FACTOR, title=Text("停用二次验证", "Take the second factor off"), group=GROUP),
    CommandSpec(id=REVOKE, title=Text("吊销人员", "Revoke a person"), group=GROUP),
)

SPEC = PanelSpec(
    id="people",
    title=Text("人员与角色", "People and roles"),
    factory="widgets.people.panel:PeoplePanel",
    settings=PeopleSettings,
    live=True,
    commands=COMMANDS,
    help=Text(
        "谁在这里有账号、担任什么角色、能做什么；每次更改都进入审计。\n"
        "↑ ↓\t选一人\n"
        "Ins\t新增\n"
        "Del\t吊销\n"
        "Esc\t返回列表",
        "Who has an account here, in which roles, and what each may do; every change is audited.\n"
        "↑ ↓\tchoose a person\n"
        "Ins\tadd\n"
        "Del\trevoke\n"
        "Esc\tback to the list",
    ),
)
