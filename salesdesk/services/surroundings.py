"""What automation needs to know around a deal, read once and kept until a write may change it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from salesdesk.models.store import Transaction
from salesdesk.services import braces, happenings, own_fields
from salesdesk.services.assigning import Absence, Note, PersonInfo
from salesdesk.services.automation import OpenTask, Situation, StageKind
from salesdesk.services.calendars import CLOSES, OPENS, WorkCalendar, calendar_of
from salesdesk.services.rulebook import (
    LINK_RULE,
    TASK_RULE,
    LinkRule,
    TaskRule,
    link_rule,
    task_rule,
)

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


def _cells(*values: Any) -> tuple[Any, ...]:
    """Cells of a database row, for a record with as many fields."""
    return values


def stages(tx: Transaction) -> dict[int, Stage]:
    """All stages that are not deleted, by key."""
    found: dict[int, Stage] = tx.store.cached("stages", stages_of, tx)
    return found


def stages_of(tx: Any) -> dict[int, Stage]:
    """The same, read anew (a reader or a transaction)."""
    import json

    return {
        row[0]: Stage(*_cells(*row[:6], tuple(json.loads(row[6])), row[7], bool(row[8])))
        for row in tx.rows(
            "SELECT s.id, s.pipeline_id, p.name, s.name, s.position, s.kind, s.required, "
            "s.paid_percent, s.archived FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
            "WHERE s.deleted_at IS NULL"
        )
    }


def may_go(here: Stage | None, target: Stage, back: bool) -> bool:
    """Whether a link may move a parent so: an open one forward in its pipeline, or any way.

    One whose stage is not there any more may go anywhere, one that stands there already nowhere.
    """
    if here is None or here.id == target.id:
        return here is None
    forward = here.pipeline_id == target.pipeline_id and here.position < target.position
    return back or (here.kind == "open" and forward)


def task_rules(tx: Transaction) -> dict[int, list[TaskRule]]:
    """Task rules by stage."""
    found: dict[int, list[TaskRule]] = tx.store.cached("task_rules", _load_rules, tx)
    return found


def _load_rules(tx: Any) -> dict[int, list[TaskRule]]:
    rules: dict[int, list[TaskRule]] = defaultdict(list)
    elsewhere = _automated_elsewhere(tx)
    for row in tx.rows(
        f"SELECT {TASK_RULE} FROM task_rule WHERE deleted_at IS NULL ORDER BY position, id"
    ):
        if row[1] not in elsewhere:
            rules[row[1]].append(task_rule(row))
    return rules


def _automated_elsewhere(tx: Any) -> frozenset[int]:
    """Stages whose tasks the CRM's own robots make: their rules rest, lest two be made."""
    kept = tx.value("SELECT options FROM sync_remote WHERE state <> 'off' ORDER BY id LIMIT 1")
    if kept is None:
        return frozenset()
    import json

    from salesdesk.services.sync.options import automates

    options = json.loads(kept)
    stages = tx.rows("SELECT id, pipeline_id FROM stage")
    return frozenset(row[0] for row in stages if automates(options, row[1]) == "crm")


def links(tx: Transaction) -> dict[int, list[LinkRule]]:
    """Link rules by the stage that sets them off."""
    found: dict[int, list[LinkRule]] = tx.store.cached("links", _load_links, tx)
    return found


def _load_links(tx: Any) -> dict[int, list[LinkRule]]:
    found: dict[int, list[LinkRule]] = defaultdict(list)
    for row in tx.rows(
        f"SELECT {LINK_RULE} FROM link_rule WHERE deleted_at IS NULL ORDER BY position, id"
    ):
        found[row[1]].append(link_rule(row))
    return found


def troubles(tx: Transaction) -> dict[int, Note]:
    """What broken task rules point to that is not there any more, by rule."""
    found: dict[int, Note] = tx.store.cached("troubles", _load_troubles, tx)
    return found


def _load_troubles(tx: Any) -> dict[int, Note]:
    from salesdesk.services import rule_problems

    return _troubles_of(tx, _load_rules(tx), rule_problems.trouble_of)


def link_troubles(tx: Transaction) -> dict[int, Note]:
    """The same of links, as far as whose a child deal becomes is concerned."""
    found: dict[int, Note] = tx.store.cached("link_troubles", _load_link_troubles, tx)
    return found


def _load_link_troubles(tx: Any) -> dict[int, Note]:
    from salesdesk.services import rule_problems

    return _troubles_of(tx, _load_links(tx), rule_problems.trouble_of_link)


def _troubles_of(
    tx: Any, by_stage: Mapping[int, Iterable[Any]], trouble_of: Callable[[Any, Any], Note | None]
) -> dict[int, Note]:
    from salesdesk.services import rule_problems

    there = rule_problems.known(tx)
    found = {one.id: trouble_of(one, there) for each in by_stage.values() for one in each}
    return {key: note for key, note in found.items() if note is not None}


def own_fields_of_deals(tx: Transaction) -> dict[str, tuple[int, str]]:
    """The own fields of deals by name: key and kind."""
    found: dict[str, tuple[int, str]] = tx.store.cached("own_fields", own_fields.known, tx)
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
            name,
            bool(deleted),
        )
        for person, supervisor, team, gone, name, deleted in tx.rows(
            "SELECT id, supervisor_id, team_id, "
            "deleted_at IS NOT NULL OR coalesce(last_day, ?) < ?, name, deleted_at IS NOT NULL "
            "FROM person",
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


def names_of_teams(tx: Any) -> dict[int, str]:
    """What teams are called, deleted ones too (a reader or a transaction)."""
    return dict(tx.rows("SELECT id, name FROM team"))


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


def open_by_person(tx: Transaction) -> Counter[int]:
    """How many open tasks people have, as of the beginning of the command."""
    return Counter(
        dict(
            tx.rows(
                "SELECT assignee_id, count(*) FROM task WHERE state = 'open' "
                "AND deleted_at IS NULL AND assignee_id IS NOT NULL GROUP BY assignee_id"
            )
        )
    )


def situation(
    tx: Transaction,
    deal_id: int,
    responsible: int | None,
    left: int | None,
    entered: Stage,
    rules: list[TaskRule],
) -> Situation:
    """The deal and its surroundings at a move, but for how much people have to do; only what the
    rules ask for."""
    before = happenings.of_deal(tx, deal_id, rules)
    written = any(braces.names_in(rule.description) for rule in rules)
    return Situation(
        calendar(tx), responsible, people(tx), left, entered.kind, before.dates, {},
        team_parents(tx), before.filled, before.child_stages, before.done_rules,
        braces.words_of(tx, deal_id, responsible) if written else {}, troubles(tx),
        tx.store.cached("team_names", names_of_teams, tx),
    )  # fmt: skip
