"""What rules point to that is not there any more: people who left, deleted teams, kinds, stages,
fields and tasks, archived stages. Settings say it beside the rule (``problems``); a rule never
stops a move for it, its task falls to the supervisor with a note (``trouble_of``)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from salesdesk.services import braces, happenings, own_fields
from salesdesk.services.assigning import Note, People, gone
from salesdesk.services.automation import NEVER
from salesdesk.services.carrying import COPIED, FILLED, split
from salesdesk.services.records import Asks
from salesdesk.services.rulebook import LINK_RULE, TASK_RULE, LinkRule, TaskRule
from salesdesk.services.rulebook import link_rule as link_of_row
from salesdesk.services.rulebook import task_rule as rule_of_row
from salesdesk.text import N_, tr

#: What is said beside a rule, by what is wrong with it.
WORDS: dict[str, str] = {
    "person_left": N_("{name} does not work here any more: the supervisor gets it."),
    "person_deleted": N_("{name} was deleted: the supervisor gets it."),
    "person_unknown": N_("The person is not there any more: the supervisor gets it."),
    "team_deleted": N_("The team “{name}” was deleted: the supervisor gets it."),
    "team_empty": N_("Nobody works in the team “{name}”: the responsible person gets it."),
    "kind_deleted": N_("The kind of task “{name}” was deleted: the supervisor gets the task."),
    "stage_deleted": N_(
        "It waits for the stage “{name}”, which was deleted: the supervisor gets the task."
    ),
    "stage_archived": N_(
        "It waits for the stage “{name}”, which is archived: the supervisor gets the task."
    ),
    "field_deleted": N_("The field “{name}” was deleted: the supervisor gets the task."),
    "task_deleted": N_(
        "It waits for the task “{name}”, whose rule was deleted: the supervisor gets the task."
    ),
    "carries_deleted": N_("The field “{name}” was deleted: it does not go along any more."),
    "text_field": N_("Its text names {{{name}}}, and a deal has no such field."),
    "begins_archived": N_("The stage “{name}” is archived: no deal enters it any more."),
    "begins_deleted": N_("The stage “{name}” was deleted: no deal enters it any more."),
    "leads_archived": N_("It leads to the stage “{name}”, which is archived: it does nothing."),
    "leads_deleted": N_("It leads to the stage “{name}”, which was deleted: it does nothing."),
}
#: Those that do not concern whose a task is.
_HARMLESS = frozenset({"text_field", "begins_archived", "begins_deleted"})


class Problem(NamedTuple):
    """A broken rule, and what it points to in words; a rule may have several."""

    kind: Literal["task_rule", "link_rule"]
    rule_id: int
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may point to, by key: names with their fate (``""``, ``deleted``, ``archived``);
    ``fields`` are the own fields of deals by name with their kinds."""

    stages: Mapping[int, tuple[str, str]]
    teams: Mapping[int, tuple[str, str]]
    kinds: Mapping[int, tuple[str, str]]
    rules: Mapping[int, tuple[str, str]]
    fields: Mapping[str, str]


def known(a: Asks) -> Known:
    """Everything that rules may point to."""
    return Known(
        _fates(a, "stage", "name", "CASE WHEN archived THEN 'archived' ELSE '' END"),
        _fates(a, "team", "name"),
        _fates(a, "task_kind", "name"),
        _fates(a, "task_rule", "title"),
        {name: kind for name, (_key, kind) in own_fields.known(a).items()},
    )


def _fates(a: Asks, table: str, name: str, otherwise: str = "''") -> dict[int, tuple[str, str]]:
    return {
        row[0]: row[1:]
        for row in a.rows(
            f"SELECT id, {name}, CASE WHEN deleted_at IS NULL THEN {otherwise} "
            f"ELSE 'deleted' END FROM {table}"
        )
    }


# -- what is wrong --------------------------------------------------------------------------------


def of_task_rule(rule: TaskRule, there: Known) -> list[Note]:
    """What a task rule points to that is not there: codes with names. People are asked apart."""
    found = [*_awaited(rule, there)]
    if rule.assignee_rule == "least_loaded":
        found += _fate("team", rule.team_id, there.teams)
    found += _fate("kind", rule.kind_id, there.kinds)
    found += [("text_field", name) for name in braces.unknown(rule.description, there.fields)]
    return found + _fate("begins", rule.stage_id, there.stages)


