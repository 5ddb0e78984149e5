"""Random histories of a team: whatever can happen to deals and tasks, thick around midnights, month
ends and a clock change."""

import random
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services.levels import NORMED, PLANNED
from tests.builders import KEEP, SALES, Desk, day

HOUR = 3600 * SECOND
#: The clock goes forward on 29 March 2026 in Berlin.
FIRST, DAYS = day("2026-02-25"), 45
MOMENTS = ("00:00", "00:00", "03:30", "09:00", "15:00", "23:59:59.999999")
COUNTS = ("deal", "move", "move", "move", "move", "give", "task", "fact", "undo", "redo", "delete",
          "restore", "rule", "change", "configure", "child")  # fmt: skip


#: What happens, when, to which, with what, by whom.
Step = tuple[str, int, int, int, int]


def moments() -> st.SearchStrategy[int]:
    """A day and a time of it, as one number."""
    return st.integers(0, DAYS * len(MOMENTS) - 1)


STEPS = st.tuples(
    st.sampled_from(COUNTS), moments(), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9)
)


def random_steps(seed: int, count: int = 120) -> list[Step]:
    """A long history by chance; hypothesis prefers dull ones."""
    chance = random.Random(seed)
    return [
        (
            chance.choice(COUNTS),
            chance.randrange(DAYS * len(MOMENTS)),
            chance.randrange(41),
            chance.randrange(41),
            chance.randrange(10),
        )
        for _ in range(count)
    ]


