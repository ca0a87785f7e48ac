"""Opens the forms of acts, sends what was filled in, keeps drafts and what waits; for a panel that shows incidents."""

from __future__ import annotations

import contextlib
import time
import uuid
from typing import Any, Final

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from console.api import (
    ActStanding,
    Answer,
    Host,
    Incident,
    IncidentPhase,
    IncidentRecord,
    IntentState,
    PossibleAct,
    Text,
    Value,
    YilanError,
)
from widgets.incidents import asks, prefill, words
from widgets.incidents.asks import Ask, Values
from widgets.incidents.filling import Filling
from widgets.incidents.form import Form
from widgets.incidents.personal import Personal
from widgets.incidents.spec import REVEAL, WORDS
from widgets.kit.acts import failure_words
from widgets.kit.body import PanelBody
from widgets.kit.tokens import look

REPORT: Final = "incident.report"
ACTIONS: Final = {
    "incident.report": "incident.report",
    "incident.tell": "incident.report",
    "incident.colour": "incident.grade",
    "incident.level": "incident.respond",
    "incident.worsen": "incident.control",
    "incident.dismiss": "incident.close",
    "incident.send": "incident.send_report",
}
"""What a person has to be allowed for an act, where it is not called like the act."""
FORWARD: Final = {
    IncidentPhase.REPORTED: "incident.verify",
    IncidentPhase.VERIFIED: "incident.grade",
    IncidentPhase.GRADED: "incident.respond",
    IncidentPhase.RESPONDING: "incident.control",
    IncidentPhase.CONTROLLED: "incident.close",
    IncidentPhase.CLOSED: "incident.review",
}
"""The act that leads on from each phase."""
DRAFTS: Final = 16
LEAST_PX: Final = 400
"""A window narrower than this is a popup, and no place for a form."""


def action_of(act: str) -> str:
    """What a person has to be allowed to do an act."""
    return ACTIONS.get(act, act)


class Unsent(Value, frozen=True, kw_only=True):
    """A report done here that the node has not taken yet; `state` how it stands."""

    id: str
    values: dict[str, str]
    unseen: dict[str, Any]
    state: IntentState = IntentState.PENDING
    reason: str = ""


