"""What the reports on deals, tasks and payments share: which deals are asked for, money at the rate
of its day, names, and lists of what is behind a number."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import pipelines, rates
from salesdesk.services.ranking_setup import Setup
from salesdesk.services.report_table import MOST_THINGS, Behind, Column, Holds, Query, Thing
from salesdesk.services.reports_moves import Filter, filter_of
from salesdesk.text import N_, tr

_Found = TypeVar("_Found")
#: Key of ``behind`` for the last line, which sums the others.
WHOLE: tuple[Any, ...] = ()
#: A deal's client: its company, else that of its contact person, else the contact person.
CLIENT = "coalesce(d.client_id, ct.company_id, d.contact_id)"
WITH_CONTACT = "LEFT JOIN client ct ON ct.id = d.contact_id AND d.client_id IS NULL"


# -- which deals ----------------------------------------------------------------------------------


def asked(r: Reader, query: Query, now: int) -> Filter:
    """The pipeline, the people and the deals asked for."""
    return filter_of(r, query.pipeline_id, query.person_id, query.team_id, query.deals, now=now)


def of_deals(r: Reader, query: Query, now: int) -> tuple[str, list[Any]]:
    """The deals of the filter, of the pipeline and of the people responsible now, as ``" AND ..."``
    over d (deal) and s (its stage), with its parameters."""
    about = asked(r, query, now)
    sql, params = about.among + about.of_persons("d.owner_id"), list(about.given)
    if query.pipeline_id is not None:
        sql += " AND s.pipeline_id = ?"
        params.append(query.pipeline_id)
    return sql, params


def selling(setup: Setup, pipeline_id: int | None) -> list[int]:
    """The pipeline asked for, else those that count in the ranking, else (where none does) all:
    a transport that is cancelled is no refusal of a client, one that is delivered no sale."""
    if pipeline_id is not None:
        return [pipeline_id]
    counting = [key for key, (_, counts) in setup.pipelines.items() if counts]
    return counting or list(setup.pipelines)


def names_of(r: Reader, table: str, column: str = "name") -> dict[int, str]:
    """The names of a (short) table by key, deleted ones too."""
    return dict(r.rows(f"SELECT id, {column} FROM {table}"))


def stage_colours(r: Reader) -> dict[int, str]:
    """The colours of the stages by key, archived ones too."""
    return {stage.id: stage.colour for stage in pipelines.stages(r, archived=True)}


#: What is written where a line has no name.
NONE = {
    "person": N_("Nobody"), "team": N_("Without a team"), "reason": N_("No reason given"),
    "stage": N_("No stage before"), "source": N_("No source"), "industry": N_("No industry"),
    "client": N_("No client"), "contractor": N_("No contractor"), "kind": N_("No kind"),
}  # fmt: skip


def label(subject: str, name: str | None) -> str:
    """The name of a line, or that it has none."""
    return tr(NONE[subject]) if name is None else name


# -- money ----------------------------------------------------------------------------------------


class Money:
    """Money in the workspace's currency; remembers which currencies had no rate."""

    def __init__(self, r: Reader) -> None:
        self._rates = rates.load(r)
        self.currency = self._rates.home
        self.unrated: set[str] = set()

    def at(self, money: int | None, code: str, day: int) -> int | None:
        """Ten-thousandths at the rate of a day; nothing is nothing, None where there is no rate."""
        found = self._rates.convert(money or 0, code, day)
        if found is None:
            self.unrated.add(code)
        return found

    def notes(self) -> tuple[str, ...]:
        """A sentence for each currency that was left out."""
        return tuple(
            tr("{currency} has no rate: its amounts are left out.", currency=code)
            for code in sorted(self.unrated)
        )


def share(part: int, whole: int) -> Fraction | None:
    """A part of a whole; None of nothing."""
    return Fraction(part, whole) if whole else None


# -- days -----------------------------------------------------------------------------------------

#: The column of a day, week or month, by what a report goes by.
STEPS: dict[str, tuple[str, Holds]] = {
    "day": (N_("Day"), "day"),
    "week": (N_("Week"), "week"),
    "month": (N_("Month"), "month"),
}


def step_column(by: str, key: str = "period") -> Column:
    """The column that names days, weeks or months by their first day."""
    title, holds = STEPS[by]
    return Column(key, title, holds)


def place(columns: Sequence[Column], key: str) -> int:
    """Where a column stands."""
    return next(at for at, column in enumerate(columns) if column.key == key)


# -- what is behind a number ----------------------------------------------------------------------


class Fact(NamedTuple):
    """One deal, task or payment that a report counts: in which line, what it adds to each of the
    report's numbers (in their order; ten-thousandths where they are money), and what it is."""

    line: tuple[Any, ...]
    adds: tuple[int, ...]
    deal_id: int | None = None
    at: int | None = None
    about: str = ""
    task_id: int | None = None
    contractor_id: int | None = None


def summed(facts: Iterable[Fact], width: int) -> dict[tuple[Any, ...], list[int]]:
    """The numbers of each line, and of ``WHOLE``, all lines together."""
    found: dict[tuple[Any, ...], list[int]] = {WHOLE: [0] * width}
    for fact in facts:
        line = found.get(fact.line)
        if line is None:
            line = found[fact.line] = [0] * width
        for place, value in enumerate(fact.adds):
            line[place] += value
    whole = found[WHOLE]
    for key, line in found.items():
        if key != WHOLE:
            for place, value in enumerate(line):
                whole[place] += value
    return found


def behind(
    r: Reader, facts: Iterable[Fact], line: tuple[Any, ...], place: int, *, money: bool = False
) -> Behind:
    """What adds to one number of a line (``WHOLE``: of all lines), the earliest first."""
    adding = [one for one in facts if one.adds[place] and line in (WHOLE, one.line)]
    adding.sort(key=lambda one: (one.at or 0, one.deal_id or 0, one.task_id or 0))
    shown = adding[:MOST_THINGS]
    known = titles(r, "deal", (one.deal_id for one in shown if one.deal_id is not None))
    tasks = titles(r, "task", (one.task_id for one in shown if one.task_id is not None))
    things = []
    for one in shown:
        value = one.adds[place]
        title = known.get(one.deal_id or 0, "") if one.task_id is None else tasks[one.task_id]
        things.append(
            Thing(
                title, amount_of(value) if money else value, one.about, one.at, one.deal_id,
                one.task_id, None, one.contractor_id,
            )
        )  # fmt: skip
    return Behind(tuple(things), "money" if money else "count", len(adding) - len(shown))


def titles(r: Reader, table: str, ids: Iterable[int]) -> dict[int, str]:
    """Titles of deals or tasks."""
    wanted = sorted(set(ids))
    return dict(r.rows_of(f"SELECT id, title FROM {table} WHERE id IN ({{ids}})", wanted))


def listed_as(
    found: Sequence[_Found], thing: Callable[[_Found], Thing], holds: Holds = "count"
) -> Behind:
    """What was found as things; those that are too many are not made."""
    things = tuple(map(thing, found[:MOST_THINGS]))
    return Behind(things, holds, len(found) - len(things))


def listed(things: Sequence[Thing], holds: Holds = "count") -> Behind:
    """Things behind a number, those that are too many left out."""
    return Behind(tuple(things[:MOST_THINGS]), holds, max(0, len(things) - MOST_THINGS))
