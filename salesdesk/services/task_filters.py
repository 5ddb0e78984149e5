"""What the lists of tasks are filtered by: as texts by name (an address, a saved filter), as SQL.

``assignees=3,0&kinds=2&stages=5&due=week&often=1&text=crane``. Parts must all hold; of several
people, clients or tags one is enough. 0 stands for nobody, or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from salesdesk.services import filters, settings
from salesdesk.services.board import like
from salesdesk.services.conditions import Condition
from salesdesk.services.filter_words import days_in, ids_of, ids_text
from salesdesk.services.survivors import survivors

_SETS: Final = (
    "assignees", "teams", "clients", "kinds", "pipelines", "stages", "tags", "sources"
)  # fmt: skip
Params = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks of a list are shown; an empty filter shows all of them.

    ``assignees`` and ``teams`` add up. Pipelines, stages, tags and sources are those of the deal.
    ``due`` is days (``filter_words``); ``often``: put off by hand as often as the
    settings say.
    """

    assignees: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    clients: frozenset[int] = frozenset()
    kinds: frozenset[int] = frozenset()
    pipelines: frozenset[int] = frozenset()
    stages: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    sources: frozenset[int] = frozenset()
    due: str = ""
    often: bool = False
    text: str = ""

    def is_empty(self) -> bool:
        """Whether every task passes."""
        return self == EVERY


EVERY: Final = TaskFilter()


def to_texts(chosen: TaskFilter) -> dict[str, str]:
    """A filter as texts by name, without what is not chosen."""
    found = {name: ids_text(getattr(chosen, name)) for name in _SETS}
    found |= {"due": chosen.due, "often": "1" if chosen.often else "", "text": chosen.text}
    return {name: text for name, text in found.items() if text}


def from_texts(texts: Mapping[str, str]) -> TaskFilter:
    """The filter of texts by name; other names are passed over.

    Raises Invalid, with the text that cannot be read.
    """
    sets: dict[str, Any] = {name: ids_of(name, texts.get(name, "")) for name in _SETS}
    due = days_in("due", texts.get("due", ""))
    return TaskFilter(
        **sets, due=due, often=texts.get("often") == "1", text=texts.get("text", "").strip()
    )


# -- SQL ------------------------------------------------------------------------------------------


def where(r: Any, chosen: TaskFilter, now: int) -> tuple[str, Params]:
    """The filter as ``" AND ..."`` over t (task), and its parameters.

    What it asks of deals and clients is gathered once for all tasks, not once for each.
    """
    if chosen.is_empty():
        return "", ()
    found = Condition()
    if chosen.assignees or chosen.teams:
        found.one_of("t.assignee_id", chosen.assignees | filters.members(r, chosen.teams))
    if chosen.kinds:
        found.one_of("t.kind_id", chosen.kinds)
    if chosen.often:
        found.add("t.postponed >= ?", settings.get(r, settings.HABIT_TIMES))
    found.moments("t.due_at", chosen.due, r.zone.day_of(now), r.zone)
    _deals(found, chosen)
    if chosen.clients:
        ids = sorted(survivors(r, "client", chosen.clients))
        marks = ", ".join("?" * len(ids))
        found.add(
            f"(t.client_id IN ({marks}) OR t.deal_id IN (SELECT id FROM deal WHERE client_id IN "
            f"({marks}) UNION SELECT id FROM deal WHERE contact_id IN ({marks})))",
            *ids, *ids, *ids,
        )  # fmt: skip
    for word in chosen.text.split():
        _word(found, word)
    return found.sql, tuple(found.params)


def _deals(found: Condition, chosen: TaskFilter) -> None:
    deals = Condition()
    if chosen.pipelines:
        marks = ", ".join("?" * len(chosen.pipelines))
        stages = f"SELECT id FROM stage WHERE pipeline_id IN ({marks})"
        deals.add(f"d.stage_id IN ({stages})", *sorted(chosen.pipelines))
    if chosen.stages:
        deals.one_of("d.stage_id", chosen.stages)
    if chosen.sources:
        deals.one_of("d.source_id", chosen.sources)
    if chosen.tags:
        deals.tagged("d.id", chosen.tags)
    if deals.sql:
        # The plus keeps SQLite from walking through every task of all these deals: tasks are found
        # by when they are due, of which an index knows the deal.
        found.add(
            f"+t.deal_id IN (SELECT d.id FROM deal d WHERE d.deleted_at IS NULL{deals.sql})",
            *deals.params,
        )


def _word(found: Condition, word: str) -> None:
    """The word is in the title, in the title of the deal, or in the name of a client."""
    clients = (
        "SELECT id FROM client WHERE replace(name_key, 'ё', 'е') LIKE ? ESCAPE '\\' "
        "AND deleted_at IS NULL"
    )
    found.add(
        f"(folded(t.title) LIKE ? ESCAPE '\\' OR t.client_id IN ({clients}) OR t.deal_id IN ("
        "SELECT id FROM deal WHERE title_key LIKE ? ESCAPE '\\' AND deleted_at IS NULL "
        f"UNION SELECT id FROM deal WHERE client_id IN ({clients}) "
        f"UNION SELECT id FROM deal WHERE contact_id IN ({clients})))",
        *[like(word)] * 5,
    )