class Acting(QObject):
    """See the module. One form at a time; what was typed into it and not sent is a draft until it is discarded.

    Signals:
        changed: nothing; drafts, or what waits to be sent, are others now.
    """

    changed = Signal()

    def __init__(self, panel: PanelBody[Any]) -> None:
        super().__init__(panel)
        self._panel = panel
        self.personal = Personal(panel)
        self.personal.changed.connect(self.changed)
        self.form: Form | None = None
        self.drafts: dict[str, Values] = {}
        self.unsent: dict[str, Unsent] = {}
        self._key = ""
        self._filling = Filling(panel.host)
        self._before: Incident | None = None
        self._had_keys: QWidget | None = None
        self._said, self._said_ns = Text(""), 0
        look.changed.connect(self._restyle)

    @property
    def _host(self) -> Host:
        return self._panel.host

    def close(self) -> None:
        """Take the form away; its draft goes along."""
        look.changed.disconnect(self._restyle)
        self._end_form()

    def _restyle(self, _tokens: object) -> None:
        if self.form is not None:
            self.form.restyle()

    # ------------------------------------------------------------------ which form

    def possible(self, incident: Incident, record: IncidentRecord | None) -> list[PossibleAct]:
        """What may be done here: by the rules, and by this person as far as is known."""
        if self._host.role == "wall":
            return []
        if record is None:
            adopt = PossibleAct(name=REPORT)
            return [adopt] if not incident.closed_ns and self._may(REPORT, incident.area) else []
        return [act for act in record.possible if self._may(act.name, incident.area)]

    def _may(self, act: str, area: str) -> bool:
        return self._host.may(action_of(act), area)

    def new(self) -> None:
        """A report that comes now: what is selected fills in what it can."""
        host = self._host
        if host.role == "wall":
            return
        values, unseen = prefill.from_selection(host)
        values = {**values, "area": values.get("area") or self._filling.own_area()}
        self._filling.guessed = {"nature": values.get("nature", ""), "area": values["area"]}
        key = f"{REPORT}:"
        id_ = uuid.uuid4().hex
        values = {**values, **self.drafts.get(key, {})}
        head = words.translate("IncidentForm", "New incident")
        about = words.translate("IncidentForm", "by phone; the node numbers it")
        if unseen.get("alarm"):
            about = words.translate("IncidentForm", "from the alarm selected")
        if key in self.drafts:
            about = words.translate("IncidentForm", "draft, not saved yet")
        self._open(key, REPORT, id_, head, about, asks.report_form(), values, unseen)

    def again(self, id_: str) -> None:
        """What was refused, as it was filled in."""
        unsent = self.unsent.get(id_)
        if unsent is not None and unsent.state is not IntentState.PENDING:
            head = words.translate("IncidentForm", "New incident")
            self._open(f"{REPORT}:{id_}", REPORT, id_, head, "", asks.report_form(), unsent.values, unsent.unseen)
            if self.form is not None:
                self.form.stand(unsent.state, unsent.reason)

    def act(self, incident: Incident, record: IncidentRecord | None, name: str) -> bool:
        """Open the form of an act; False, and `said_after` why, where it is not possible, or the detail will say."""
        self.say(Text(""))
        if name == REVEAL:
            self.personal.ask(incident.id)
            return False
        found = next((act for act in self.possible(incident, record) if act.name == name), None)
        if record is None and found is None and name in ("incident.verify", REPORT):
            found = next(iter(self.possible(incident, record)), None)
        if found is None:
            word = WORDS.get(name, Text(name))
            if record is not None and any(act.name == name for act in record.possible):
                self.say(Text(f"您无权{word.zh}", f"{word.of('en')}: you may not"))
            else:
                self.say(Text(f"现在不能{word.zh}", f"{word.of('en')}: not possible now"))
            return False
        if found.name == REPORT:
            self._adopt(incident)
            return True
        language = self._host.language
        key = f"{name}:{incident.id}"
        values = {**asks.begun(name, record or IncidentRecord(id="")), **self.drafts.get(key, {})}
        fields = asks.form_of(found)
        about = f"{incident.number} {incident.title.of(language)}"
        self._before = incident
        head = WORDS.get(name, Text(name)).of(language)
        self._open(key, name, incident.id, head, about, fields, values, {}, found)
        return True

    def say(self, words: Text) -> None:
        """Why a command did nothing, "" where it did."""
        self._said, self._said_ns = words, time.time_ns()

    def said_after(self, standing: ActStanding | None) -> Text:
        """Why the last command did nothing; "" where it did, or where an act came to stand or still waits since."""
        waits = standing is not None and standing.state is IntentState.PENDING
        newer = standing is None or self._said_ns > standing.since_ns
        return self._said if newer and not waits else Text("")

    def _adopt(self, incident: Incident) -> None:
        """Take on what only a source tells of."""
        values = prefill.of_incident(self._host, incident)
        key = f"{REPORT}:{incident.id}"
        self._before = incident
        self._filling.guessed = {"nature": values.get("nature", "")}
        head = words.translate("IncidentForm", "Take on")
        about = words.translate("IncidentForm", "so far kept by its source")
        values = {**values, **self.drafts.get(key, {})}
        self._open(key, REPORT, incident.id, head, about, asks.report_form(), values, {})

    def _open(
        self, key: str, name: str, entity: str, head: str, about: str, fields: tuple[Ask, ...], values: Values,
        unseen: dict[str, Any], act: PossibleAct | None = None,
    ) -> None:  # fmt: skip
        host = self._host
        if self.form is not None:
            if self._key == key and not self.form.sending:
                self.form.begin()
                return
            self._leave(self.form.values())
        self._key = key
        self._had_keys = QApplication.focusWidget()
        # where the person is: the panel may stand on another screen
        active = QApplication.activeWindow()
        window = active if active is not None and active.width() >= LEAST_PX else self._panel.window()
        form = Form(
            window, self._panel.px, host.language, head, about, fields, act=act, finds=self._filling.finds(),
            follow=self._filling.follow if name == REPORT else None, least=host.target_px,
        )  # fmt: skip
        form.submitted.connect(lambda values: self._submit(key, name, entity, values, unseen))
        form.left.connect(self._leave)
        form.discarded.connect(self._discard)
        self.form = form
        form.place()
        form.fill(values)

    # ------------------------------------------------------------------ leaving

    def _leave(self, values: Values) -> None:
        if self.form is not None and not self.form.sending and values:
            self.drafts.pop(self._key, None)
            self.drafts[self._key] = dict(values)
            while len(self.drafts) > DRAFTS:
                del self.drafts[next(iter(self.drafts))]
        self._end_form()

    def _discard(self) -> None:
        self.drafts.pop(self._key, None)
        self.unsent.pop(self._key.partition(":")[2], None)
        self._end_form()

    def _end_form(self) -> None:
        form, self.form = self.form, None
        if form is not None and shiboken6.isValid(form):
            form.hide()
            form.deleteLater()
            had = self._had_keys
            back = had is not None and shiboken6.isValid(had) and had.isVisible() and not form.isAncestorOf(had)
            (had if back and had is not None else self._panel).setFocus(Qt.FocusReason.OtherFocusReason)
        self._had_keys = None
        self.changed.emit()

    # ------------------------------------------------------------------ sending

    def _submit(self, key: str, name: str, entity: str, values: Values, unseen: dict[str, Any]) -> None:
        form = self.form
        if form is not None:
            form.line.stand(IntentState.PENDING, reason=words.translate("IncidentForm", "waiting for the node"))
            form.fit()
        self._host.spawn(name, self._send(form, key, name, entity, values, unseen))

    async def _send(
        self, form: Form | None, key: str, name: str, entity: str, values: Values, unseen: dict[str, Any]
    ) -> None:
        try:
            answer = await self._host.intent(name, entity, **unseen, **asks.arguments_of(values))
        except YilanError as error:
            answer = Answer(id="", state=IntentState.REFUSED, reason=failure_words(error))
        reason = answer.reason.of(self._host.language)
        here = form is not None and form is self.form
        if answer.state in (IntentState.REFUSED, IntentState.CONFLICT):
            if here and form is not None:
                form.stand(answer.state, reason, self._versions(entity, answer))
            else:
                self.drafts[key] = dict(values)
        else:
            self._taken(key, name, entity, values, unseen, answer.state)
            if here:
                self._end_form()
        self.changed.emit()

    def _taken(
        self, key: str, name: str, entity: str, values: Values, unseen: dict[str, Any], state: IntentState
    ) -> None:
        self.drafts.pop(key, None)
        if name == REPORT:
            if state is IntentState.PENDING and entity not in self._host.entities(Incident):
                self.unsent[entity] = Unsent(id=entity, values=dict(values), unseen=unseen)
            else:
                self.unsent.pop(entity, None)
            self._host.select(f"incident:{entity}")

    def _versions(self, entity: str, answer: Answer) -> list[tuple[str, str, str]]:
        """What the two versions of a conflict say differently; where the answer bears none, what was seen and is."""
        if answer.state is not IntentState.CONFLICT:
            return []
        told = [version for version in answer.versions if isinstance(version, Incident)]
        now = told[-1] if told else self._host.entities(Incident).get(entity)
        seen = told[0] if len(told) > 1 else self._before
        return words.differences(self._host, seen, now) if seen is not None and now is not None else []

    def follow(self) -> None:
        """Look how what waits stands: what the node has taken is an incident now, what it refused is said."""
        known = self._host.entities(Incident)
        for id_, unsent in list(self.unsent.items()):
            standing = self._host.act(id_)
            waits = unsent.state is IntentState.PENDING
            if id_ in known or (waits and standing is None and self._host.link.up):
                # taken, also where that was while nobody looked; what was refused stays until it is done or discarded
                del self.unsent[id_]
            elif standing is not None and standing.state is not unsent.state:
                reason = standing.reason.of(self._host.language)
                self.unsent[id_] = Unsent(
                    id=id_, values=unsent.values, unseen=unsent.unseen, state=standing.state, reason=reason
                )

    def show(self, shown: bool) -> None:
        """The form is seen only where its panel is: another tab, or a lock over the tiles, hides both."""
        if not shown:
            self.personal.mask()
        if self.form is not None:
            self.form.setVisible(shown)
            if shown:
                self.form.raise_()
                self.form.begin()

    # ------------------------------------------------------------------ kept over restarts

    def kept(self) -> dict[str, Any]:
        """Drafts and what waits, with whose they are."""
        drafts = dict(self.drafts)
        if self.form is not None and self.form.values():
            drafts[self._key] = self.form.values()
        waiting = [[u.id, u.values, u.unseen, u.state.value, u.reason] for u in self.unsent.values()]
        if not drafts and not waiting:
            return {}
        return {"person": self._host.access.person, "drafts": drafts, "waiting": waiting}

    def restore(self, kept: object) -> None:
        """Take up one's own drafts again; another person's are not shown."""
        if not isinstance(kept, dict) or kept.get("person") != self._host.access.person:
            return
        drafts = kept.get("drafts")
        if isinstance(drafts, dict):
            self.drafts = {
                str(key): {str(n): str(v) for n, v in values.items()}
                for key, values in drafts.items()
                if isinstance(values, dict)
            }
        for raw in kept.get("waiting") or ():
            with contextlib.suppress(ValueError, TypeError):  # of another version
                id_, values, unseen, state, reason = raw
                self.unsent[id_] = Unsent(
                    id=id_, values=dict(values), unseen=dict(unseen), state=IntentState(state), reason=reason
                )
