"""A configuration document taken into a workspace, inside one transaction.

What the document names is added or changed; a key that is missing leaves what is there; nothing is
deleted but the rules and links that the document lists anew (see ``configuration_pipelines``).
Everything is found by its name.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Transaction
from salesdesk.moments import money_of
from salesdesk.services import absences, days_off, levels, lists, people, settings
from salesdesk.services.calendars import year_days
from salesdesk.services.configuration_entry import (
    Entry,
    Mistakes,
    day,
    decimal,
    flag,
    month,
    place,
    text,
    texts,
    whole,
)
from salesdesk.services.configuration_export import FORMAT, is_weekend
from salesdesk.services.configuration_pipelines import take_links, take_pipelines
from salesdesk.services.records import named
from salesdesk.text import N_, tr

Table = Mapping[str, Any]
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
    with mistakes.at(tr(N_("Configuration file"))):
        if entry.take("format", whole, FORMAT) != FORMAT:
            raise Invalid(N_("This format is not known; it may be from a newer version."))
    with mistakes.at(tr(N_("Settings"))):
        _settings(tx, entry.take("settings", _table, {}), making)
    for name, (take, read) in _SECTIONS.items():
        with mistakes.at(name):
            if entry.has(name):
                take(tx, entry.take(name, read), mistakes)
    if not mistakes.found and entry.has("team"):
        _take_leads(tx, entry.take("team", _tables), mistakes)
    with mistakes.at(tr(N_("Configuration file"))):
        entry.done()
    mistakes.raise_if_any()


def _table(value: Any) -> Table:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _tables(value: Any) -> list[Table]:
    if not isinstance(value, list):
        raise TypeError
    return [_table(entry) for entry in value]


def _settings(tx: Transaction, given: Table, making: bool) -> None:
    """The zone of a workspace stays what it is, whatever the file says of another one's."""
    kept = {
        name: value
        for name, value in given.items()
        if making or name not in settings.BY_NAME or not settings.BY_NAME[name].fixed
    }
    settings.write(tx, kept, making=making)


# --- lists -------------------------------------------------------------------------------------


def _take_list(tx: Transaction, which: str, entries: Iterable[Table], mistakes: Mistakes) -> None:
    spec = lists.LISTS[which]
    for table in entries:
        with mistakes.at(place(spec.title, table.get("name", ""))):
            entry = Entry(table)
            name = entry.must("name", text)
            values = entry.some({field: _LIST_FIELDS[field] for field in spec.fields})
            entry.done()
            known = named(tx, spec.table, name)
            if known is None:
                values["name"] = name
            lists.write(tx, which, known, values)


def _take_names(tx: Transaction, which: str, names: Iterable[str], mistakes: Mistakes) -> None:
    _take_list(tx, which, [{"name": name} for name in names], mistakes)


# --- people and teams --------------------------------------------------------------------------


