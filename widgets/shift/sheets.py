"""The sheets of a shift: starting it, writing its handover, signing, taking, objecting, reading; they ask nobody."""

from __future__ import annotations

from typing import Any, Protocol

from console.api import HandoverPhase, HandoverRecord, Host, Person, Seat
from widgets.kit.buttons import Px
from widgets.kit.fields import LineField
from widgets.kit.finding import Name, find, pinyin
from widgets.kit.form import Shaded
from widgets.kit.sheet import Paper, Sheet, Tick
from widgets.kit.text import clock_text, when_text
from widgets.shift.words import end_of, matter_words, person_name, phase_words, ref_words, tr


class Filled(Protocol):
    """What a sheet comes to."""

    def __call__(self) -> dict[str, Any] | str:
        """The arguments of the intent, or in words what lacks."""
        ...


class Sheets:
    """Makes sheets for a seat; each comes with what its fields come to."""

    def __init__(self, host: Host, px: Px) -> None:
        self._host, self._px = host, px

    def _sheet(self, head: str, about: str, save: str) -> Sheet:
        return Sheet(self._px, head, about, save, tr("Back"), least=self._host.target_px)

    # ------------------------------------------------------------------ a shift

    def start(self, seat: Seat | None) -> tuple[Sheet, Filled]:
        """Sitting down: names of seat and shift, until when; over another with a reason."""
        holder = seat.officer if seat is not None else ""
        about = tr("The seat is yours from now on; every act here bears your name.")
        if holder:
            about = tr("{name} has the seat. The way is a handover; without one only with a reason, which is kept.")
            about = about.format(name=person_name(self._host, holder))
        sheet = self._sheet(tr("Start shift"), about, tr("Start"))
        name, shift, until, reason = (LineField(self._px) for _ in range(4))
        if seat is None or not seat.name.zh:
            sheet.add(tr("Seat"), name, must=True)
        shift.set_value(seat.shift.of(self._host.language) if seat is not None else "")
        sheet.add(tr("Shift"), shift)
        until.setPlaceholderText("08:00")
        until.set_value(clock_text(seat.end_ns, seconds=False) if seat is not None and seat.end_ns else "")
        sheet.add(tr("Until"), until)
        if holder:
            sheet.add(tr("Reason"), reason, must=True)
        sheet.finish()

        def filled() -> dict[str, Any] | str:
            end = end_of(until.value(), self._host.now_ns)
            if seat is None and not name.value():
                return tr("How is the seat called?")
            if end < 0:
                return tr("Until when? Hours and minutes, such as 08:00.")
            if holder and not reason.value():
                return tr("A reason is needed: {name} has the seat.").format(name=person_name(self._host, holder))
            told = {"seat": name.value(), "reason": reason.value(), **_named(shift, seat)}
            return {k: v for k, v in told.items() if v} | ({"end_ns": end} if end else {})

        return sheet, filled

    # ------------------------------------------------------------------ the handover

    def draft(self, seat: Seat) -> tuple[Sheet, Filled]:
        """To whom, the text, and which open matters it speaks of."""
        before = seat.handover
        about = tr("Tick each open matter that the text speaks of. What is not ticked needs a reason when you sign.")
        sheet = self._sheet(tr("Handover"), about, tr("Save handover"))
        if before is not None and before.objections:
            by, why = before.objections[-1]
            words = tr("{name} objected: {reason}").format(name=person_name(self._host, by), reason=why)
            sheet.say(words)
        names = [self._named(person) for person in self._host.entities(Person).values() if person.id != seat.officer]
        coming = LineField(self._px, lambda typed: find(names, typed), only=True)
        paper = Paper(self._px)
        if before is not None:
            coming.set_value(before.coming)
            paper.setPlainText(before.text)
        sheet.add(tr("To"), coming, must=True)
        sheet.add(tr("Text"), paper, must=True)
        ticks: dict[str, Tick] = {}
        count = tr("Open matters, {count}").format(count=len(seat.open)) if seat.open else tr("No open matters")
        sheet.add_wide(Shaded(count, self._px(12), "text2"))
        for ref in seat.open:
            words, beside = matter_words(self._host, ref)
            ticks[ref] = Tick(words, self._px, sheet.high, beside)
            ticks[ref].setChecked(before is not None and ref in before.mentioned)
            sheet.add_wide(ticks[ref])
        sheet.finish()

        def filled() -> dict[str, Any] | str:
            text = paper.toPlainText().strip()
            if not coming.value():
                return tr("Who takes the seat over?")
            if not text:
                return tr("What has the next officer to know?")
            return {"coming": coming.value(), "text": text, "mentioned": [r for r, t in ticks.items() if t.isChecked()]}

        return sheet, filled

    def sign_off(self, seat: Seat, record: HandoverRecord) -> tuple[Sheet, Filled]:
        """The first signature; what is not mentioned asks for a reason."""
        unsaid = [ref for ref in seat.open if ref not in record.mentioned]
        sheet = self._sheet(tr("Sign off"), phase_words(self._host, record), tr("Sign"))
        self._tell(sheet, record, unsaid)
        reason = LineField(self._px)
        if unsaid:
            sheet.add(tr("Reason"), reason, must=True)
        sheet.finish()

        def filled() -> dict[str, Any] | str:
            if unsaid and not reason.value():
                words = tr("{count} open matters are not mentioned: rewrite the handover, or give a reason.")
                return words.format(count=len(unsaid))
            return {"reason": reason.value()} if reason.value() else {}

        return sheet, filled

    def take(self, seat: Seat, record: HandoverRecord) -> tuple[Sheet, Filled]:
        """The second signature: what was written is read here first."""
        about = tr("{name} signed at {clock}. With your signature the seat is yours.")
        signed = when_text(record.signed_ns, self._host.now_ns)
        about = about.format(name=person_name(self._host, record.leaving), clock=signed)
        sheet = self._sheet(tr("Take over"), about, tr("Sign and take over"))
        self._tell(sheet, record, record.unsaid)
        shift, until = LineField(self._px), LineField(self._px)
        until.setPlaceholderText("08:00")
        sheet.add(tr("Shift"), shift)
        sheet.add(tr("Until"), until)
        sheet.finish()

        def filled() -> dict[str, Any] | str:
            end = end_of(until.value(), self._host.now_ns)
            if end < 0:
                return tr("Until when? Hours and minutes, such as 08:00.")
            return _named(shift, None) | ({"end_ns": end} if end else {})

        return sheet, filled

    def object_(self, record: HandoverRecord) -> tuple[Sheet, Filled]:
        """Not taken as it is written."""
        about = tr("It goes back to {name}, to be written anew.").format(name=person_name(self._host, record.leaving))
        sheet = self._sheet(tr("Object"), about, tr("Object"))
        self._tell(sheet, record, record.unsaid)
        reason = LineField(self._px)
        sheet.add(tr("Reason"), reason, must=True)
        sheet.finish()

        def filled() -> dict[str, Any] | str:
            return {"reason": reason.value()} if reason.value() else tr("What is wrong with it?")

        return sheet, filled

    def read(self, record: HandoverRecord) -> Sheet:
        """A handover as it was signed."""
        sheet = self._sheet(tr("Handover"), phase_words(self._host, record), "")
        self._tell(sheet, record, record.unsaid)
        sheet.finish()
        return sheet

    def _named(self, person: Person) -> Name:
        language = self._host.language
        roles = ("、" if language == "zh" else ", ").join(role.of(language) for role in person.roles)
        also = f"{person.id} {person.name.en} {person.name.zh} {pinyin(person.name.zh)[0]}"
        return Name(id=person.id, shown=person.name.of(language) or person.id, beside=roles, also=also)

    def _tell(self, sheet: Sheet, record: HandoverRecord, unsaid: Any) -> None:
        px, host = self._px, self._host
        sheet.add_wide(Shaded(record.text, px(14)))
        self._refs(sheet, tr("Mentioned"), record.mentioned)
        self._refs(sheet, tr("Not mentioned"), unsaid)
        if record.reason:
            sheet.add_wide(Shaded(tr("Reason: {reason}").format(reason=record.reason), px(13)))
        for by, why in record.objections:
            words = tr("{name} objected: {reason}").format(name=person_name(host, by), reason=why)
            sheet.add_wide(Shaded(words, px(13)))
        times = [(record.signed_ns, record.leaving)] if record.phase is not HandoverPhase.DRAFTED else []
        times += [(record.taken_ns, record.coming)] if record.phase is HandoverPhase.TAKEN else []
        for t_ns, by in times:
            clock = when_text(t_ns, host.now_ns)
            words = tr("Signed {clock} {name}").format(clock=clock, name=person_name(host, by))
            sheet.add_wide(Shaded(words, px(12), "text2"))

    def _refs(self, sheet: Sheet, head: str, refs: Any) -> None:
        if refs:
            sheet.add_wide(Shaded(head, self._px(12), "text2"))
            for ref in refs:
                sheet.add_wide(Shaded(ref_words(self._host, ref), self._px(13)))


def _named(shift: LineField, seat: Seat | None) -> dict[str, str]:
    """The shift's name as arguments, where it is another than before."""
    name = shift.value()
    if not name or (seat is not None and name in (seat.shift.zh, seat.shift.en)):
        return {}
    return {"name_zh": name}
