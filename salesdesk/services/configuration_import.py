"""A configuration document taken into a workspace, inside one transaction.

What the document names is added or changed; a key that is missing leaves what is there; nothing is
deleted but the rules and links that the document lists anew (see ``configuration_pipelines``).
Everything is found by its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Transaction
from salesdesk.services import (
    absences,
    action_plans,
    amounts,
    bonuses,
    days_off,
    levels,
    lists,
    people,
    settings,
)
from salesdesk.services.calendars import year_days
from salesdesk.services.configuration_entry import (
    Entry,
    Mistakes,
    day,
    decimal,
    flag,
    many_tables,
    month,
    one_table,
    shown,
    text,
    texts,
    whole,
)
from salesdesk.services.configuration_export import FORMAT, is_weekend
from salesdesk.services.configuration_lines import Placed, line_of
from salesdesk.services.configuration_pipelines import take_links, take_pipelines
from salesdesk.services.records import named
from salesdesk.text import N_, tr

Table = Mapping[str, Any]
_MOST_RATE = Decimal(10) ** 9
#: Readers of the fields that entries of lists have.
_LIST_FIELDS = {
    "not_refusal": flag, "asks_result": flag, "icon": text, "subject": text, "kind": text,
    "options": texts, "on_card": flag,
}  # fmt: skip


def apply(tx: Transaction, document: Table, *, making: bool = False) -> None:
    """Take in a document; raises ``ConfigurationRefused`` with every mistake that it has.

    ``making``: the workspace is being made, and what is fixed later may be set.
    """
    entry, mistakes = Entry(document), Mistakes()
    with mistakes.at(tr(N_("Configuration file")), document):
        if entry.take("format", whole, FORMAT) != FORMAT:
            raise Invalid(N_("This format is not known; it may be from a newer version."))
    with mistakes.at(tr(N_("Settings")), document):
        _settings(tx, entry.take("settings", one_table, {}), making, mistakes)
    for name, (take, read) in _SECTIONS.items():
        with mistakes.at(name, line=line_of(document, name) if entry.has(name) else 0):
            if entry.has(name):
                take(tx, entry.take(name, read), mistakes)
    if not mistakes.found and entry.has("team"):
        _take_leads(tx, entry.take("team", many_tables), mistakes)
    with mistakes.at(tr(N_("Configuration file")), document):
        entry.done()
    mistakes.raise_if_any()


def _settings(tx: Transaction, given: Table, making: bool, mistakes: Mistakes) -> None:
    """The zone of a workspace stays what it is, whatever the file says of another one's."""
    kept = {
        name: value
        for name, value in given.items()
        if making or name not in settings.BY_NAME or not settings.BY_NAME[name].fixed
    }
    before = len(mistakes.found)
    for name, value in kept.items():
        with mistakes.at(tr(N_("setting")), line=line_of(given, name)):
            _check_setting(name, value)
    if len(mistakes.found) == before:
        settings.write(tx, kept, making=making)


def _check_setting(name: str, value: Any) -> None:
    try:
        settings.checked(name, value)
    except TypeError as error:
        raise Invalid(N_("“{key}” cannot be {value}."), key=name, value=shown(value)) from error


# --- lists -------------------------------------------------------------------------------------


def _take_list(tx: Transaction, which: str, tables: Sequence[Table], mistakes: Mistakes) -> None:
    spec = lists.LISTS[which]

    def take(table: Table) -> None:
        entry = Entry(table)
        name = entry.must("name", text)
        values = entry.some({field: _LIST_FIELDS[field] for field in spec.fields})
        entry.done()
        known = named(tx, spec.table, name)
        if known is None:
            values["name"] = name
        lists.write(tx, which, known, values)

    mistakes.each(spec.title, tables, take, once=True)


def _take_names(tx: Transaction, which: str, found: list[str], mistakes: Mistakes) -> None:
    tables = [Placed({"name": name}, line_of(found, name), {}) for name in found]
    _take_list(tx, which, tables, mistakes)


# --- people and teams --------------------------------------------------------------------------


