"""Acts of a desk at a wall, who controls it too, and what the node answers; knows no preview and puts nothing together.

Part of the composition root, owned by console.walls.directing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from console.api import Answer, IntentState, Notice, Severity, Text, Wall, YilanError
from console.shell.session import Session
from console.walls.board import Ask
from console.walls.control import CONTROL, ControlNews

NOTICE: Final = "wall.act"


class Acting:
    """See the module.

    Args:
        ask: asks a person for a line of text.
        wall: the wall that is directed, and its id, "" none.
        news: is told what this desk does itself.
    """

    def __init__(
        self, session: Session, ask: Ask, wall: Callable[[], tuple[Wall | None, str]], news: ControlNews
    ) -> None:
        self._session, self._ask, self._wall, self._news = session, ask, wall, news

    def do(self, name: str, done: Callable[[], None] | None = None, /, *, at: str = "", **arguments: Any) -> None:
        """Do an act at the wall that is directed, or `at` another; `done`: called once it is so."""
        id_ = at or self._wall()[1]
        if id_:
            self._news.did(id_, name)
            self._session.tasks.start("wall.act", self._acted(name, id_, done, arguments))

    async def _acted(self, name: str, id_: str, done: Callable[[], None] | None, arguments: dict[str, Any]) -> None:
        try:
            answer: Answer = await self._session.intent(name, id_, **arguments)
        except YilanError as error:
            self.tell(Text("大屏操作未完成", "The wall was not changed"), str(error))
            return
        if answer.state in (IntentState.REFUSED, IntentState.CONFLICT):
            self.tell(answer.reason, id_)
        else:
            self._session.notices.clear(NOTICE)
            self._session.notices.clear(CONTROL)
            if done is not None:
                done()

    def tell(self, summary: Text, detail: str) -> None:
        """Say what cannot be done at a wall."""
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.WARNING, summary=summary, detail=detail))

    # ------------------------------------------------------------------ the scene before, and control

    def back(self) -> None:
        """The scene before the present one goes on the wall."""
        self.do("wall.back")

    def request(self) -> None:
        """Ask who controls the wall for it."""
        self.do("wall.ask")

    def give(self) -> None:
        """Hand the wall over to who asked first, else to nobody."""
        wall, _ = self._wall()
        self.do("wall.give", to=wall.asked[0] if wall is not None and wall.asked else "")

    def seize(self) -> None:
        """Take the wall over; a reason is asked for."""
        self._ask(Text("接管大屏的理由", "Why you take the wall over"), "", self._seize_for)

    def _seize_for(self, reason: str) -> None:
        self.do("wall.seize", reason=reason)
