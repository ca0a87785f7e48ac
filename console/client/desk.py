"""What one console sees: link, replicas and media behind one face, live always, a replay beside it; no panel, no Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from console.api import (
    LIVE,
    Access,
    ActStanding,
    Answer,
    Area,
    Enrolment,
    Entity,
    Feed,
    Freshness,
    Latest,
    LinkError,
    LinkStatus,
    Notice,
    RefusedError,
    Roster,
    Selector,
    Severity,
    Text,
)
from console.client.access import Presence
from console.client.acts import Acts
from console.client.capture import PREFIX as CAPTURE
from console.client.interests import Asked
from console.client.link import Link
from console.client.media import Media
from console.client.outside import WayOut
from console.client.replay import Replay
from console.client.replica import Replica
from console.client.trouble import Trouble
from console.client.view import Drained, View
from console.client.walls import PREFIX, Walls
from console.tasks import Tasks
from console.wire.frames import Intent, ReplayState

E = TypeVar("E", bound=Entity)
REPLAY_ENDED = "replay.ended"
LINK_TROUBLE = "link.trouble"


class Desk:
    """Read and asked directly it is live, for alarm strip, bars and sound; `view` is what the tiles show.

    `on_notices`: called when the node's notices changed; `on_notice`: told what this desk itself has to say, `on_clear`
    the key of what no longer holds; `on_access`: called when `access` changed.

    Args:
        state: the folder in which unsent acts outlive this console; None: they do not.
    """

    def __init__(
        self,
        tasks: Tasks,
        *,
        role: str = "desk",
        media: Media | None = None,
        link: Any = None,
        state: Path | None = None,
    ) -> None:
        self._tasks, self._wall = tasks, role == "wall"
        self.replica = Replica()
        self.link: Link = link if link is not None else Link(self.replica, tasks, self._link_changed, role=role)
        self.link.on_replay = self._replayed
        self.media = media if media is not None else Media(tasks, lambda: int(self.link.status.offset_ms * 1e6))
        self.outside = WayOut(state, self.media)
        self._actor = ""
        self.presence = Presence(self.link, lambda: self.live.entities(Area), self._access_changed)
        self.link.on_access = self.presence.take
        self.live = View(self.link, self.replica, LIVE, lambda: self.now_ns)
        self.view = self.live
        self.replay: Replay | None = None
        self._opening: Replay | None = None
        self._tiles: dict[object, Asked] = {}
        self._changed = True
        self._was_up = False
        self._cut_ns = 0
        self.on_notices: Callable[[], None] | None = None
        self.on_notice: Callable[[Notice], None] | None = None
        self.on_clear: Callable[[str], None] | None = None
        self.on_access: Callable[[], None] | None = None
        self.acts = Acts(
            self._send_act,
            lambda: self.link.status,
            state,
            on_change=self.replica.touch,
            on_notice=self._say,
            on_clear=self._unsay,
        )
        self.link.on_answer = self.acts.answered
        self.link.on_trouble = self._troubled
        self.walls = Walls(self.link, tasks, lambda: self.now_ns)
        """What this console watches of walls, and says as a machine of one."""

    def _send_act(self, intent: Intent) -> None:
        self.link.send_act(intent)

    def _say(self, notice: Notice) -> None:
        if self.on_notice is not None:
            self.on_notice(notice)

    def _unsay(self, key: str) -> None:
        if self.on_clear is not None:
            self.on_clear(key)

    @property
    def actor(self) -> str:
        """Who acts at this desk."""
        return self._actor

    @actor.setter
    def actor(self, actor: str) -> None:
        self._actor = actor
        self.acts.as_(actor)

    @property
    def waiting(self) -> int:
        """Acts that no node has answered for good."""
        return self.acts.waiting

    @property
    def now_ns(self) -> int:
        """Node time, UTC ns, as this console estimates it."""
        return time.time_ns() + int(self.link.status.offset_ms * 1e6)

    @property
    def status(self) -> LinkStatus:
        """The link's state with the live streams' counts."""
        return self.live.status

    def _troubled(self, trouble: Trouble | None) -> None:
        """Why the node is not reached over a network, until it is."""
        if trouble is None:
            self._unsay(LINK_TROUBLE)
            return
        if self._wall and trouble.refused:
            self.presence.shut_out(trouble.summary)
        severity = Severity.ERROR if trouble.refused else Severity.WARNING
        summary, detail, tip = trouble.summary, trouble.detail, trouble.tip
        self._say(Notice(key=LINK_TROUBLE, severity=severity, summary=summary, detail=detail, tip=tip))

    def _link_changed(self) -> None:
        up = self.link.status.up
        if self._wall and not up and (said := self.link.status.refusal).zh:
            self.presence.shut_out(Text(f"节点：{said.zh}", said.en))
        if up != self._was_up:
            self._was_up = up
            self._changed = True
            self._replay_follows(up)
            if up:
                self.acts.up()
                self.walls.up()
            else:
                self.acts.down()
                self.walls.down()
        if self.replica.notices_changed and self.on_notices is not None:
            self.replica.notices_changed = False
            self.on_notices()

    # ------------------------------------------------------------------ interest

    def watch(self, owner: object, *selectors: Selector, strategy: str = "latest") -> None:
        """Feed `owner` live samples, whatever the tiles show; replaces what it was fed."""
        self.live.interests.take({owner: (selectors, strategy)})

    def interest(self, owner: object, *selectors: Selector, strategy: str = "latest") -> None:
        """Feed the tile `owner` samples of what the tiles show, now and after each switch; replaces what it was fed."""
        self._tiles[owner] = (selectors, strategy)
        self.view.interests.take({owner: (selectors, strategy)})

    def release(self, owner: object) -> None:
        """End an owner's interest."""
        self._tiles.pop(owner, None)
        self.live.interests.drop([owner])
        if self.view is not self.live:
            self.view.interests.drop([owner])

    # ------------------------------------------------------------------ replay

    async def open_replay(self, at_ns: int, group: str = "") -> None:
        """Have all tiles show the past from `at_ns` on (0: where the group stands), in place of what they show.

        Args:
            group: the short name of a replay to be shared; "" begins one of our own.

        Raises LinkError, or RefusedError with the node's words; the tiles then go on as they were.
        """
        replay = Replay(self.link, group, self._clock_of_replays)
        if self.replay is not None and self.replay.group == replay.group:
            return
        self._opening = replay
        try:
            await replay.open(at_ns)
        finally:
            self._opening = None
        before, self.replay = self.replay, replay
        self._show(replay.view)
        if before is not None:
            self._end(before)

    def leave_replay(self) -> None:
        """Back to live, at once."""
        replay, self.replay = self.replay, None
        if replay is not None:
            self._show(self.live)
            self._end(replay)

    def _show(self, view: View) -> None:
        """Move the tiles: first they are fed anew, then the old feeds end."""
        before, self.view = self.view, view
        view.interests.take(self._tiles)
        before.interests.drop(self._tiles)
        view.seeked = True

    def _end(self, replay: Replay) -> None:
        replay.close()
        if self.link.status.up:
            self._tasks.start("replay.close", _quietly(replay), owner=self)

    def _replayed(self, state: ReplayState) -> None:
        """The node says how a replay stands."""
        for replay in (self._opening, self.replay):
            if replay is not None and state.context == replay.context:
                if state.closed:
                    self._ended(replay, Text("回放已由节点结束", "The node has ended the replay"), "")
                else:
                    replay.take(state)

    def _ended(self, replay: Replay, why: Text, detail: str) -> None:
        if replay is not self.replay:
            return
        self.leave_replay()
        tip = Text("各窗格已回到实时；按 R 再开", "All tiles are live again; press R to begin anew")
        self._say(Notice(key=REPLAY_ENDED, severity=Severity.WARNING, summary=why, detail=detail, tip=tip))

    def _clock_of_replays(self) -> int:
        """The node's clock, standing still while the link is cut."""
        return self.now_ns if self.link.status.up else self._cut_ns or self.now_ns

    def _replay_follows(self, up: bool) -> None:
        """A cut stops a replay where it stands; when the link is back it is opened again there."""
        self._cut_ns = 0 if up else self.now_ns
        if self.replay is None:
            return
        if up:
            self._tasks.start("replay.resume", self._resume(self.replay), owner=self)
        else:
            self.replay.cut()

    async def _resume(self, replay: Replay) -> None:
        try:
            await replay.resume()
        except LinkError:
            return  # cut again: the next time it is up brings us here
        except RefusedError as error:
            why = Text("链路恢复后回放无法继续", "The replay could not go on after the link was cut")
            self._ended(replay, why, str(error))

    # ------------------------------------------------------------------ reading, live

    def drain(self) -> tuple[Drained, Drained]:
        """All that changed since the last drain: (live, in what the tiles show), the same where that is live."""
        self.link.ticked()
        self.acts.tick()
        changed, self._changed = self._changed, False
        live = self.live.drain(changed)
        return live, live if self.view is self.live else self.view.drain(changed)

    def entities(self, cls: type[E]) -> Mapping[str, E]:
        """All entities of the class, by id; a live view."""
        return self.live.entities(cls)

    def latest(self, ids: Sequence[str]) -> Latest:
        """The last sample of each id."""
        return self.live.latest(ids)

    def freshness(self, id_: str) -> Freshness:
        """How a sensor's last value stands now."""
        return self.live.freshness(id_)

    def notices(self) -> list[Notice]:
        """The node's notices."""
        return list(self.replica.notices.values())

    # ------------------------------------------------------------------ asking

    async def fetch(self, sha256: str) -> bytes:
        """A file by content hash."""
        return await self.link.fetch(sha256)

    async def attach(self, content: bytes) -> str:
        """Have the node keep a file; its sha256, once it is on the node's disk."""
        return await self.link.attach(content)

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        """A person's act on what is live now: on disk before it is sent; PENDING while the link is down; see `Acts`."""
        heads = self.replica.heads(name.partition(".")[0], entity)
        return await self.acts.do(name, entity, arguments, heads)

    def act(self, entity: str) -> ActStanding | None:
        """How the last act on an entity stands."""
        return self.acts.of(entity)

    # ------------------------------------------------------------------ who is logged in

    @property
    def access(self) -> Access:
        """Who is logged in here, and what they may; the same value until something of it changes."""
        return self.presence.access

    def may(self, action: str, area: str = "") -> bool:
        """Whether the node would let this person act in the area, "" anywhere; to enable a control."""
        return self.presence.may(action, area)

    def _access_changed(self, before: Access) -> None:
        access = self.access
        if before.person != access.person:  # what one was shown is not for the next
            self.leave_replay()
            self.replica.forget()
            self.live.seeked = self._changed = True
        if access.person and not access.change_next and not access.local:
            self.actor = access.person
        self.walls.up()  # what may be seen is others now
        if self.on_access is not None:
            self.on_access()

    async def login(self, name: str, password: str, code: str = "") -> Text:
        """Log in; Text("") when it worked, else what to say."""
        return await self.presence.login(name, password, code)

    async def first_administrator(self, code: str, site: str, name: str, person_name: Text, password: str) -> Text:
        """Make the first administrator by the code that the node printed, and log in; "" when it worked."""
        return await self.presence.first_administrator(code, site, name, person_name, password)

    def lock(self) -> None:
        """Lock the screen now."""
        self.presence.lock()

    async def unlock(self, password: str, code: str = "") -> Text:
        """The same person again; "" when it worked."""
        return await self.presence.unlock(password, code)

    def logout(self) -> None:
        """The person leaves: the link begins anew, with nobody."""
        self.presence.logout()

    async def change_password(self, old: str, new: str, code: str = "") -> Text:
        """The person's own; their other sessions end; "" when it worked."""
        return await self.presence.change_password(old, new, code)

    @property
    def retry_s(self) -> float:
        """Seconds until another try to log in is of use, as the node said of the last one; 0 at once."""
        return self.presence.retry_s

    async def begin_factor(self, password: str) -> Enrolment | Text:
        """Begin a second factor of one's own: what an authenticator is to be given, once; else why not."""
        return await self.presence.begin_factor(password)

    async def confirm_factor(self, code: str) -> Text:
        """Put in force what was begun, by a code from the authenticator; other sessions end; "" when it worked."""
        return await self.presence.confirm_factor(code)

    async def end_factor(self, password: str, code: str) -> Text:
        """Turn one's own second factor off; "" when it worked."""
        return await self.presence.end_factor(password, code)

    async def break_glass(self, reason: str) -> Text:
        """Wide rights in the own areas for a while, for a reason in words; "" when it worked."""
        return await self.presence.break_glass(reason)

    def mend_glass(self) -> None:
        """It is not needed any more."""
        self.presence.mend_glass()

    def acted(self) -> None:
        """The person touched key or pointer: call it as often as that happens."""
        self.presence.acted()

    async def roster(self) -> Roster:
        """People and roles. Raises LinkError, RefusedError."""
        return await self.presence.roster()

    async def reveal(self, ref: str) -> dict[str, str]:
        """Personal data of an entity, by field; audited. Raises LinkError, RefusedError naming the rule."""
        return await self.presence.reveal(ref)

    async def administer(self, act: str, **arguments: Any) -> Text:
        """Change people or roles; Text("") when it is in force. Raises LinkError."""
        return await self.presence.administer(act, arguments)

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        """A camera's live pictures, the address asked anew at each connection; or of a wall's screen, "wall:…"."""
        if camera_id.startswith(PREFIX):
            return self.walls.feed(camera_id)
        if camera_id.startswith(CAPTURE):
            return self.outside.feed(camera_id, stream)
        return self.media.feed(camera_id, stream, lambda: self.link.ticket(camera_id, stream))

    async def close(self) -> None:
        """End the decode workers."""
        self.walls.close()
        await self.media.close()
        self.acts.close()


async def _quietly(replay: Replay) -> None:
    try:
        await replay.say_closed()
    except (LinkError, RefusedError):
        return  # then the node ends it with the connection