def _awaited(rule: TaskRule, there: Known) -> list[Note]:
    """What the task hangs on or waits for."""
    if rule.due_rule == "before_date":
        name = rule.date_field or ""
        own = there.fields.get(name) == "date"
        return [] if own or name in happenings.DATES else [("field_deleted", name)]
    if rule.due_rule != "on_event":
        return []
    if rule.event == "child_enters":
        return _fate("stage", rule.event_stage_id, there.stages)
    if rule.event == "task_done":
        return _fate("task", rule.event_task_rule_id, there.rules)
    name = rule.event_field or ""
    fine = name in happenings.FILLED or name in there.fields
    return [] if fine else [("field_deleted", name)]


def of_link(link: LinkRule, there: Known) -> list[Note]:
    """The same of a link."""
    found = _fate("begins", link.stage_id, there.stages)
    found += _fate("leads", link.target_stage_id, there.stages)
    if link.kind == "open_child" and link.assignee_rule == "least_loaded":
        found += _fate("team", link.team_id, there.teams)
    if link.kind == "open_child":
        gone = [name for name in link.copied if name not in COPIED and name not in there.fields]
    else:
        here: Mapping[str, object] = {**FILLED, **there.fields}
        ways = [split(given, there.fields) for given in link.filled]
        gone = [place or name for name, place in ways
                if (name not in here if place is None else place not in there.fields)]  # fmt: skip
    return found + [("carries_deleted", name) for name in gone]


def _fate(what: str, key: int | None, there: Mapping[int, tuple[str, str]]) -> list[Note]:
    """``[("team_deleted", "Sales")]``; nothing when it is there or nothing is pointed to."""
    if key is None:
        return []
    name, fate = there.get(key, ("", "deleted"))
    return [(f"{what}_{fate}", name)] if fate else []


def trouble_of(rule: TaskRule, there: Known) -> Note | None:
    """The trouble for which the rule's task falls to the supervisor, if any: first of all that what
    it waits for never comes."""
    found = [note for note in of_task_rule(rule, there) if note[0] not in _HARMLESS]
    never = [note for note in found if note[0] in NEVER]
    return next(iter((*never, *found)), None)


def trouble_of_link(link: LinkRule, there: Known) -> Note | None:
    """The same for whose a child deal becomes."""
    return next((note for note in of_link(link, there) if note[0].startswith("team_")), None)


# -- for settings ---------------------------------------------------------------------------------


def problems(r: Any, *, now: int) -> list[Problem]:
    """What each broken task rule and link points to, in the chosen language; both in their order
    (a reader or a transaction)."""
    from salesdesk.services import surroundings

    there, people = known(r), surroundings.people_on(r, r.zone.day_of(now))
    parents = surroundings.parents_of_teams(r)
    found: list[Problem] = []
    for row in r.rows(_LIVE.format(columns=TASK_RULE, table="task_rule")):
        rule = rule_of_row(row)
        notes = of_task_rule(rule, there)
        notes += _of_assignee(rule, there, people, parents)
        found += _told("task_rule", rule.id, notes)
    for row in r.rows(_LIVE.format(columns=LINK_RULE, table="link_rule")):
        link = link_of_row(row)
        notes = of_link(link, there)
        if link.kind == "open_child":
            notes += _of_assignee(link.owner_rule(), there, people, parents)
        found += _told("link_rule", link.id, notes)
    return found


_LIVE = "SELECT {columns} FROM {table} WHERE deleted_at IS NULL ORDER BY stage_id, position, id"


def _of_assignee(
    rule: TaskRule, there: Known, people: People, parents: Mapping[int, int | None]
) -> list[Note]:
    from salesdesk.services.assigning import works_in

    if rule.assignee_rule == "person" and rule.assignee_id is not None:
        note = gone(rule.assignee_id, people)
        return [note] if note else []
    if rule.assignee_rule != "least_loaded" or rule.team_id is None:
        return []
    name, fate = there.teams.get(rule.team_id, ("", "deleted"))
    if fate or any(works_in(info, rule.team_id, parents) for info in people.values()):
        return []
    return [("team_empty", name)]


def _told(kind: Any, rule_id: int, notes: Iterable[Note]) -> list[Problem]:
    return [Problem(kind, rule_id, tr(WORDS[code], name=name)) for code, name in notes]
