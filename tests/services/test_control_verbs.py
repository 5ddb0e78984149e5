"""Results are accepted by somebody else, and given back with a due moment that is not past."""

from pathlib import Path

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.services import control_verbs, tasks
from tests.builders import Desk, empty_store


class Office:
    """A lead with a result of her own and one of a manager's, both due on Thursday."""

    def __init__(self, folder: Path, admin: bool) -> None:
        desk = self.desk = Desk(empty_store(folder))
        group = desk.team("Sales")
        self.anna = desk.person("Anna", role="team_lead", team_id=group)
        self.maria = desk.person("Maria", role="manager", team_id=group)
        if admin:
            desk.person("Olga", role="admin")
        self.now = desk.at("2026-11-20T12:00")  # a Friday
        self.own = self._done(self.anna, "2026-11-19T10:00")
        self.hers = self._done(self.maria, "2026-11-19T11:00")
        self.early = self._done(self.maria, "2026-11-24T11:00")

    def _done(self, who: int, due: str) -> int:
        task = self.desk.task(None, who, "2026-11-10T10:00", due)
        self.desk.update("task", task, asks_result=1, title="Report")
        tasks.complete(self.desk.store, [task], person=who, now=self.now, result="They agreed")
        return task

    def accept(self, *ids: int) -> None:
        control_verbs.accept(self.desk.store, ids, person=self.anna, now=self.now)

    def due(self, task: int) -> tuple[str, int | None]:
        with self.desk.store.read() as r:
            line = tasks.by_ids(r, [task], now=self.now)[0]
        return line.state, line.due_at

    def accepted(self, task: int) -> int | None:
        with self.desk.store.read() as r:
            found: int | None = r.value("SELECT accepted FROM task WHERE id = ?", (task,))
        return found


def test_nobody_accepts_the_own_result_while_another_one_could(tmp_path: Path) -> None:
    office = Office(tmp_path, admin=True)
    with pytest.raises(Refused, match="“Report” is your own"):
        office.accept(office.hers, office.own)
    assert office.accepted(office.hers) is None
    office.accept(office.hers)
    assert office.accepted(office.hers) == 1
    office.desk.store.close()


def test_where_nobody_else_could_the_own_result_is_accepted(tmp_path: Path) -> None:
    office = Office(tmp_path, admin=False)
    office.accept(office.own)
    assert office.accepted(office.own) == 1
    office.desk.store.close()


def test_what_was_due_already_gets_a_new_due_moment(tmp_path: Path) -> None:
    office = Office(tmp_path, admin=True)
    store, at = office.desk.store, office.desk.at
    given = {"person": office.anna, "now": office.now}
    with pytest.raises(Invalid, match="later moment"):
        control_verbs.give_back(store, [office.hers], "Figures?", due_at=office.now, **given)
    control_verbs.give_back(store, [office.hers, office.early], "Figures?", **given)
    assert office.due(office.hers) == ("open", at("2026-11-23T18:00"))
    assert office.due(office.early) == ("open", at("2026-11-24T11:00"))
    control_verbs.give_back(store, [office.own], "When?", due_at=at("2026-11-27T09:00"), **given)
    assert office.due(office.own) == ("open", at("2026-11-27T09:00"))
    store.close()
