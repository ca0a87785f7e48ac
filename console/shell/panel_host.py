"""What a panel is given: console.api's Host for one tile; knows nothing of any panel's inside and paints nothing."""

from __future__ import annotations

import enum
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeVar

from console.api import (
    LIVE,
    Access,
    ActStanding,
    Answer,
    Columns,
    Entity,
    Feed,
    Frame,
    Freshness,
    Header,
    IntentState,
    Latest,
    LinkStatus,
    Notice,
    Outside,
    RefusedError,
    Roster,
    Selector,
    Severity,
    Spanned,
    Text,
)
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.undone import undone

E_ = TypeVar("E_", bound=Entity)
FOCUS = "focus"
REPLAY_REFUSES = Notice(
    key="replay.refuses",
    severity=Severity.WARNING,
    summary=Text("回放中不能处置：窗格所示是过去", "Refused in a replay: the tiles show the past"),
    tip=Text(
        "按 L 回到实时再操作；报警条上的确认始终实时", "L goes back to live; acts in the alarm strip are always live"
    ),
)
"""Nothing that a person does to the past may have an effect now; what is in the alarm strip is live."""
SAMPLES_EVERY_S = 0.18
"""Frames that bring samples only come at most this often, which is every fourth turn of the pacer, five a second (a
little less than 0.2, as a timer may be early); selection and jumps come at once, entities before samples."""
LEAST_EVERY_S = 1.0
"""A panel gets a frame this often even where nothing changed: it may show what time it is."""


class Due(enum.IntEnum):
    """How much a panel wants a frame now."""

    NOT = 0
    SAMPLES = 1
    ENTITIES = 2
    AT_ONCE = 3