def _take_teams(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    """First all teams, then which is inside which; their leads come with the people."""
    for table in tables:
        with mistakes.at(place(N_("team"), table.get("name", ""))):
            entry = Entry(table)
            name = entry.must("name", text)
            entry.take("inside", text)
            entry.take("lead", text)
            entry.done()
            if named(tx, "team", name) is None:
                people.write_team(tx, None, {"name": name})
    for table in tables:
        if "inside" in table:
            with mistakes.at(place(N_("team"), table.get("name", ""))):
                inside = people.find_team(tx, table["inside"]).id
                key = people.find_team(tx, table["name"]).id
                people.write_team(tx, key, {"parent_id": inside})


def _take_leads(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        if "lead" in table:
            with mistakes.at(place(N_("team"), table.get("name", ""))):
                key = people.find_team(tx, table["name"]).id
                people.write_team(tx, key, {"lead_id": _person(tx, table["lead"])})


_PERSON_READERS = {
    "role": text, "email": text, "phone": text, "in_ranking": flag, "first_day": day,
    "last_day": day, "external_id": text,
}  # fmt: skip


def _take_people(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        with mistakes.at(place(N_("person"), table.get("name", ""))):
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
    for table in tables:
        with mistakes.at(place(N_("person"), table.get("name", ""))):
            _take_bonds(tx, table, mistakes)


def _take_bonds(tx: Transaction, table: Table, mistakes: Mistakes) -> None:
    """What leads from one person to another: the supervisor, and who stands in."""
    key = named(tx, "person", table.get("name", ""))
    if key is None:
        return  # it was refused before
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
    key = named(tx, "person", text(name))
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


def _take_plans(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        with mistakes.at(place(N_("plan"), table.get("metric", ""))):
            entry = Entry(table)
            row = {**_subject(tx, entry), "metric": _metric(entry, levels.PLANNED)}
            if row["person_id"] is None and row["team_id"] is None:
                raise Invalid(N_("A plan is that of a person or of a team."))
            months = Entry(entry.must("months", _table))
            entry.done()
            for name in months.table:
                value = months.take(name, decimal)
                _put(tx, "plan", {**row, "month": _month(name)}, value)


def _take_norms(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        with mistakes.at(place(N_("norm"), table.get("metric", ""))):
            entry = Entry(table)
            row = {**_subject(tx, entry), "metric": _metric(entry, levels.NORMED)}
            row["month"] = entry.take("month", month)
            value = entry.must("value", decimal)
            entry.done()
            _put(tx, "norm", row, value)


def _month(name: str) -> int:
    try:
        return month(name)
    except TypeError as error:
        raise Invalid(N_("“{value}” is no month such as 2026-11."), value=name) from error


def _put(tx: Transaction, table: str, row: dict[str, Any], value: Any) -> None:
    if value < 0:
        raise Invalid(N_("A plan or a norm is not below 0."))
    where = " AND ".join(f"{name} IS ?" for name in row)
    found = tx.value(
        f"SELECT id FROM {table} WHERE {where} AND deleted_at IS NULL", tuple(row.values())
    )
    if found is None:
        tx.insert(table, [{**row, "value": money_of(value)}])
    else:
        tx.update(table, [{"id": found, "value": money_of(value)}])


def _take_rates(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        with mistakes.at(place(N_("rate"), table.get("currency", ""))):
            entry = Entry(table)
            currency, rate = entry.must("currency", text), entry.must("rate", decimal)
            since = entry.take("from", day)
            entry.done()
            settings.write_rate(tx, currency, rate, since)


def _take_days_off(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        with mistakes.at(place(N_("day off"), table.get("day", ""))):
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


def _take_calendar(tx: Transaction, tables: list[Table], mistakes: Mistakes) -> None:
    for table in tables:
        with mistakes.at(place(N_("calendar"), table.get("year", ""))):
            entry = Entry(table)
            year = entry.must("year", whole)
            country = entry.must("country", text)
            named_days = {
                one.must("day", day): one.take("name", text, "")
                for one in map(Entry, entry.tables("off"))
            }
            worked = {_day(value) for value in entry.take("worked", _list, [])}
            entry.done()
            if not 1900 <= year <= 2200:
                raise Invalid(N_("{year} is no year of a calendar."), year=year)
            weekends = {d: "" for d in year_days(year) if is_weekend(d)}
            off = {d: name for d, name in {**weekends, **named_days}.items() if d not in worked}
            if not set(off) <= set(year_days(year)):
                raise Invalid(N_("The calendar of {year} names a day of another year."), year=year)
            days_off.copy_year(tx, year, country, off)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _day(value: Any) -> int:
    try:
        return day(value)
    except TypeError as error:
        raise Invalid(N_("“{value}” is no date."), value=value) from error


def _list_taker(which: str) -> Any:
    take = _take_list if lists.LISTS[which].fields else _take_names
    return lambda tx, found, mistakes: take(tx, which, found, mistakes)


#: In the order in which things refer to each other: key, how it is taken in, how it is read.
_SECTIONS: dict[str, tuple[Any, Any]] = {
    **{
        name: (_list_taker(name), _tables if spec.fields else texts)
        for name, spec in lists.LISTS.items()
    },
    "team": (_take_teams, _tables),
    "person": (_take_people, _tables),
    "pipeline": (take_pipelines, _tables),
    "link": (take_links, _tables),
    "plan": (_take_plans, _tables),
    "norm": (_take_norms, _tables),
    "rate": (_take_rates, _tables),
    "day_off": (_take_days_off, _tables),
    "calendar": (_take_calendar, _tables),
}
