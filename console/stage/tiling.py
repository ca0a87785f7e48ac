"""What a person does to the open layout: changes, undo, lock, working copies, named layouts; opens no window.

Part of the composition root, imported by console.app alone. A change is a function of `layouts.change`; the stage shows
what comes of it. Changes are kept at once as a working copy beside the layout, which stays as it was saved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from console.api import CommandSpec, Notice, RefusedError, Severity, Text, YilanError
from console.shell.session import Session
from console.stage.dragging import Dragging
from console.stage.hand import Hand
from console.stage.proposing import Proposing
from console.stage.stage import Stage
from layouts import change
from layouts.store import LayoutStore, id_of, read, written
from layouts.tree import Layout, Part

log = logging.getLogger(__name__)
LAYOUT: Final = Text("布局", "Layout")
UNDO_MOST: Final = 100
KEEP_MS: Final = 800
"""So long after the last change the working copy is written."""
NOTICE: Final = "layout.change"
Ask = Callable[[Text, str, Callable[[str], None]], None]
"""Asks the person for a name: title, what stands in the field, and who is told the name."""


class Tiling(QObject):
    """See the module.

    Args:
        ask: asks for a layout's name.
        choose: asks for a file: True to write one, the name proposed, and who is told the path.

    Signals:
        opened: another layout is open, or this one under another name: its id.
    """

    opened = Signal(object)

    def __init__(
        self,
        stage: Stage,
        session: Session,
        state: Path,
        ask: Ask,
        choose: Callable[[bool, str, Callable[[Path], None]], None],
    ) -> None:
        super().__init__()
        self._stage, self._session, self._ask, self._choose = stage, session, ask, choose
        self._working = LayoutStore(state / "layouts" / "working")
        self._past: list[Layout] = []
        self._future: list[Layout] = []
        self._unsaved = False
        self._keyed: list[str] = []
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(KEEP_MS)
        self._keeping.timeout.connect(self.keep)
        self.proposing = Proposing(stage, session)
        self.hand = Hand(stage, self.do)
        self._dragging = Dragging(stage, stage.torn, self._movable, self.do, self.hand.detach_at)
        stage.edited.connect(self._edited_by_hand)
        stage.docking.connect(lambda name: self.do(lambda layout: change.docked(layout, name)))
        stage.movable = lambda: not self.locked
        session.layout_title = self._title

    def close(self) -> None:
        """Write what is not written yet; part of the written shutdown, before the stage."""
        self.keep()
        self._dragging.let_go()
        self.hand.close()

    # ------------------------------------------------------------------ which layout

    @property
    def locked(self) -> bool:
        """Whether tiles stay where they are."""
        return self._stage.layout is not None and self._stage.layout.locked

    def _title(self) -> str:
        layout = self._stage.layout
        if layout is None:
            return "—"
        marks = "*" * self._unsaved + " ■" * layout.locked
        return layout.title.of(self._session.language.code) + marks

    def open(self, layout_id: str) -> bool:
        """Open a layout as it was left; what is wrong with it becomes a notice, and the present one stays."""
        self.keep()
        self._dragging.break_off()
        layout = self._left(layout_id)
        if layout is not None:
            self._stage.begin(layout)
            self._session.notices.clear("layout")
        elif not self._stage.open(layout_id):
            return False
        self._past.clear()
        self._future.clear()
        self._unsaved = layout is not None
        self.proposing.opened(layout_id)
        self.opened.emit(layout_id)
        return True

    def _left(self, layout_id: str) -> Layout | None:
        """The working copy of a layout; one that cannot be used is set aside, and said."""
        if layout_id not in self._working.own():
            return None
        try:
            return self._working.load(layout_id)
        except YilanError as error:
            log.warning("working copy of %s: %s", layout_id, error)
            summary = Text(
                f"布局 {layout_id} 的改动读不出，按保存的打开",
                f"Changes of layout {layout_id} cannot be read: as saved",
            )
            self._say(summary, str(error), Severity.WARNING)
            try:
                self._working.set_aside(layout_id)
            except OSError:
                log.exception("it cannot be set aside")
            return None

    # ------------------------------------------------------------------ change

    def do(self, how: Callable[[Layout], Layout]) -> bool:
        """Change the layout; a refusal becomes a notice, and False."""
        layout = self._stage.layout
        if layout is None:
            return False
        if self._refuses(layout):
            return False
        try:
            changed = how(layout)
        except RefusedError as error:
            self._say(Text("一块屏上最后的窗格留在原处", "The last tile of a screen stays"), str(error), Severity.INFO)
            return False
        if changed == layout:
            return False
        self._session.notices.clear(NOTICE)
        self._remember(layout)
        self._stage.show(changed)
        return True

    def take_in(self, part: Part) -> bool:
        """A tile as it stands elsewhere, on a wall, comes beside the largest tile; undo takes it away again."""
        placed = [
            (place.box.width * place.box.height, place.part.id, place.box.width >= place.box.height, one.mosaic)
            for one in self._stage.standing.values()
            for place in one.mosaic.stands.tiles
            if place.box is not None
        ]
        if not placed:
            return False
        _, beside, wide, mosaic = max(placed, key=lambda one: one[0])
        made: list[str] = []

        def how(layout: Layout) -> Layout:
            changed, id_ = change.taken_in(layout, beside, part, "right" if wide else "below")
            made.append(id_)
            return changed

        if not self.do(how):
            return False
        mosaic.bring(made[-1])
        return True

    def _refuses(self, layout: Layout) -> bool:
        """Whether it is locked, which is said."""
        if layout.locked:
            self._say(Text("布局已锁定", "The layout is locked"), "Ctrl+Shift+L", Severity.INFO)
        return layout.locked

    def _remember(self, before: Layout) -> None:
        self._past = [*self._past, before][-UNDO_MOST:]
        self._future.clear()
        self._unsaved = True
        self._keeping.start()

    def undo(self) -> None:
        """The layout before the last change."""
        self._back(self._past, self._future)

    def redo(self) -> None:
        """The layout after the change that was undone."""
        self._back(self._future, self._past)

    def _back(self, taken: list[Layout], given: list[Layout]) -> None:
        layout = self._stage.layout
        if layout is not None and taken and not self._refuses(layout):
            given.append(layout)
            # a tab may have been opened while it was locked: what is undone is that, not the unlocking since
            self._stage.show(msgspec.structs.replace(taken.pop(), locked=False))
            self._unsaved = True
            self._keeping.start()

    def _edited_by_hand(self, screen: str, tree: object) -> None:
        layout = self._stage.layout
        if layout is not None and isinstance(tree, Part):
            self._remember(layout)
            self._stage.show(change.with_tree(layout, screen, tree))

    # ------------------------------------------------------------------ save

    def keep(self) -> None:
        """Write the working copy; one that cannot be written is said, and kept on screen."""
        self._keeping.stop()
        layout = self._stage.bound()
        if layout is None or not self._unsaved:
            return
        try:
            self._working.save(layout)
        except (OSError, YilanError) as error:
            self._say(Text("布局的改动存不下", "Changes of the layout cannot be kept"), str(error), Severity.WARNING)

    def save(self) -> None:
        """The layout as it is now, under its name."""
        layout = self._stage.bound()
        if layout is not None:
            self._store(layout)

    def _store(self, layout: Layout) -> bool:
        try:
            self._stage.store.save(layout)
            self._working.drop(layout.id)
        except (OSError, YilanError) as error:
            self._say(Text("布局未保存", "The layout is not saved"), str(error), Severity.ERROR)
            return False
        self._as_saved()
        self.add_layouts()
        return True

    def _as_saved(self) -> None:
        self._unsaved = False
        self._keeping.stop()
        self._session.notices.clear(NOTICE)

    def save_as(self) -> None:
        """The layout as it is now, under another name."""
        layout = self._stage.bound()
        if layout is not None:
            title = layout.title.of(self._session.language.code)
            self._ask(Text("布局名称", "Name of the layout"), title, partial(self._save_under, layout))

    def _save_under(self, layout: Layout, name: str) -> None:
        name = name.strip()
        id_ = id_of(name)
        if not id_:
            self._say(Text("名称不能为空", "A layout needs a name"), repr(name), Severity.WARNING)
            return
        if id_ != layout.id and id_ in self._stage.store.ids():
            summary = Text(f"已有布局“{name}”，请换一个名称", f"There is a layout {name}: choose another name")
            self._say(summary, id_, Severity.WARNING)
            return
        named = partial(change.titled, id_=id_, title=Text(name))
        if not self._store(named(layout)):
            return
        # tiles go on as they are: only the name of what they stand in is another
        self._stage.show(named(layout))
        self._past, self._future = [*map(named, self._past)], [*map(named, self._future)]
        self._forget(layout.id)
        self.opened.emit(id_)

    def _forget(self, layout_id: str) -> None:
        """The layout is as it was saved from now on."""
        try:
            self._working.drop(layout_id)
        except OSError:  # it is as it was left then, which is said by its star
            log.exception("working copy of %s", layout_id)

    def reset(self) -> None:
        """The layout as it was saved; what was changed since can be had again by undo."""
        layout = self._stage.layout
        if layout is None:
            return
        try:
            saved = self._stage.store.load(layout.id)
        except YilanError as error:
            self._say(Text("布局读不出", "The layout cannot be read"), str(error), Severity.ERROR)
            return
        self._remember(layout)
        self._stage.show(saved)
        self._as_saved()
        self._forget(layout.id)

    def ship(self) -> None:
        """Forget the own form of a shipped layout, and show it as it came."""
        layout = self._stage.layout
        if layout is None:
            return
        if not self._stage.store.is_shipped(layout.id):
            summary = Text("此布局是自建的，没有出厂布局", "This layout is your own: it was not shipped")
            self._say(summary, layout.id, Severity.INFO)
            return
        try:
            self._stage.store.drop(layout.id)
        except OSError as error:
            self._say(Text("布局未恢复", "The layout is not as shipped"), str(error), Severity.ERROR)
            return
        self.reset()

    def lock(self) -> None:
        """Tiles stay where they are, or may be moved again."""
        layout = self._stage.layout
        if layout is not None:
            self._unsaved = True
            self._keeping.start()
            self._stage.show(msgspec.structs.replace(layout, locked=not layout.locked))
            self._session.notices.clear(NOTICE)

    def export(self) -> None:
        """Write the layout into a file of the person's choice."""
        layout = self._stage.bound()
        if layout is not None:
            self._choose(True, f"{layout.id}.toml", partial(self._export_to, layout))

    def _export_to(self, layout: Layout, file: Path) -> None:
        try:
            file.write_text(written(layout), encoding="utf-8")
        except OSError as error:
            self._say(
                Text("布局未导出", "The layout is not exported"), f"{file.name}: {error.strerror}", Severity.ERROR
            )

    def bring_in(self) -> None:
        """Take a layout from a file, under its own name or a free one like it."""
        self._choose(False, "", self._import_from)

    def _import_from(self, file: Path) -> None:
        try:
            layout = read(file)
            taken = self._stage.store.ids()
            names = (layout.id, *(f"{layout.id}-{n}" for n in range(2, len(taken) + 3)))
            free = next(name for name in names if name not in taken)
            self._stage.store.save(msgspec.structs.replace(layout, id=free))
        except (OSError, YilanError) as error:
            self._say(Text("布局未导入", "The layout is not imported"), str(error), Severity.ERROR)
            return
        self.add_layouts()
        self.open(free)

    def _say(self, summary: Text, detail: str, severity: Severity) -> None:
        self._session.notices.raise_(Notice(key=NOTICE, severity=severity, summary=summary, detail=detail))

    def leave(self) -> bool:
        """Break a drag off, else give a tile that fills its window its place back; False where there is neither."""
        return self._dragging.break_off() or self._stage.leave_full_screen()

    def _movable(self) -> bool:
        return not self.locked and not self._is_wall()

    def _is_wall(self) -> bool:
        return self._stage.layout is not None and self._stage.layout.role == "wall"

    # ------------------------------------------------------------------ layouts that can be opened

    def add_layouts(self, keyed: Sequence[str] = ()) -> None:
        """A command for each layout that has none yet, `keyed` first; those that are meant for a grade are proposed."""
        self._keyed += keyed
        known = {command.spec.id for command in self._session.commands.all()}
        graded: list[Layout] = []
        for id_ in self._stage.store.ids():
            try:
                layout = self._stage.store.load(id_)
            except YilanError as error:
                log.warning("layout %s: %s", id_, error)
                continue
            if layout.grade:
                graded.append(layout)
            if layout.role == "wall" and id_ not in self._keyed:
                continue  # a scene is previewed (console.walls.directing); four bare windows would lie over this desk
            if f"layout.{id_}" not in known:
                if id_ not in self._keyed and id_ in self._stage.store.own():
                    self._keyed.append(id_)
                number = self._keyed.index(id_) + 1 if id_ in self._keyed else 0
                keys = f"Ctrl+{number}" if 0 < number <= 9 else ""
                named = Text(f"布局 {layout.title.zh}", f"Layout {layout.title.of('en')}")
                spec = CommandSpec(id=f"layout.{id_}", title=named, keys=keys, group=LAYOUT)
                self._session.commands.add(spec, partial(self.open, id_))
        self.proposing.offer(graded)