class PanelHost:
    """One per tile; it also gathers what changed until the tile is shown a frame.

    Args:
        on_header: told of every new header.
        on_error: told of an exception that a spawned task of the panel raised.
        is_visible: whether the tile can be seen now.
        on_focus: the panel wants to fill its window, or to go back to its place.
        live: the panel shows what is now, whatever the other tiles show.
        spanned: which part of a picture over several tiles is its.
        on_moved: a hand moved this part: the other ones are to follow.
        about: what the panel is to take for the selection; None: the console's.
    """

    def __init__(
        self,
        session: Session,
        style: ScreenStyle,
        *,
        on_header: Callable[[Header], None],
        on_error: Callable[[BaseException], None],
        is_visible: Callable[[], bool],
        on_focus: Callable[[], None],
        live: bool = False,
        spanned: Spanned | None = None,
        on_moved: Callable[[dict[str, Any]], None] = lambda _view: None,
        about: Callable[[], str] | None = None,
    ) -> None:
        self._session, self._spanned = session, spanned
        self._on_moved, self._about = on_moved, about
        self._live = live
        self._style = style
        self._on_header = on_header
        self._on_error = on_error
        self._is_visible = is_visible
        self._on_focus = on_focus
        self._feeds: list[Feed] = []
        self._sensors: set[str] = set()
        self._entities: set[str] = set()
        self._seeked = True
        self._subscribed: tuple[tuple[Selector, ...], str] | None = None
        self._selection_seen = ""
        self._link_changed = False
        self._framed_s = 0.0

    # ------------------------------------------------------------------ frames, for the tile

    def gather(self, drained: Drained) -> None:
        """Note what of a drain concerns this panel; cheap, also for tiles that nobody sees."""
        if drained.sensors:
            self._sensors |= self._session.desk.view.matches(self) & drained.sensors
        self._entities |= drained.entities
        self._seeked |= drained.seeked
        self._link_changed |= drained.link_changed

    def forget(self) -> None:
        """The next frame says `seeked`: everything is to be painted anew."""
        self._seeked = True

    def span(self, spanned: Spanned | None) -> None:
        """From now on it is this part of a picture over several tiles; its panel is told by a frame."""
        self._spanned = spanned
        self.forget()

    @property
    def framed_s(self) -> float:
        """When the last frame was made, monotonic seconds; 0 before the first."""
        return self._framed_s

    def due(self, now_s: float) -> Due:
        """How much a frame is wanted at this monotonic second."""
        if self._seeked or self._link_changed or self.selection != self._selection_seen:
            return Due.AT_ONCE
        if self._entities:
            return Due.ENTITIES
        waited = now_s - self._framed_s
        return Due.SAMPLES if waited >= (SAMPLES_EVERY_S if self._sensors else LEAST_EVERY_S) else Due.NOT

    def frame(self, now_s: float) -> Frame:
        """A frame of all that was gathered, which is then forgotten."""
        selection = self.selection
        moved = selection != self._selection_seen
        made = Frame(
            now_ns=self.now_ns,
            context=self.context,
            seeked=self._seeked,
            sensors=frozenset(self._sensors),
            entities=frozenset(self._entities),
            link=Freshness.LIVE if self.link.up else Freshness.DISCONNECTED,
            selection_changed=moved or self._seeked,
        )
        self._sensors.clear()
        self._entities.clear()
        self._seeked = self._link_changed = False
        self._selection_seen = selection
        self._framed_s = now_s
        return made

    def close(self) -> None:
        """End the panel's subscriptions, feeds and tasks."""
        self._session.desk.release(self)
        self._session.tasks.cancel(self)
        for feed in self._feeds:
            feed.close()
        self._feeds.clear()

    # ------------------------------------------------------------------ console.api.Host

    @property
    def language(self) -> str:
        return self._session.language.code

    @property
    def text_px(self) -> float:
        return self._style.text_px

    @property
    def role(self) -> Literal["desk", "wall", "vehicle"]:
        return self._style.role

    @property
    def target_px(self) -> float:
        return self._style.target_px

    @property
    def spanned(self) -> Spanned | None:
        return self._spanned

    def moved(self, view: dict[str, Any]) -> None:
        self._on_moved(view)

    @property
    def visible(self) -> bool:
        return self._is_visible()

    @property
    def context(self) -> str:
        return LIVE if self._live else self._session.desk.view.context

    @property
    def now_ns(self) -> int:
        return self._session.desk.now_ns if self._live else self._session.desk.view.now_ns

    @property
    def link(self) -> LinkStatus:
        return self._session.link if self._live else self._session.view_link

    @property
    def selection(self) -> str:
        return self._session.selection if self._about is None else self._about()

    def select(self, ref: str) -> None:
        self._session.select(ref)

    def subscribe(self, *selectors: Selector, strategy: Literal["latest", "every"] = "latest") -> None:
        if (selectors, strategy) == self._subscribed:
            return  # a panel that asks again when a frame says `seeked` must not get the next one for it
        self._subscribed = (selectors, strategy)
        self._session.desk.interest(self, *selectors, strategy=strategy)
        self._seeked = True

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        return self._session.desk.entities(cls) if self._live else self._session.desk.view.entities(cls)

    def latest(self, ids: Sequence[str]) -> Latest:
        return self._session.desk.view.latest(ids)

    def freshness(self, sensor_id: str) -> Freshness:
        return self._session.desk.view.freshness(sensor_id)

    def window(self, sensor_id: str, start_ns: int, end_ns: int) -> Columns:
        return self._session.desk.view.window(sensor_id, start_ns, end_ns)

    def gaps(self, sensor_id: str) -> Sequence[tuple[int, int]]:
        return self._session.desk.view.gaps(sensor_id)

    async def query(self, sensor_id: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        return await self._session.desk.view.query(sensor_id, start_ns, end_ns, max_points)

    async def fetch(self, sha256: str) -> bytes:
        return await self._session.desk.fetch(sha256)

    async def attach(self, content: bytes) -> str:
        return await self._session.desk.attach(content)

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        if self._session.replaying:
            self._session.notices.raise_(REPLAY_REFUSES)
            return Answer(id="", state=IntentState.REFUSED, reason=REPLAY_REFUSES.summary)
        self._session.notices.clear(REPLAY_REFUSES.key)
        answer = await self._session.intent(name, entity, **arguments)
        if not self._is_visible() and (notice := undone(name, entity, answer)) is not None:
            self._session.notices.raise_(notice)  # the tile that would say it is not in sight
        return answer

    def act(self, entity: str) -> ActStanding | None:
        return None if self._session.replaying else self._session.desk.act(entity)

    @property
    def access(self) -> Access:
        return self._session.desk.access

    def may(self, action: str, area: str = "") -> bool:
        return self._session.desk.may(action, area)

    async def roster(self) -> Roster:
        return await self._session.desk.roster()

    async def reveal(self, ref: str) -> dict[str, str]:
        if self._session.replaying:
            raise RefusedError("rule: personal data are never shown in a replay", zh="规则：回放中不查看个人信息")
        return await self._session.desk.reveal(ref)

    async def administer(self, act: str, **arguments: Any) -> Text:
        return await self._session.desk.administer(act, **arguments)

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        made = self._session.desk.feed(camera_id, stream)
        self._feeds.append(made)
        return made

    @property
    def outside(self) -> Outside:
        return self._session.desk.outside

    def command(self, command_id: str) -> None:
        if command_id == FOCUS:
            # the command acts on the tile with the keyboard's focus; a panel that asks means itself
            self._on_focus()
        else:
            self._session.commands.run(command_id)

    def header(self, header: Header) -> None:
        self._on_header(header)

    def notice(self, notice: Notice) -> None:
        self._session.notices.raise_(notice)

    def clear_notice(self, key: str) -> None:
        self._session.notices.clear(key)

    def notices(self) -> Sequence[Notice]:
        return self._session.notices.all()

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        task = self._session.tasks.start(name, self._watched(work), owner=self)
        # a task that is cancelled before its first step never gets to await the work
        task.add_done_callback(lambda _task: work.close())

    async def _watched(self, work: Coroutine[Any, Any, Any]) -> None:
        # cancellation passes; anything else becomes the tile's card, not the supervisor's notice
        try:
            await work
        except Exception as error:
            self._on_error(error)
