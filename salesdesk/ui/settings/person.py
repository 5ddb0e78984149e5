"""One person: every field edited in place, absences, leaving and coming back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from salesdesk.services import absences, handing, people, pins
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.settings.cells import Choice, Entry, trash
from salesdesk.ui.settings.handing import HandingOver, still_theirs
from salesdesk.ui.settings.section import Row, Rows, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.kinds import ChoiceKind, DateKind, TextKind
from salesdesk.ui.widgets.labels import Card, ElidedLabel, SectionLabel, label, line
from salesdesk.ui.widgets.popup import Option

if TYPE_CHECKING:
    from salesdesk.ui.settings.people import PeopleSection, Staff

_WIDTH = 300


class PersonCard(Card):
    """The person chosen in the list."""

    def __init__(self, section: "PeopleSection") -> None:
        super().__init__("")
        self.section = section
        self.person: people.Person | None = None
        self.person_id: int | None = None
        self.setObjectName("settings-person-card")
        self.setFixedWidth(_WIDTH)
        self.title_line = ElidedLabel("", "strong")
        self.body.addWidget(self.title_line)
        self.rows: dict[str, FieldRow] = {}
        for key, text, kind in self._fields():
            row = FieldRow(text, kind, f"settings-person-{key}")
            row.committed.connect(lambda value, key=key: self._change(key, value))
            self.rows[key] = row
            self.body.addWidget(row)
        self.leave = Button("", "settings-person-leave", "plain", self._on_leave)
        self.unpin = Button(tr("Remove PIN"), "settings-person-unpin", "plain", self._on_unpin)
        self.body.addWidget(line())
        self.body.addWidget(SectionLabel(tr("Absences")))
        self.away = Rows(lambda _item: _AbsenceRow(self))
        self.body.addWidget(self.away)
        self.new = _NewAbsence(self)
        self.body.addWidget(self.new)
        self.body.addWidget(line())
        self.handing = HandingOver(section)
        self.body.addWidget(self.handing)
        self.body.addWidget(inline(self.leave, self.unpin, 1))

    def _fields(self) -> list[tuple[str, str, Any]]:
        today = self.section.today
        yes_no = (Option(True, tr("Yes")), Option(False, tr("No")))
        return [
            ("name", trp("person", "Name"), TextKind(True, 120)),
            ("role", tr("Role"), ChoiceKind(lambda: [
                Option(role, people.role_name(role)) for role in people.ROLES])),
            ("team_id", tr("Team"), ChoiceKind(self._teams)),
            ("supervisor_id", tr("Supervisor"), ChoiceKind(self._supervisors)),
            ("in_ranking", tr("In the ranking"), ChoiceKind(lambda: yes_no)),
            ("email", tr("E-mail"), TextKind(False, 120)),
            ("phone", tr("Phone"), TextKind(False, 60)),
            ("first_day", tr("First day"), DateKind(today)),
            ("last_day", tr("Last day"), DateKind(today)),
        ]  # fmt: skip

    def _teams(self) -> Sequence[Option]:
        return [Option(None, "—"), *(Option(t.id, t.name) for t in self.section.staff.teams)]

    def _supervisors(self) -> Sequence[Option]:
        staff = self.section.staff
        others = [p for p in staff.people if p.id != self.person_id and not staff.gone(p)]
        return [Option(None, tr("Lead of the team")), *(Option(p.id, p.name) for p in others)]

    def show_person(self, person: people.Person | None, staff: "Staff") -> None:
        """Show someone; the same person keeps what is being typed."""
        self.setVisible(person is not None)
        if person is None:
            self.person = self.person_id = None
            return
        if person.id != self.person_id:
            for row in self.rows.values():
                row.cancel()
                row.show_problem("")
        self.person, self.person_id = person, person.id
        self.title_line.set_text(person.name)
        for key, row in self.rows.items():
            row.set_value(getattr(person, key))
        self.leave.set_text(_leaving(person, staff))
        self._show_unpin()
        self.handing.show_person(person, staff)
        mine = [each for each in staff.absences if each.person_id == person.id]
        self.away.set_items([(each.id, (each, staff.name_of(each.substitute_id)))
                             for each in mine])  # fmt: skip
        self.new.set_people([p for p in staff.people if p.id != person.id and not staff.gone(p)])

    def _show_unpin(self) -> None:
        """A forgotten PIN is removed by an administrator, the own one by oneself."""
        context, key = self.section.context, self.person_id
        may = key is not None and (key == context.person_id or context.may("people"))
        self.unpin.setVisible(may and key is not None and context.ask(pins.has_pin, key))

    def _on_unpin(self) -> None:
        if self.person is not None:
            said = tr("{name} has no PIN any more", name=self.person.name)
            self.section.do(pins.remove_pin, self.person.id, say=said,
                            done=lambda _command: self._show_unpin())  # fmt: skip

    def begin(self) -> None:
        """Edit the name."""
        self.rows["name"].edit()

    def set_allowed(self, may: bool) -> None:
        """Offer or only show the fields."""
        for row in self.rows.values():
            row.set_editable(may)
        self.handing.setEnabled(may)
        self.leave.setVisible(may)
        self._show_unpin()
        role = self.section.context.role
        for widget in (self.away, self.new):
            widget.setEnabled(may or role == "team_lead")

    def _change(self, field: str, value: Any) -> None:
        if self.person is None:
            return
        said = tr("{name} changed", name=self.person.name)
        row = self.rows[field]
        row.show_problem("")

        def failed_at(error: Exception) -> bool:
            self.section.refresh(anyway=True)
            text = getattr(error, "text", None)
            row.show_problem(text() if callable(text) else str(error))
            return True

        self.section.context.write(
            people.change_person, self.person.id, {field: value}, say=lambda _saved: said,
            failed=failed_at,
        )  # fmt: skip

    def _on_leave(self) -> None:
        if self.person is None:
            return
        name = self.person.name
        if self.section.staff.gone(self.person) or self.person.last_day is not None:
            self.section.do(people.restore_person, self.person.id,
                            say=tr("{name} works here again", name=name))  # fmt: skip
        else:
            left = self.section.context.ask(handing.left_with, self.person.id)
            said = tr("{name} leaves; what they did stays", name=name)
            self.section.do(people.remove_person, self.person.id,
                            say=f"{said}. {still_theirs(left)}" if any(left) else said)  # fmt: skip


def _leaving(person: people.Person, staff: "Staff") -> str:
    """What the button of leaving does next."""
    if staff.gone(person):
        return tr("Works here again")
    return tr("Leaves today") if person.last_day is None else tr("Stays after all")


class _AbsenceRow(Row):
    def __init__(self, owner: PersonCard) -> None:
        super().__init__("settings-absence", line_below=False)
        self.cells.setContentsMargins(0, 0, 0, 0)
        self.owner = owner
        self.text = ElidedLabel()
        self.add(self.text, 1)
        self.add(trash("settings-absence-remove", tr("Remove the absence"), self._on_remove))

    def fill(self, item: Any) -> None:
        away, substitute = item
        self.absence: absences.Absence = away
        days = f"{formats.day_short(away.first_day)} – {formats.day(away.last_day)}"
        self.text.set_text(f"{days} · {substitute}" if substitute else days)

    def _on_remove(self) -> None:
        self.owner.section.do(absences.remove_absence, self.absence.id, say=tr("Absence removed"))


class _NewAbsence(QWidget):
    """Two days, maybe a substitute, and a button."""

    def __init__(self, owner: PersonCard) -> None:
        super().__init__()
        from PySide6.QtWidgets import QVBoxLayout

        self.owner = owner
        kind = DateKind(owner.section.today)
        self.first = Entry(kind, "settings-absence-first", tr("First day away"), 0, "inline")
        self.last = Entry(kind, "settings-absence-last", tr("Last day away"), 0, "inline")
        self.first.setPlaceholderText(tr("From"))
        self.last.setPlaceholderText(tr("Until"))
        self.substitute = Choice("settings-absence-substitute", tr("Substitute"), 170, "plain")
        self.button = Button(tr("Add"), "settings-absence-add", "link", self._on_add)
        self.wrong = label("", "problem", wrap=True)
        self.wrong.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(inline(self.first, label("–", "muted"), self.last))
        column.addWidget(inline(self.substitute, self.button, 1))
        column.addWidget(self.wrong)

    def set_people(self, others: Sequence[people.Person]) -> None:
        """Who may stand in."""
        options: list[tuple[Any, str]] = [(None, tr("Nobody stands in"))]
        self.substitute.set_options(
            [*options, *((each.id, each.name) for each in others)], tr("Substitute")
        )

    def _on_add(self) -> None:
        both = self.first.commit() and self.last.commit()
        first, last = self.first.value(), self.last.value()
        if not both or first is None or last is None or self.owner.person_id is None:
            self._say(tr("Give the first and the last day away."))
            return
        if last < first:
            self._say(tr("An absence cannot end before it begins."))
            return
        self._say("")
        self.owner.section.do(
            absences.add_absence, self.owner.person_id, first, last, self.substitute.value,
            say=tr("Absence added"), done=self._on_added,
        )  # fmt: skip

    def _on_added(self, _saved: Any) -> None:
        for field in (self.first, self.last):
            field.set_value(None)

    def _say(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))