class Team:
    """A desk with two pipelines that count and one that does not, and people of all kinds."""

    def __init__(self, store: Store, skipped: bool) -> None:
        desk = self.desk = Desk(store, "Europe/Berlin", count_skipped_stages=skipped)
        self.groups = [desk.team("Department")]
        self.groups += [desk.team("North", self.groups[0]), desk.team("South", self.groups[0])]
        team = self.groups
        self.people: list[int | None] = [
            desk.person("Anna", team_id=team[1]),
            desk.person("boris", team_id=team[1]),
            desk.person("Vera", team_id=team[2], last_day=day("2026-03-20")),
            desk.person("Lead", team_id=team[0], role="team_lead"),
            desk.person("Dispatcher", in_ranking=0),
            None,
            KEEP,
        ]
        two = (*SALES[:3], ("Held again", "open", "meeting_held", "2"), *SALES[3:],
               ("Won too", "won", "won", "5"), ("Lost too", "lost", None, None))  # fmt: skip
        self.stages = desk.pipeline("Sales", two) + desk.pipeline("Parts")
        self.stages += desk.pipeline("Service", counts=False)
        desk.points(self.stages[1], "1.5", day("2026-03-10"))
        desk.points(self.stages[2], "0.3", day("2026-03-29"))
        desk.rate("USD", "90.12345678")
        desk.rate("USD", "80.5", day("2026-03-15"))
        desk.rate("EUR", "100.5", day("2026-03-10"))
        self.reasons: list[Any] = [None, desk.lost_reason("Price"), desk.lost_reason("Spam", True)]
        self._plans()
        self.deals: list[int] = []
        self.tasks: list[int] = []

    def _plans(self) -> None:
        desk, march = self.desk, 2026 * 12 + 2
        anna, boris = self.people[0], self.people[1]
        assert anna is not None
        assert boris is not None
        for metric in PLANNED:
            desk.plan(metric, march, "3", person_id=anna)
        desk.plan("points", march - 1, "7.25", person_id=boris)
        desk.plan("points", march + 1, "100", person_id=boris)
        for metric in NORMED:
            desk.norm(metric, "1")
            desk.norm(metric, "0", march, team_id=self.groups[1])
        desk.norm("lost", "2", person_id=boris)

    def at(self, moment: int) -> int:
        of_day, time = divmod(moment, len(MOMENTS))
        local = f"{date.fromordinal(FIRST + of_day).isoformat()}T{MOMENTS[time]}"
        return self.desk.store.zone.moment(datetime.fromisoformat(local))

    def pick(self, items: list[Any], n: int) -> Any:
        return items[n % len(items)] if items else None

    def tell(self, step: Step) -> None:
        """One thing that happens; nothing when it cannot."""
        what, moment, one, other, who = step
        at = self.at(moment)
        tell = getattr(self, f"_{what}")
        if what in ("deal", "task") or self.deals:
            tell(at, one, other, who)

    def _deal(self, at: int, one: int, other: int, who: int) -> None:
        currency = ("RUB", "RUB", "RUB", "USD", "EUR", "XYZ")[other % 6]
        money = {"amount": (None, "1000.005", "33.3333")[one % 3], "currency": currency,
                 "cost": (None, "12.3456")[one % 2]}  # fmt: skip
        owner = self.pick(self.people[:-1], who)
        self.deals.append(self.desk.deal(self.pick(self.stages, other), at, owner, **money))

    def _move(self, at: int, one: int, other: int, who: int) -> None:
        owner = self.pick(self.people, who) if who % 3 == 0 else KEEP
        reason = {"lost_reason_id": self.pick(self.reasons, who)} if who % 2 else {}
        stage = self.pick(self.stages[:10] if one % 4 else self.stages, other)
        evidence = "reported" if one == 13 else "acted"
        self.desk.move(self.pick(self.deals, one), stage, at, owner, evidence=evidence, **reason)

    def _give(self, at: int, one: int, other: int, who: int) -> None:
        self.desk.give(self.pick(self.deals, one), self.pick(self.people[:-1], who), at)

    def _task(self, at: int, one: int, other: int, who: int) -> None:
        deal = self.pick([*self.deals, None], one)
        due = None if other % 4 == 0 else at + (other - 10) * 13 * HOUR
        self.tasks.append(self.desk.task(deal, self.pick(self.people[:-1], who), at, due))

    def _fact(self, at: int, one: int, other: int, who: int) -> None:
        task = self.pick(self.tasks, one)
        if task is None:
            return
        later = at + other * 5 * HOUR
        facts: list[dict[str, Any]] = [
            {"state": "done"}, {"state": "open"}, {"state": "cancelled"}, {"due_at": later},
            {"due_at": later, "postponement": 1}, {"assignee_id": self.pick(self.people[:-1], who)},
        ]  # fmt: skip
        self.desk.fact(task, at + one, **facts[other % len(facts)])

    def _undo(self, at: int, one: int, other: int, who: int) -> None:
        self._undone(self.desk.undo, 0, one)

    def _redo(self, at: int, one: int, other: int, who: int) -> None:
        self._undone(self.desk.redo, 1, one)

    def _undone(self, verb: Any, undone: int, one: int) -> None:
        """Undo (or redo) a command about deals and tasks."""
        with self.desk.store.read() as r:
            rows = r.rows(
                "SELECT DISTINCT m.command_id FROM stage_move m JOIN command c "
                "ON c.id = m.command_id WHERE c.undone = ? UNION "
                "SELECT m.command_id FROM task_change m JOIN command c ON c.id = m.command_id "
                "WHERE c.undone = ? ORDER BY 1",
                (undone, undone),
            )
        command = self.pick(rows, one)
        if command is not None:
            verb(command[0])

    def _delete(self, at: int, one: int, other: int, who: int) -> None:
        table = "task" if other % 3 == 0 and self.tasks else "deal"
        self.desk.delete(table, self.pick(self.tasks if table == "task" else self.deals, one))

    def _restore(self, at: int, one: int, other: int, who: int) -> None:
        self.desk.restore("deal", self.pick(self.deals, one))

    def _rule(self, at: int, one: int, other: int, who: int) -> None:
        deal = self.pick(self.deals, one)
        move = self.pick(self.desk.moves(deal), other)
        with self.desk.store.read() as r:
            stage = r.value("SELECT to_stage_id FROM stage_move WHERE id = ?", (move,))
        kind = ("void", "credit", "restore")[who % 3]
        person = self.pick(self.people[:4], other) if kind == "credit" else None
        self.desk.rule(kind, deal, stage, move, person)

    def _change(self, at: int, one: int, other: int, who: int) -> None:
        deal = self.pick(self.deals, one)
        if who % 2:
            self.desk.update("deal", deal, amount=other * 10_001)
        else:
            self.desk.update("deal", deal, cost=other * 777, currency=("RUB", "USD")[other % 2])

    def _child(self, at: int, one: int, other: int, who: int) -> None:
        parent = self.pick(self.deals, other)
        if parent != self.pick(self.deals, one):
            self.desk.update("deal", self.pick(self.deals, one), parent_id=parent)

    def _configure(self, at: int, one: int, other: int, who: int) -> None:
        """What holds for all time: deals are derived again, or only counted otherwise."""
        stage = self.pick(self.stages[:10], other)
        person = self.pick(self.people[:5], other)
        milestone = self.pick([None, "meeting_held", "advance_paid", "won"], other)
        changes: list[tuple[str, int, dict[str, Any]]] = [
            ("stage", stage, {"milestone": milestone}),
            ("stage", self.stages[1], {"position": other % 5}),
            ("stage", self.stages[3], {"kind": ("open", "won", "lost")[other % 3]}),
            ("stage", self.stages[4], {"deleted_at": (None, 1)[other % 2]}),
            ("person", person, {"in_ranking": other % 2}),
            ("pipeline", 1 + other % 3, {"counts": who % 2}),
            ("lost_reason", self.reasons[1], {"not_refusal": other % 2}),
        ]
        table, key, fields = self.pick(changes, one)
        self.desk.update(table, key, **fields)