def _take_teams(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    """First all teams, then which is inside which; their leads come with the people."""

    def take(table: Table) -> None:
        entry = Entry(table)
        name = entry.must("name", text)
        entry.take("inside", text)
        entry.take("lead", text)
        entry.done()
        if named(tx, "team", name) is None:
            people.write_team(tx, None, {"name": name})

    def put_inside(table: Table) -> None:
        if "inside" in table:
            inside = people.find_team(tx, table["inside"]).id
            people.write_team(tx, people.find_team(tx, table["name"]).id, {"parent_id": inside})

    good = mistakes.each(N_("team"), tables, take, once=True)
    mistakes.each(N_("team"), good, put_inside)


def _take_leads(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        if "lead" in table:
            key = people.find_team(tx, table["name"]).id
            people.write_team(tx, key, {"lead_id": _person(tx, table["lead"])})

    mistakes.each(N_("team"), tables, take)


_PERSON_READERS = {
    "role": text, "email": text, "phone": text, "in_ranking": flag, "first_day": day,
    "last_day": day, "external_id": text,
}  # fmt: skip


def _take_people(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        entry = Entry(table)
        name = entry.must("name", text)
        values = entry.some(_PERSON_READERS)
        if entry.has("team"):
            values["team_id"] = people.find_team(tx, entry.take("team", text)).id
        entry.take("supervisor", text)
        entry.tables("absences")
        entry.done()
        known = named(tx, "person", name)
        if known is None:
            values["name"] = name
        people.write_person(tx, known, values)

    good = mistakes.each(N_("person"), tables, take, once=True)
    mistakes.each(N_("person"), good, lambda table: _take_bonds(tx, table))


def _take_bonds(tx: Transaction, table: Table) -> None:
    """What leads from one person to another: the supervisor, and who stands in."""
    key = _person(tx, table["name"])
    if "supervisor" in table:
        people.write_person(tx, key, {"supervisor_id": _person(tx, table["supervisor"])})
    known = {one.first_day: one for one in absences.absences(tx, key)}
    for away in table.get("absences", []):
        entry = Entry(away)
        first, last = entry.must("first", day), entry.must("last", day)
        substitute = entry.take("substitute", text)
        entry.done()
        absences.write_absence(
            tx,
            known[first].id if first in known else None,
            key,
            first,
            last,
            None if substitute is None else _person(tx, substitute),
        )


def _person(tx: Transaction, name: str) -> int:
    key = named(tx, "person", name)
    if key is None:
        raise NotFound(N_("There is no person “{name}” here."), name=name)
    return key


# --- plans, norms, rates, days -----------------------------------------------------------------


def _subject(tx: Transaction, entry: Entry) -> dict[str, int | None]:
    person, team = entry.take("person", text), entry.take("team", text)
    if person is not None and team is not None:
        raise Invalid(N_("Name a person or a team, not both."))
    return {
        "person_id": None if person is None else _person(tx, person),
        "team_id": None if team is None else people.find_team(tx, team).id,
    }


def _metric(entry: Entry, known: Iterable[str]) -> str:
    metric: str = entry.must("metric", text)
    if metric not in known:
        raise Invalid(
            N_("“{metric}” is none of: {metrics}."), metric=metric, metrics=", ".join(known)
        )
    return metric


def _kind(tx: Transaction, entry: Entry) -> int:
    """The kind of task that a plan of actions is of."""
    return lists.find(tx, "task_kinds", entry.must("kind", text)).id


def _take_plans(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        entry = Entry(table)
        row = {**_subject(tx, entry), "metric": _metric(entry, action_plans.PLANNABLE)}
        row["kind_id"] = _kind(tx, entry) if row["metric"] == action_plans.METRIC else None
        if row["person_id"] is None and row["team_id"] is None:
            raise Invalid(N_("A plan is that of a person or of a team."))
        months = Entry(entry.must("months", one_table))
        entry.done()
        for name in months.table:
            value = months.take(name, decimal)
            _put(tx, "plan", {**row, "month": _month(name)}, value)

    mistakes.each(N_("plan"), tables, take, by="metric")


def _take_norms(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        entry = Entry(table)
        row = {**_subject(tx, entry), "metric": _metric(entry, levels.NORMED)}
        row["month"] = entry.take("month", month)
        value = entry.must("value", decimal)
        entry.done()
        _put(tx, "norm", row, value)

    mistakes.each(N_("norm"), tables, take, by="metric")


def _month(name: str) -> int:
    try:
        return month(name)
    except TypeError as error:
        raise Invalid(N_("“{value}” is no month such as 2026-11."), value=name) from error


def _put(tx: Transaction, table: str, row: dict[str, Any], value: Decimal) -> None:
    if value < 0:
        raise Invalid(N_("A plan or a norm is not below 0."), value=str(value))
    kept = amounts.kept(value)
    where = " AND ".join(f"{name} IS ?" for name in row)
    found = tx.value(
        f"SELECT id FROM {table} WHERE {where} AND deleted_at IS NULL", tuple(row.values())
    )
    if found is None:
        tx.insert(table, [{**row, "value": kept}])
    else:
        tx.update(table, [{"id": found, "value": kept}])


def _take_rates(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        entry = Entry(table)
        currency, rate = entry.must("currency", text), entry.must("rate", decimal)
        since = entry.take("from", day)
        entry.done()
        if rate > _MOST_RATE:
            raise Invalid(N_("A rate cannot be “{value}”."), value=table["rate"])
        settings.write_rate(tx, currency, rate, since)

    mistakes.each(N_("rate"), tables, take, by="currency")


def _take_bonuses(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    known = {step.from_percent: step for step in bonuses.steps(tx)}

    def take(table: Table) -> None:
        entry = Entry(table)
        start, share = entry.must("from", whole), entry.must("percent", decimal)
        entry.done()
        step = bonuses.Step(start, share)
        bonuses.check_steps([step])
        known[start] = step

    mistakes.each(N_("bonus"), tables, take, by="from")
    if not mistakes.found:
        bonuses.write_steps(tx, list(known.values()))


def _take_days_off(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        entry = Entry(table)
        off, name = entry.must("day", day), entry.take("name", text, "")
        entry.done()
        known = tx.value(
            "SELECT id FROM day_off WHERE day = ? AND origin = ? AND deleted_at IS NULL",
            (off, days_off.TEAM),
        )
        if known is None:
            days_off.write(tx, off, name)
        else:
            tx.update("day_off", [{"id": known, "name": name}])

    mistakes.each(N_("day off"), tables, take, by="day")


def _take_calendar(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    def take(table: Table) -> None:
        entry = Entry(table)
        year, country = entry.must("year", whole), entry.must("country", text)
        named_days: dict[int, str] = {}
        for one in map(Entry, entry.tables("off")):
            named_days[one.must("day", day)] = one.take("name", text, "")
            one.done()
        worked = {_day(value) for value in entry.take("worked", _list, [])}
        entry.done()
        if not 1900 <= year <= 2200:
            raise Invalid(N_("{year} is no year of a calendar."), year=year)
        weekends = {d: "" for d in year_days(year) if is_weekend(d)}
        off = {d: name for d, name in {**weekends, **named_days}.items() if d not in worked}
        if not set(off) <= set(year_days(year)):
            raise Invalid(N_("The calendar of {year} names a day of another year."), year=year)
        days_off.copy_year(tx, year, country, off)

    mistakes.each(N_("calendar"), tables, take, by="year")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _day(value: Any) -> int:
    try:
        return day(value)
    except TypeError as error:
        raise Invalid(N_("“{value}” is no date."), value=value) from error


_Take = Callable[[Transaction, Any, Mistakes], None]


def _list_taker(which: str) -> _Take:
    take: Any = _take_list if lists.LISTS[which].fields else _take_names
    return lambda tx, found, mistakes: take(tx, which, found, mistakes)


#: In the order in which things refer to each other: key, how it is taken in, how it is read.
_SECTIONS: dict[str, tuple[_Take, Callable[[Any], Any]]] = {
    **{
        name: (_list_taker(name), many_tables if spec.fields else texts)
        for name, spec in lists.LISTS.items()
    },
    "team": (_take_teams, many_tables),
    "person": (_take_people, many_tables),
    "pipeline": (take_pipelines, many_tables),
    "link": (take_links, many_tables),
    "plan": (_take_plans, many_tables),
    "norm": (_take_norms, many_tables),
    "rate": (_take_rates, many_tables),
    "bonus": (_take_bonuses, many_tables),
    "day_off": (_take_days_off, many_tables),
    "calendar": (_take_calendar, many_tables),
}
