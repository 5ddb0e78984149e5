"""Plans of actions: how often tasks of a kind are to be done by a person or a team in a month.

They are plans of the metric ``actions``, each of one kind of task, and apart from those of the
ranking. Where metrics are named (a cell of the grid, a command) one of them is ``actions:KEY``,
with the key of the kind; in a configuration file it has the kind's name beside it.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any, Final

from salesdesk.errors import Invalid
from salesdesk.moments import amount_of
from salesdesk.services.levels import PLANNED
from salesdesk.services.records import Asks
from salesdesk.text import N_

METRIC: Final = "actions"
#: Everything that a plan can be of.
PLANNABLE: Final = (*PLANNED, METRIC)
#: (person, team)
Subject = tuple[int | None, int | None]


def metric_of(kind_id: int) -> str:
    """The metric of a kind of task, as it is named among others."""
    return f"{METRIC}:{kind_id}"


def parts_of(metric: str) -> tuple[str, int | None]:
    """A metric as the database has it, and the kind of task where it is of actions.

    Raises ``Invalid`` for actions of no kind.
    """
    name, _, kind = metric.partition(":")
    if name != METRIC:
        return metric, None
    if not (kind.isascii() and kind.isdecimal()):
        raise Invalid(N_("A plan of actions names a kind of task."))
    return name, int(kind)


def kinds(r: Asks) -> dict[int, str]:
    """The kinds of task by key, in their order."""
    return dict(
        r.rows("SELECT id, name FROM task_kind WHERE deleted_at IS NULL ORDER BY position, id")
    )


def planned_kinds(r: Asks) -> frozenset[int]:
    """The kinds that have a plan: the team's measurable actions."""
    return frozenset(
        row[0]
        for row in r.rows(
            "SELECT DISTINCT kind_id FROM plan WHERE metric = ? AND deleted_at IS NULL "
            "AND kind_id IS NOT NULL",
            (METRIC,),
        )
    )


def schedules(
    r: Any, first_month: int, last_month: int
) -> dict[tuple[int, Subject], dict[int, Decimal]]:
    """Plans by kind, and person or team; month by month."""
    found: dict[tuple[int, Subject], dict[int, Decimal]] = defaultdict(dict)
    for kind, person, team, month, value in r.rows(
        "SELECT kind_id, person_id, team_id, month, value FROM plan WHERE metric = ? "
        "AND kind_id IS NOT NULL AND month BETWEEN ? AND ? AND deleted_at IS NULL ORDER BY id",
        (METRIC, first_month, last_month),
    ):
        found[kind, (person, team)][month] = amount_of(value)
    return found
