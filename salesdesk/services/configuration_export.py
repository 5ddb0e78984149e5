"""The whole configuration as one document: names for keys, decimals as text, days as dates.

What is not set is left out. The counterpart that reads it is ``configuration_import``.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from salesdesk.moments import MONEY_SCALE, month_text, plain
from salesdesk.services import (
    absences,
    bonuses,
    days_off,
    lists,
    people,
    pipelines,
    settings,
    stage_points,
)
from salesdesk.services.calendars import year_days
from salesdesk.services.link_rules import link_rules
from salesdesk.services.records import Asks
from salesdesk.services.rulebook import LinkRule, TaskRule
from salesdesk.services.task_rules import task_rules

Table = dict[str, Any]
FORMAT = 1
_WEEKEND = (5, 6)
#: Fields of a task rule that are written as they are when they differ from the default.
PLAIN_RULE_FIELDS = (
    "due_rule", "amount", "unit", "date_field", "due_minute", "event", "event_field",
    "shift_to_working_day", "assignee_rule", "leave_policy", "must_be_done", "asks_result",
    "description",
)  # fmt: skip


def document(r: Asks) -> Table:
    """The configuration of a workspace, ready for TOML."""
    return {
        "format": FORMAT,
        **_simple_lists(r),
        "settings": {
            name: settings.as_text(value)
            for name, value in settings.all_of(r).items()
            if value != ""
        },
        **_entries(r),
        "team": _teams(r),
        "person": _people(r),
        "pipeline": _pipelines(r),
        "link": _links(r),
        "plan": _plans(r),
        "norm": _norms(r),
        "rate": [
            _without_none(
                {
                    "currency": rate.currency,
                    "from": _date(rate.valid_from),
                    "rate": plain(rate.rate),
                }
            )
            for rate in settings.rates(r)
        ],
        "bonus": [
            {"from": step.from_percent, "percent": plain(step.percent)} for step in bonuses.steps(r)
        ],
        "day_off": _own_days_off(r),
        "calendar": _calendar(r),
    }


def _simple_lists(r: Asks) -> Table:
    """Lists whose entries are a name and nothing else."""
    return {
        name: [item.name for item in lists.items(r, name)]
        for name, spec in lists.LISTS.items()
        if not spec.fields
    }


def _entries(r: Asks) -> Table:
    return {
        name: [
            {
                "name": item.name,
                **{key: value for key, value in item.values.items() if value not in (False, [])},
            }
            for item in lists.items(r, name)
        ]
        for name, spec in lists.LISTS.items()
        if spec.fields
    }


def _teams(r: Asks) -> list[Table]:
    known, staff = {team.id: team.name for team in people.teams(r)}, _names(r)
    return [
        _without_none(
            {
                "name": team.name,
                "inside": known.get(team.parent_id or 0),
                "lead": staff.get(team.lead_id or 0),
            }
        )
        for team in people.teams(r)
    ]


def _people(r: Asks) -> list[Table]:
    staff = _names(r)
    teams = {team.id: team.name for team in people.teams(r)}
    away: dict[int, list[Table]] = defaultdict(list)
    for one in absences.absences(r):
        substitute = staff.get(one.substitute_id or 0)
        away[one.person_id].append(
            _without_none(
                {
                    "first": _date(one.first_day),
                    "last": _date(one.last_day),
                    "substitute": substitute,
                }
            )
        )
    return [_person(person, staff, teams, away[person.id]) for person in people.people(r)]


def _person(
    person: people.Person, staff: dict[int, str], teams: dict[int, str], away: list[Table]
) -> Table:
    return _without_none(
        {
            "name": person.name,
            "role": person.role,
            "team": teams.get(person.team_id or 0),
            "supervisor": staff.get(person.supervisor_id or 0),
            "email": person.email,
            "phone": person.phone,
            "in_ranking": None if person.in_ranking else False,
            "first_day": _date(person.first_day),
            "last_day": _date(person.last_day),
            "external_id": person.external_id,
            "absences": away,
        }
    )


def _pipelines(r: Asks) -> list[Table]:
    rules: dict[int, list[TaskRule]] = defaultdict(list)
    for rule in task_rules(r):
        rules[rule.stage_id].append(rule)
    return [
        {
            "name": pipeline.name,
            "counts": pipeline.counts,
            "stage": [
                _stage(r, stage, rules[stage.id])
                for stage in pipelines.stages(r, pipeline.id, archived=True)
            ],
        }
        for pipeline in pipelines.pipelines(r)
    ]


def _stage(r: Asks, stage: pipelines.Stage, rules: list[TaskRule]) -> Table:
    return _without_none(
        {
            "name": stage.name,
            "kind": stage.kind,
            "colour": stage.colour,
            "probability": stage.probability,
            "limit_days": stage.limit_days,
            "milestone": stage.milestone or ("" if stage.kind != "open" else None),
            "required": list(stage.required) or None,
            "paid_percent": stage.paid_percent,
            "archived": True if stage.archived else None,
            "points": _points(r, stage.id),
            "task": [_task_rule(r, rule) for rule in rules],
        }
    )


def _points(r: Asks, stage_id: int) -> str | list[Table]:
    history = stage_points.points_history(r, stage_id)
    if len(history) == 1 and history[0].valid_from is None:
        return plain(history[0].points)
    return [
        _without_none({"from": _date(entry.valid_from), "points": plain(entry.points)})
        for entry in history
    ]


def _task_rule(r: Asks, rule: TaskRule) -> Table:
    default = TaskRule(0, 0, "")
    table: Table = {"title": rule.title, "kind": _name_of(r, "task_kind", rule.kind_id)}
    for field in PLAIN_RULE_FIELDS:
        value = getattr(rule, field)
        if value != getattr(default, field) or field in ("due_rule", "amount", "unit"):
            table[field] = value
    table["checklist"] = list(rule.checklist) or None
    table["date"] = _date(rule.fixed_day)
    awaited = rule.event_stage_id
    if rule.event_task_rule_id is not None:
        row = r.row(
            "SELECT stage_id, title FROM task_rule WHERE id = ?", (rule.event_task_rule_id,)
        )
        if row is not None:
            awaited, table["event_task"] = row
    if awaited is not None:
        table["event_pipeline"], table["event_stage"] = _place(r, awaited)
    table["assignee"] = _name_of(r, "person", rule.assignee_id)
    table["team"] = _name_of(r, "team", rule.team_id)
    return _without_none(table)


def _links(r: Asks) -> list[Table]:
    """All links but those of archived stages, which set nothing off."""
    archived = {stage.id for stage in pipelines.stages(r, archived=True) if stage.archived}
    return [_link(r, rule) for rule in link_rules(r) if rule.stage_id not in archived]


def _link(r: Asks, rule: LinkRule) -> Table:
    pipeline, stage = _place(r, rule.stage_id)
    to_pipeline, to_stage = _place(r, rule.target_stage_id)
    return _without_none(
        {
            "kind": rule.kind,
            "pipeline": pipeline,
            "stage": stage,
            "to_pipeline": to_pipeline,
            "to_stage": to_stage,
            "title": rule.title,
            "assignee_rule": rule.assignee_rule,
            "assignee": _name_of(r, "person", rule.assignee_id),
            "team": _name_of(r, "team", rule.team_id),
            "copied": list(rule.copied) or None,
            "filled": list(rule.filled) or None,
            "keeps_in_step": rule.keeps_in_step or None,
            "allows_back": rule.allows_back or None,
        }
    )


#: Plans and norms, but those of teams and people that were deleted: a file cannot name them.
_OF_THOSE_HERE = (
    "LEFT JOIN person p ON p.id = y.person_id LEFT JOIN team t ON t.id = y.team_id "
    "WHERE y.deleted_at IS NULL AND p.deleted_at IS NULL AND t.deleted_at IS NULL"
)


def _plans(r: Asks) -> list[Table]:
    """Plans by subject and metric, their months together."""
    months: dict[tuple[str, str, str, str], Table] = defaultdict(dict)
    for metric, kind, person, team, month, value in r.rows(
        "SELECT y.metric, k.name, p.name, t.name, y.month, y.value FROM plan y "
        f"LEFT JOIN task_kind k ON k.id = y.kind_id {_OF_THOSE_HERE} "
        "AND k.deleted_at IS NULL AND (y.kind_id IS NULL OR k.id IS NOT NULL) "
        "ORDER BY y.month, y.id"
    ):
        key = (team or "", person or "", metric, kind or "")
        months[key][month_text(month)] = _ten_thousandths(value)
    return [
        {
            **_subject(person, team),
            "metric": metric,
            **_without_none({"kind": kind or None}),
            "months": months[(team, person, metric, kind)],
        }
        for team, person, metric, kind in sorted(months)
    ]


def _norms(r: Asks) -> list[Table]:
    rows = [
        (metric, team or "", person or "", month or 0, value)
        for metric, person, team, month, value in r.rows(
            "SELECT y.metric, p.name, t.name, y.month, y.value FROM norm y "
            f"{_OF_THOSE_HERE} ORDER BY y.id"
        )
    ]
    return [
        _without_none(
            {
                **_subject(person, team),
                "metric": metric,
                "month": month_text(month) if month else None,
                "value": _ten_thousandths(value),
            }
        )
        for metric, team, person, month, value in sorted(rows)
    ]


def _subject(person: str, team: str) -> Table:
    """Whom a plan or a norm is for; by names, whose order is that of every workspace."""
    return _without_none({"person": person or None, "team": team or None})


def _own_days_off(r: Asks) -> list[Table]:
    return [
        {"day": _date(off.day), "name": off.name}
        for off in days_off.days_off(r, 1, date.max.toordinal())
        if off.origin == days_off.TEAM
    ]


def _calendar(r: Asks) -> list[Table]:
    """Each copied year as its exceptions: days off that are no plain weekend, weekends worked."""
    years = []
    for year, country in sorted(days_off.known_years(r).items()):
        days = year_days(year)
        off = {
            one.day: one.name
            for one in days_off.days_off(r, days[0], days[-1])
            if one.origin == days_off.COUNTRY
        }
        years.append(
            {
                "year": year,
                "country": country,
                "off": [
                    {"day": _date(day), "name": name}
                    for day, name in off.items()
                    if name or not is_weekend(day)
                ],
                "worked": [_date(day) for day in days if is_weekend(day) and day not in off],
            }
        )
    return years


def is_weekend(day: int) -> bool:
    """Whether the day is a Saturday or a Sunday."""
    return date.fromordinal(day).weekday() in _WEEKEND


def _ten_thousandths(value: int) -> str:
    return plain(Decimal(value) / MONEY_SCALE)


def _date(day: int | None) -> date | None:
    return None if day is None else date.fromordinal(day)


def _names(r: Asks) -> dict[int, str]:
    return {person.id: person.name for person in people.people(r)}


def _name_of(r: Asks, table: str, key: int | None) -> str | None:
    if key is None:
        return None
    found: str | None = r.value(f"SELECT name FROM {table} WHERE id = ?", (key,))
    return found


def _place(r: Asks, stage_id: int) -> tuple[str, str]:
    row = r.row(
        "SELECT p.name, s.name FROM stage s JOIN pipeline p ON p.id = s.pipeline_id WHERE s.id = ?",
        (stage_id,),
    )
    assert row is not None
    return row[0], row[1]


def _without_none(table: Table) -> Table:
    return {key: value for key, value in table.items() if value is not None}
