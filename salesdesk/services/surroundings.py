"""What automation needs to know around a deal, read once and kept until a write may change it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, get_args

from salesdesk.models.store import Transaction
from salesdesk.services import happenings
from salesdesk.services.automation import (
    Absence,
    OpenTask,
    PersonInfo,
    Situation,
    StageKind,
    TaskRule,
)
from salesdesk.services.calendars import CLOSES, OPENS, WorkCalendar, calendar_of

_KINDS = get_args(StageKind)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, as the mover needs it."""

    id: int
    pipeline_id: int
    pipeline: str
    name: str
    position: int
    kind: StageKind
    required: tuple[str, ...]
    paid_percent: int | None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link rule: entering ``stage_id`` opens a child deal or moves the parent."""

    id: int
    stage_id: int
    kind: str
    target_stage_id: int
    title: str | None
    assignee_rule: str
    assignee_id: int | None
    team_id: int | None
    copied: tuple[str, ...]
    filled: tuple[str, ...]


def _cells(*values: Any) -> tuple[Any, ...]:
    """Cells of a database row, for a record with as many fields."""
    return values


def stages(tx: Transaction) -> dict[int, Stage]:
    """All stages that are not deleted, by key."""
    found: dict[int, Stage] = tx.store.cached("stages", _load_stages, tx)
    return found


def _load_stages(tx: Any) -> dict[int, Stage]:
    import json

    return {
        row[0]: Stage(*_cells(*row[:6], tuple(json.loads(row[6])), row[7], bool(row[8])))
        for row in tx.rows(
            "SELECT s.id, s.pipeline_id, p.name, s.name, s.position, s.kind, s.required, "
            "s.paid_percent, s.archived FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
            "WHERE s.deleted_at IS NULL"
        )
    }


def task_rules(tx: Transaction) -> dict[int, list[TaskRule]]:
    """Task rules by stage."""
    found: dict[int, list[TaskRule]] = tx.store.cached("task_rules", _load_rules, tx)
    return found


def _load_rules(tx: Any) -> dict[int, list[TaskRule]]:
    rules: dict[int, list[TaskRule]] = defaultdict(list)
    for row in tx.rows(
        "SELECT id, stage_id, title, kind_id, due_rule, amount, unit, date_field, fixed_day, "
        "due_minute, event, event_stage_id, event_rule_id, event_field, shift, assignee_rule, "
        "assignee_id, team_id, leave_policy, must_be_done, position, asks_result "
        "FROM task_rule WHERE deleted_at IS NULL ORDER BY position, id"
    ):
        shift = None if row[14] is None else bool(row[14])
        rule = TaskRule(
            *_cells(*row[:14], shift, *row[15:19], bool(row[19]), row[20], bool(row[21]))
        )
        rules[rule.stage_id].append(rule)
    return rules


def links(tx: Transaction) -> dict[int, list[Link]]:
    """Link rules by the stage that sets them off."""
    found: dict[int, list[Link]] = tx.store.cached("links", _load_links, tx)
    return found


def _load_links(tx: Any) -> dict[int, list[Link]]:
    import json

    found: dict[int, list[Link]] = defaultdict(list)
    for row in tx.rows(
        "SELECT id, stage_id, kind, target_stage_id, title, assignee_rule, assignee_id, team_id, "
        "copied, filled FROM link_rule WHERE deleted_at IS NULL ORDER BY position, id"
    ):
        copied, filled = tuple(json.loads(row[8])), tuple(json.loads(row[9]))
        found[row[1]].append(Link(*_cells(*row[:8], copied, filled)))
    return found


def people(tx: Transaction) -> dict[int, PersonInfo]:
    """Everybody, with supervisors, teams and absences, and whether they (still) work here on the
    day of the transaction: someone's last day is one of work."""
    today = tx.zone.day_of(tx.now)
    found: dict[int, PersonInfo] = tx.store.cached(
        f"people/{today}", lambda asked: people_on(asked, today), tx
    )
    return found


