"""What someone who leaves still has to do, and who takes it over."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.services import handing
from salesdesk.services.people import Person
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.settings.cells import Choice
from salesdesk.ui.settings.section import inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label

if TYPE_CHECKING:
    from salesdesk.ui.settings.people import PeopleSection, Staff

_CHOICE_WIDTH = 150


def still_theirs(left: handing.Left) -> str:
    """``Still theirs: 12 open deals, 3 open tasks``."""
    parts = []
    if left.deals:
        parts.append(ntr("{n} open deal", "{n} open deals", left.deals))
    if left.tasks:
        parts.append(ntr("{n} open task", "{n} open tasks", left.tasks))
    return tr("Still theirs: {things}", things=", ".join(parts))


class HandingOver(QWidget):
    """There only while someone who leaves has something to hand over."""

    def __init__(self, section: "PeopleSection") -> None:
        super().__init__()
        self._section = section
        self._person: Person | None = None
        self.told = label("", wrap=True)
        self.heir = Choice("settings-handing-heir", tr("Who takes over"), _CHOICE_WIDTH, "plain")
        self.heir.setAccessibleName(tr("Who takes over"))
        self.button = Button(tr("Hand over"), "settings-handing-do", "plain", self._on_hand_over)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.told)
        column.addWidget(inline(self.heir, self.button, 1))
        self.hide()

    def show_person(self, person: Person, staff: "Staff") -> None:
        """Say what is still to be done by someone, and offer those who work here; who was chosen
        to take over stays chosen."""
        left = staff.left.get(person.id)
        self.setVisible(left is not None and any(left))
        if left is None:
            return
        self.told.setText(still_theirs(left))
        others = [each for each in staff.people if each.last_day is None and each.id != person.id]
        self.heir.set_options([(each.id, each.name) for each in others], tr("Who takes over"))
        if self._person is None or self._person.id != person.id:
            ids = [each.id for each in others]
            first = person.supervisor_id if person.supervisor_id in ids else next(iter(ids), None)
            self.heir.set_value(first)
        self.button.setEnabled(bool(others))
        self._person = person

    def _on_hand_over(self) -> None:
        person, heir = self._person, self.heir.value
        if person is None or heir is None:
            return
        name = self._section.staff.name_of(heir)
        self._section.do(
            handing.hand_over, person.id, heir,
            say=tr("Handed over to {name}", name=name),
        )  # fmt: skip
