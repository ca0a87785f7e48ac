"""Who may put a scene on a wall 大屏控制权, as pure rules: asked for, handed over, taken over; knows no screen."""

from __future__ import annotations

from console.api import RefusedError


def may_take(actor: str, controller: str) -> None:
    """Ask before `actor` changes what a wall shows, which `controller` has ("" nobody). Raises RefusedError."""
    if controller and actor != controller:
        raise RefusedError(
            f"wall rule: {controller} controls this wall; ask for it, or take it over with a reason",
            zh=f"大屏规则：由 {controller} 控制；请申请控制权，或填写理由接管",
        )


def may_ask(actor: str, controller: str) -> None:
    """Ask before `actor` asks for control. Raises RefusedError."""
    if controller == actor:
        raise RefusedError(f"wall rule: {actor} controls this wall already", zh=f"大屏规则：{actor} 已在控制此大屏")
    if not controller:
        raise RefusedError(
            "wall rule: nobody controls this wall; put a scene on it", zh="大屏规则：无人控制此大屏；可直接上屏"
        )


def may_give(actor: str, controller: str, to: str) -> None:
    """Ask before control goes from `actor` to `to`, "" to nobody. Raises RefusedError."""
    if actor != controller:
        raise RefusedError(
            f"wall rule: {controller or 'nobody'} controls this wall; found {actor}",
            zh=f"大屏规则：控制权在 {controller or '无人'}；现为 {actor}",
        )
    if to == controller:
        raise RefusedError(f"wall rule: {to} controls it already", zh=f"大屏规则：{to} 已在控制")


def may_seize(actor: str, controller: str, reason: str) -> None:
    """Ask before `actor` takes control from who has it without being given it. Raises RefusedError."""
    if controller == actor:
        raise RefusedError(f"wall rule: {actor} controls this wall already", zh=f"大屏规则：{actor} 已在控制此大屏")
    if not reason.strip():
        raise RefusedError("wall rule: taking a wall over needs a reason", zh="大屏规则：接管控制权须填写理由")


def may_present(actor: str, controller: str, presenter: str) -> None:
    """Ask before `actor` points and draws on a wall where `presenter` does ("" nobody). Raises RefusedError."""
    may_take(actor, controller)
    if presenter and presenter != actor:
        raise RefusedError(
            f"wall rule: {presenter} presents on this wall",
            zh=f"大屏规则：{presenter} 正在此大屏演示",
        )
