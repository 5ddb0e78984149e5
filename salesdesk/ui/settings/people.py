"""People and teams: who works here, as what, for whom; and who works on this computer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView

from salesdesk.services import absences, handing, people, pins, settings
from salesdesk.services.people import Person, Team
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Choice
from salesdesk.ui.settings.person import PersonCard
from salesdesk.ui.settings.section import Section, card, inline
from salesdesk.ui.settings.teams import TeamsCard
from salesdesk.ui.widgets.choose_person import work_as
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.table import Table

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
#: What a column of the people may take however narrow the window is.
_LEAST_WIDTH = 120


@dataclass(frozen=True)
class Staff:
    """Everybody here, their teams, their absences; ``today`` is a day."""

    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    absences: tuple[absences.Absence, ...]
    today: int
    #: What those who leave, or have left, leave behind.
    left: Mapping[int, handing.Left]

    def name_of(self, person_id: int | None) -> str:
        """The name of someone, empty for nobody."""
        return next((each.name for each in self.people if each.id == person_id), "")

    def team_of(self, team_id: int | None) -> str:
        """The name of a team, empty for none."""
        return next((each.name for each in self.teams if each.id == team_id), "")

    def gone(self, person: Person) -> bool:
        """Whether someone's last day has passed."""
        return person.last_day is not None and person.last_day < self.today


