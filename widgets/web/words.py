"""What the web tile says, in both languages: pure functions; no Qt, no page."""

from __future__ import annotations

from collections.abc import Mapping

from console.api import Allowed, Text

HOW: str = "docs/howto/outside-sources.md"


def unset(allowed: Allowed) -> tuple[Text, ...]:
    """No address is set: what to do, and what could be shown."""
    return (
        Text("未设网址", "No page is set"),
        Text('在布局文件中为此窗格写 url = "https://…"', 'Write url = "https://…" for this tile in its layout'),
        listed(allowed),
    )


def listed(allowed: Allowed) -> Text:
    """What the list lets through, and where it lies."""
    if allowed.trouble.zh:
        return allowed.trouble
    names = "、".join(bare(origin) for origin in allowed.web[:6])
    more = f" (+{len(allowed.web) - 6})" if len(allowed.web) > 6 else ""
    if not names:
        return Text(f"{allowed.file} 未放行任何网站", f"{allowed.file} allows no site")
    return Text(f"已放行：{names}{more}", f"Allowed: {names.replace('、', ', ')}{more}")


def bare(origin: str) -> str:
    """An origin without the port that everybody knows."""
    for scheme, port in (("https://", ":443"), ("http://", ":80")):
        if origin.startswith(scheme):
            return origin.removesuffix(port)
    return origin


def refused(found: str, allowed: Allowed) -> tuple[Text, ...]:
    """An address is not on the list: what was found, what is allowed, where to allow it."""
    return (
        Text("此网址未被放行，没有打开", "This address is not allowed and was not opened"),
        Text(f"网址：{found}", f"Found: {found}"),
        listed(allowed),
        Text(
            f"放行：在 {allowed.file} 的 web 中加入其来源（协议://主机:端口），见 {HOW}",
            f"To allow it add its origin (scheme://name:port) to web in {allowed.file}; see {HOW}",
        ),
    )


def bad(found: str, why: str) -> tuple[Text, ...]:
    """What stands in the layout is no address that could be opened."""
    return (
        Text("网址不可用", "The address cannot be used"),
        Text(f"布局中写的是：{found[:200]}", f"In the layout: {found[:200]}"),
        Text(why, why),
        Text("应为 https://主机/…，不带用户名和口令", "Expected https://name/…, without user name and password"),
    )


def uncertain(found: str, why: str) -> tuple[Text, ...]:
    """The site's certificate is not believed."""
    return (
        Text("网站证书不可信，没有打开", "The site's certificate is not believed; not opened"),
        Text(f"网址：{found}", f"Found: {found}"),
        Text(f"原因：{why}", f"Why: {why}"),
        Text(
            f"本单位自签的网站：把签发机构证书写入 outside.toml 的 authority，见 {HOW}",
            f"For sites of your own authority name its certificate as authority in outside.toml; see {HOW}",
        ),
    )


def login(found: str) -> tuple[Text, ...]:
    """The site wants name and password."""
    return (
        Text("网站要求登录，没有打开", "The site asks for a log-in; not opened"),
        Text(f"网址：{found}", f"Found: {found}"),
        Text(
            "大屏与窗格不保存口令：请使用无需登录的只读页面",
            "Tiles keep no passwords: use a page for reading that asks for none",
        ),
    )


def failed(found: str, why: Text) -> tuple[Text, ...]:
    """It could not be loaded."""
    return (Text("网页打不开", "The page cannot be loaded"), Text(f"{found}：{why.zh}", f"{found}: {why.of('en')}"))


def died(why: str) -> tuple[Text, ...]:
    """The page's process ended."""
    return (Text("网页进程中断", "The page's process ended"), Text(why, why))


NO_NAME = Text("找不到该主机名", "no machine of that name is found")
NO_ROUTE = Text("连不上（离线或被拒绝）", "cannot be reached (off line, or refused)")
SLOW = Text("超时没有答复", "no answer in time")
BROKEN = Text("答复无法识别", "its answer cannot be understood")


def status(code: int) -> Text:
    """What the site answered instead of a page."""
    return Text(f"网站答复 {code}", f"the site answered {code}")


def turned_away(refused_by_origin: Mapping[str, int]) -> Text:
    """What a page asked for and did not get, the most wanted first."""
    ranked = sorted(refused_by_origin.items(), key=lambda row: (-row[1], row[0]))
    names = "、".join(f"{origin} ×{count}" for origin, count in ranked[:3])
    more = f" (+{len(ranked) - 3})" if len(ranked) > 3 else ""
    return Text(f"未放行，没有装入：{names}{more}", f"Not allowed, not loaded: {names.replace('、', ', ')}{more}")
