"""What the remote tile says, in both languages: pure functions; no Qt, no socket."""

from __future__ import annotations

from console.api import Allowed, Text

HOW = "docs/howto/outside-sources.md"


def unset(allowed: Allowed) -> tuple[Text, ...]:
    """No name is set."""
    return (
        Text("未设远程桌面", "No remote screen is set"),
        Text('在布局文件中为此窗格写 name = "…"', 'Write name = "…" for this tile in its layout'),
        listed(allowed),
    )


def connecting(name: str) -> tuple[Text, ...]:
    """Nothing of it was seen yet."""
    return Text("正在连接远程桌面", "Connecting to the remote screen"), Text(name)


def listed(allowed: Allowed) -> Text:
    """Which names the operator's list has."""
    if allowed.trouble.zh:
        return allowed.trouble
    if not allowed.remotes:
        return Text(f"{allowed.file} 未放行任何远程桌面", f"{allowed.file} allows no remote screen")
    names = allowed.remotes[:8]
    return Text(f"已放行：{'、'.join(names)}", f"Allowed: {', '.join(names)}")


def refused(name: str, allowed: Allowed) -> tuple[Text, ...]:
    """The name is not on the list."""
    return (
        Text("此远程桌面未被放行，没有连接", "This remote screen is not allowed; not connected"),
        Text(f"布局中写的是：{name}", f"In the layout: {name}"),
        listed(allowed),
        Text(
            f"放行：在 {allowed.file} 中加一段 [[remote]]（name、host、port），见 {HOW}",
            f"To allow it add [[remote]] (name, host, port) to {allowed.file}; see {HOW}",
        ),
    )


def lost(where: str, why: Text) -> tuple[Text, ...]:
    """The connection is over, or could not be made."""
    return (
        Text("远程桌面连不上", "The remote screen is not connected"),
        Text(f"{where}：{why.zh}", f"{where}: {why.of('en')}"),
    )


NO_PAGE = Text("缺少 noVNC：请重新运行 make setup", "noVNC is missing: run make setup again")
SLOW = Text("对方没有按 VNC 协议答复", "it does not speak VNC in time")
SILENT = Text("画面长时间没有更新", "its picture has not come for long")
PASSWORD = Text(
    "对方要求口令：在 outside.toml 中写 password_file 或 password_env",
    "it asks for a password: name password_file or password_env in outside.toml",
)
ACCOUNT = Text(
    "对方还要求用户名：在 outside.toml 中写 account", "it asks for a user name too: write account in outside.toml"
)


def security(reason: str) -> Text:
    """The other machine refused the log-in; its own words are cut and shown as words only."""
    said = f"（{reason}）" if reason else ""
    english = f" ({reason})" if reason else ""
    return Text(f"对方拒绝登录{said}", f"it refused the log-in{english}")


def broken(why: str) -> Text:
    """What came was no VNC, or a VNC that may not be believed."""
    if why.startswith(("Unsupported security", "server key")):
        return Text(f"对方要求的登录方式不受支持（{why}）", f"its ways to log in are not supported ({why})")
    if why.startswith("screen of"):
        return Text(f"对方的画面过大（{why}）", f"its screen is too large ({why})")
    return Text(f"对方送来的数据有误（{why}）", f"what it sends is not right ({why})")