class PeopleSection(Section):
    """The list of people with the chosen one beside it, and the teams below."""

    tables = frozenset({"person", "team", "absence", "setting", "deal", "task"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("Who works here: the role and the team decide what each sees and may do, the "
               "supervisor whom tasks and results go to."),
        )  # fmt: skip
        self.staff = Staff((), (), (), 0, {})
        self.me = Choice("settings-me", tr("Works on this computer"), 220, "plain")
        self.me.chosen.connect(self._on_me)
        who = inline(label(tr("Works on this computer:"), "muted"), self.me, 1)
        self.column.insertWidget(2, who)
        self.sight = Choice("settings-managers-see", tr(settings.MANAGERS_SEE.title), 220, "plain")
        self.sight.chosen.connect(self._on_sight)
        self.inside.addWidget(
            inline(label(tr("Managers see and change deals, tasks and clients:"), "muted"),
                   self.sight, 1)
        )  # fmt: skip
        self.model = PeopleModel()
        self.table = Table("settings-people-table", tr("People"))
        self.table.setModel(self.model)
        self._shape_table()
        self.add = AddLine("settings-person", tr("Name of a new person"), tr("Add person"))
        self.add.wanted.connect(self._on_add)
        left = card()
        left.body.addWidget(self.table)
        left.body.addWidget(self.add)
        self.person = PersonCard(self)
        self.teams = TeamsCard(self)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(left, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.person, 0, Qt.AlignmentFlag.AlignTop)
        self.inside.addLayout(row)
        self.inside.addWidget(self.teams)
        self._wanted: int | None = None

    def _shape_table(self) -> None:
        head = self.table.horizontalHeader()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.opened.connect(lambda _index: self.person.begin())

    def _fit_columns(self) -> None:
        """Role, team and ranking as wide as what they say, but the names keep their room."""
        most = max(self.table.viewport().width() // 3, _LEAST_WIDTH)
        for column in range(1, self.model.columnCount()):
            self.table.resizeColumnToContents(column)
            self.table.setColumnWidth(column, min(self.table.columnWidth(column), most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def question(self, r: Any) -> tuple[Staff, int | None, str]:
        everybody = tuple(people.people(r))
        leaving = [each.id for each in everybody if each.last_day is not None]
        staff = Staff(
            everybody, tuple(people.teams(r)), tuple(absences.absences(r)), self.today(),
            {each: handing.left_with(r, each) for each in leaving},
        )  # fmt: skip
        return staff, self.context.person_id, settings.get(r, settings.MANAGERS_SEE)

    def set_allowed(self, may: bool) -> None:
        self.refused.setVisible(not may)
        self.add.setEnabled(may)
        self.person.set_allowed(may)
        self.teams.setEnabled(may)
        self.sight.setEnabled(may)

    def fill(self, found: tuple[Staff, int | None, str]) -> None:
        staff, me, sight = found
        self.staff = staff
        sights = [(key, tr(text)) for key, text in settings.SIGHTS.items()]
        self.sight.set_options(sights, tr(settings.MANAGERS_SEE.title))
        self.sight.set_value(sight)
        here = [(each.id, each.name) for each in staff.people if not staff.gone(each)]
        nobody = [(None, "—")] if me is None else []
        self.me.set_options([*nobody, *here], tr("Works on this computer"))
        self.me.set_value(me)
        chosen = self._wanted if self._wanted is not None else self.person.person_id
        self.model.set_staff(staff)
        self.table.fit_height(14)
        self._fit_columns()
        self.teams.fill(staff)
        self._select(chosen if chosen is not None else me)

    def _select(self, person_id: int | None) -> None:
        if not self.model.rowCount():
            self.person.show_person(None, self.staff)
            return
        row = self.model.row_of(person_id)
        if row < 0:
            row = 0
        else:
            self._wanted = None
        if self.table.currentIndex().row() != row:
            self.table.setCurrentIndex(self.model.index(row, 0))
        self.person.show_person(self.model.person(row), self.staff)

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.person.show_person(self.model.person(index.row()), self.staff)

    def _on_me(self, person_id: int | None) -> None:
        if person_id is None:
            return
        if self.context.ask(pins.has_pin, person_id):
            self.me.set_value(self.context.person_id)
            self.context.ask_who(person_id)
        else:
            work_as(self.context, person_id)

    def _on_sight(self, sight: str) -> None:
        self.do(settings.change, {settings.MANAGERS_SEE.name: sight}, say=tr("Rights changed"))

    def _on_add(self, name: str) -> None:
        def added(saved: Any) -> None:
            self._wanted = saved.id
            self.add.done()
            self.refresh(anyway=True)

        self.do(people.add_person, name, say=tr("{name} added", name=name), cell=self.add,
                done=added)  # fmt: skip


class PeopleModel(QAbstractTableModel):
    """Everybody: those who work here first, those who left below."""

    def __init__(self) -> None:
        super().__init__()
        self._staff: Staff | None = None
        self._shown: list[Person] = []

    def set_staff(self, staff: Staff) -> None:
        """Show other people (or the same ones, changed)."""
        shown = sorted(staff.people, key=staff.gone)
        same = [each.id for each in shown] == [each.id for each in self._shown]
        if same:
            self._staff, self._shown = staff, shown
            if shown:
                self.dataChanged.emit(self.index(0, 0), self.index(len(shown) - 1, 3))
            return
        self.beginResetModel()
        self._staff, self._shown = staff, shown
        self.endResetModel()

    def person(self, row: int) -> Person:
        """Who stands in a row."""
        return self._shown[row]

    def row_of(self, person_id: int | None) -> int:
        """The row of someone, -1 when they are not there."""
        ids = [each.id for each in self._shown]
        return ids.index(person_id) if person_id in ids else -1

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if role != _ROLE.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        names = (trp("person", "Name"), tr("Role"), tr("Team"), tr("Ranking"))
        return names[section]

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        staff, person = self._staff, self._shown[index.row()]
        if staff is None:
            return None
        if role in (_ROLE.DisplayRole, _ROLE.ToolTipRole):
            return self._text(staff, person, index.column())
        if role == _ROLE.ForegroundRole:
            quiet = staff.gone(person) or index.column() > 0
            return theme.current().muted if quiet else None
        return None

    def _text(self, staff: Staff, person: Person, column: int) -> str:
        if column == 0:
            return person.name
        if column == 1:
            if person.last_day is not None and staff.gone(person):
                return tr("Until {day}", day=formats.day(person.last_day))
            return people.role_name(person.role)
        if column == 2:
            return staff.team_of(person.team_id)
        return tr("Yes") if person.in_ranking else tr("No")