def people_on(tx: Any, today: int) -> dict[int, PersonInfo]:
    """The same as of a day, read anew (a reader or a transaction)."""
    absences: dict[int, list[Absence]] = defaultdict(list)
    for person, first, last, substitute in tx.rows(
        "SELECT person_id, first_day, last_day, substitute_id FROM absence "
        "WHERE deleted_at IS NULL ORDER BY first_day"
    ):
        absences[person].append(Absence(first, last, substitute))
    teams = {row[0]: row[1:] for row in tx.rows("SELECT id, parent_id, lead_id FROM team")}
    return {
        person: PersonInfo(
            person,
            supervisor,
            team,
            _lead_of(person, team, teams),
            not gone,
            tuple(absences.get(person, ())),
        )
        for person, supervisor, team, gone in tx.rows(
            "SELECT id, supervisor_id, team_id, "
            "deleted_at IS NOT NULL OR coalesce(last_day, ?) < ? FROM person",
            (today, today),
        )
    }


def _lead_of(person: int, team: int | None, teams: dict[int, tuple[Any, ...]]) -> int | None:
    """The lead of the person's team; for the lead of one, of the team above."""
    seen: set[int] = set()
    while team is not None and team in teams and team not in seen:
        seen.add(team)
        parent, lead = teams[team]
        if lead is not None and lead != person:
            return int(lead)
        team = parent
    return None


def team_parents(tx: Transaction) -> dict[int, int | None]:
    """The tree of teams."""
    found: dict[int, int | None] = tx.store.cached("team_parents", parents_of_teams, tx)
    return found


def parents_of_teams(tx: Any) -> dict[int, int | None]:
    """The same, read anew."""
    return dict(tx.rows("SELECT id, parent_id FROM team"))


def calendar(tx: Any) -> WorkCalendar:
    """The workspace's working days and hours (a reader or a transaction)."""
    if isinstance(tx, Transaction):
        found: WorkCalendar = tx.store.cached("calendar", load_calendar, tx)
        return found
    return load_calendar(tx)


def load_calendar(tx: Any) -> WorkCalendar:
    """The same, read anew."""
    import json

    rows = tx.rows("SELECT day, origin FROM day_off WHERE deleted_at IS NULL")
    years = tx.rows("SELECT year FROM calendar_year WHERE deleted_at IS NULL")
    hours = tx.value("SELECT value FROM setting WHERE name = 'working_hours'")
    opens, closes = json.loads(hours) if hours else (OPENS, CLOSES)
    return calendar_of(
        tx.zone,
        (day for day, origin in rows if origin == "country"),
        (row[0] for row in years),
        (day for day, origin in rows if origin != "country"),
        (opens, closes),
    )


def open_tasks(tx: Transaction, deal_id: int) -> list[OpenTask]:
    """The open tasks of a deal."""
    return [
        OpenTask(row[0], row[1], row[2], row[3], row[4] or "keep", bool(row[5]))
        for row in tx.rows(
            "SELECT t.id, t.title, t.rule_id, t.stage_id, r.leave_policy, t.must_be_done "
            "FROM task t LEFT JOIN task_rule r ON r.id = t.rule_id "
            "WHERE t.deal_id = ? AND t.state IN ('open', 'new') AND t.deleted_at IS NULL "
            "ORDER BY t.id",
            (deal_id,),
        )
    ]


def situation(
    tx: Transaction,
    deal_id: int,
    responsible: int | None,
    left: int | None,
    entered: Stage,
    rules: list[TaskRule],
) -> Situation:
    """The deal and its surroundings at a move; loads only what the rules ask for."""
    load: dict[int, int] = {}
    if any(rule.assignee_rule == "least_loaded" for rule in rules):
        load = dict(
            tx.rows(
                "SELECT assignee_id, count(*) FROM task WHERE state = 'open' "
                "AND deleted_at IS NULL AND assignee_id IS NOT NULL GROUP BY assignee_id"
            )
        )
    before = happenings.of_deal(tx, deal_id, rules)
    return Situation(
        calendar(tx), responsible, people(tx), left, entered.kind, before.dates, load,
        team_parents(tx), before.filled, before.child_stages, before.done_rules,
    )  # fmt: skip
