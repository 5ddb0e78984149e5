"""The tree of teams: name, inside which one, who leads it."""

from typing import TYPE_CHECKING, Any

from salesdesk.services import people
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Choice, Entry, UpDown, trash
from salesdesk.ui.settings.dragging import GRIP, DragRows
from salesdesk.ui.settings.section import ENDS, Row, heads
from salesdesk.ui.widgets.kinds import TextKind
from salesdesk.ui.widgets.labels import Card, label

if TYPE_CHECKING:
    from salesdesk.ui.settings.people import PeopleSection, Staff

_INSIDE, _LEAD, _COUNT = 170, 180, 90


def tree(teams: tuple[people.Team, ...]) -> list[tuple[people.Team, int]]:
    """Teams in the order of the tree, each with its depth."""
    known = {team.id for team in teams}
    found: list[tuple[people.Team, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for team in teams:
            above = team.parent_id if team.parent_id in known else None
            if above == parent and len(found) < len(teams):
                found.append((team, depth))
                walk(team.id, depth + 1)

    walk(None, 0)
    return found


class TeamsCard(Card):
    """All teams, and a line to add one."""

    def __init__(self, section: "PeopleSection") -> None:
        super().__init__("", 0)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)
        self.section = section
        self.setObjectName("settings-teams")
        self.body.addWidget(
            heads([("", GRIP), (tr("Team"), 0), (tr("Inside"), _INSIDE), (tr("Lead"), _LEAD),
                   (tr("People"), _COUNT), ("", ENDS)])
        )  # fmt: skip
        self.rows = DragRows(lambda item: _TeamRow(self, item[0].id), self._reorder)
        self.body.addWidget(self.rows)
        self.add = AddLine("settings-team", tr("Name of a new team"), tr("Add team"))
        self.add.wanted.connect(self._on_add)
        self.body.addWidget(self.add)

    def fill(self, staff: "Staff") -> None:
        """Show the teams."""
        self.rows.set_items([(team.id, (team, depth, staff)) for team, depth in tree(staff.teams)])

    def _reorder(self, ids: list[int]) -> None:
        self.section.do(people.reorder_teams, ids, say=tr("Teams put in order"))

    def _on_add(self, name: str) -> None:
        self.section.do(people.add_team, name, say=tr("Team {name} added", name=name),
                        cell=self.add,
                        done=lambda _saved: self.add.done())  # fmt: skip


class _TeamRow(Row):
    def __init__(self, owner: TeamsCard, key: int) -> None:
        super().__init__(f"settings-team-{key}")
        self.section, self.key = owner.section, key
        name = self.objectName()
        self.name = Entry(TextKind(True, 80), f"{name}-name", tr("Name of the team"))
        self.name.committed.connect(lambda value: self._change("name", value, self.name))
        self.parent_team = Choice(f"{name}-inside", tr("Inside"), _INSIDE)
        self.parent_team.chosen.connect(lambda value: self._change("parent_id", value))
        self.lead = Choice(f"{name}-lead", tr("Lead"), _LEAD)
        self.lead.chosen.connect(lambda value: self._change("lead_id", value))
        self.count = label("", "muted")
        self.count.setFixedWidth(_COUNT)
        self.add(self.name, 1)
        for widget in (self.parent_team, self.lead, self.count):
            self.add(widget)
        self.add_places(UpDown(name, tr("Move up"), tr("Move down")))
        self.add(trash(f"{name}-remove", tr("Remove the team"), self._on_remove))

    def fill(self, item: Any) -> None:
        team, depth, staff = item
        self.team: people.Team = team
        self.cells.setContentsMargins(theme.S + depth * theme.L, 4, theme.S, 4)
        self.name.set_value(team.name)
        nothing: list[tuple[Any, str]] = [(None, "—")]
        others = [(each.id, each.name) for each in staff.teams if each.id != team.id]
        self.parent_team.set_options([*nothing, *others], tr("Inside"))
        self.parent_team.set_value(team.parent_id)
        here = [(p.id, p.name) for p in staff.people if not staff.gone(p) or p.id == team.lead_id]
        self.lead.set_options([*nothing, *here], tr("Lead"))
        self.lead.set_value(team.lead_id)
        n = sum(1 for p in staff.people if p.team_id == team.id and not staff.gone(p))
        self.count.setText(ntr("{n} person", "{n} people", n) if n else "—")

    def _change(self, field: str, value: Any, cell: "Entry | None" = None) -> None:
        said = tr("Team {name} changed", name=self.team.name)
        self.section.do(people.change_team, self.key, {field: value}, say=said,
                        cell=cell or self)  # fmt: skip

    def _on_remove(self) -> None:
        said = tr("Team {name} removed", name=self.team.name)
        self.section.do(people.remove_team, self.key, say=said, cell=self)
