"""What is kept as JSON with a connection (``sync_remote.options``), read and checked in one place.

``fields``: custom fields at the other end by our keys. ``stages``: what its stages were called when
it was connected, to tell people of them. ``plain_http``: http was allowed on purpose.
``automates``: who makes the tasks, by the key of a pipeline: ``salesdesk`` (as long as nobody says
otherwise) or ``crm``. ``rules``: rules of a merge that are not as delivered, by ``entity.field``.
``paused``: no rounds by themselves. ``publisher``: the claim of the computer that publishes the
ranking as it is known here, ``publisher_told``: the one that the CRM has (``publishing``),
``published``: the local day on which this one last did, ``published_last``: the moment, and of
how many something had changed. ``results``: which results are published
and ``results_to`` what they are published of, ``published_people``: what people of the CRM carry of
them, by their keys there, ``results_refused``: why the CRM took none on a day (``publish``).
``heard``: by person the latest move that came from another seat (``completeness``).
``seen_txn``: up to which transaction undos were looked for (``outbox``).
``counts_from``: the local day (ISO) before which moves of the other end's history count nowhere.
``verified``, ``swept``: how far the links were compared with the other end, and looked for there
(``verifying``).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast, get_args

from salesdesk.services.sync.merge import RULES, Rule
from salesdesk.services.sync.remote import ENTITIES, Entity, Place

Automates = Literal["salesdesk", "crm"]
AUTOMATES: tuple[Automates, ...] = get_args(Automates)
#: What can be published of the ranking: points, rank, band, the moment of counting.
Result = Literal["points", "rank", "band", "at"]
RESULTS: tuple[Result, ...] = get_args(Result)
PLACES: tuple[Place, ...] = get_args(Place)
#: Rules that an administrator may choose, by field; the first is the one as delivered. What is not
#: here has no choice (a text of moves is always the union of both).
CHOICES: Mapping[tuple[Entity, str], tuple[Rule, ...]] = {
    ("deal", "stage"): ("closed", "ask", "ours", "theirs"),
    ("deal", "amount"): ("ask", "ours", "theirs"),
    ("deal", "expected_day"): ("ask", "ours", "theirs"),
    ("deal", "owner"): ("theirs", "ask", "ours"),
    ("deal", "title"): ("ask", "ours", "theirs"),
    ("deal", "company"): ("theirs", "ask", "ours"),
    ("deal", "contact"): ("theirs", "ask", "ours"),
    ("company", "name"): ("ask", "ours", "theirs"),
    ("company", "phones"): ("both", "ask", "ours", "theirs"),
    ("contact", "name"): ("ask", "ours", "theirs"),
    ("contact", "phones"): ("both", "ask", "ours", "theirs"),
    ("task", "title"): ("ask", "ours", "theirs"),
    ("task", "owner"): ("theirs", "ask", "ours"),
    ("task", "due_at"): ("theirs", "ask", "ours"),
    ("task", "done"): ("done", "ask", "ours", "theirs"),
}


def automates(options: Mapping[str, Any], pipeline_id: int) -> Automates:
    """Who makes the tasks of a pipeline."""
    found = (options.get("automates") or {}).get(str(pipeline_id))
    return "crm" if found == "crm" else "salesdesk"


def own_rules(options: Mapping[str, Any]) -> dict[tuple[Entity, str], Rule]:
    """The rules that are not as delivered; what is not understood is left out."""
    found: dict[tuple[Entity, str], Rule] = {}
    for name, rule in (options.get("rules") or {}).items():
        entity, _, field = str(name).partition(".")
        key = (cast("Entity", entity), field)
        if entity in ENTITIES and rule in CHOICES.get(key, ()):
            found[key] = rule
    return found


def rules(options: Mapping[str, Any]) -> Mapping[tuple[Entity, str], Rule]:
    """The rules of a merge: as delivered, but for those that were chosen otherwise."""
    return {**RULES, **own_rules(options)}


def counts_from(options: Mapping[str, Any]) -> int | None:
    """The local day (ordinal) from which moves count; None: all of them."""
    found = options.get("counts_from")
    try:
        return date.fromisoformat(found).toordinal() if isinstance(found, str) else None
    except ValueError:
        return None


def results(options: Mapping[str, Any]) -> tuple[Result, ...]:
    """Which results are published, in their order: all of them unless some were chosen."""
    chosen = options.get("results") or ()
    return tuple(one for one in RESULTS if one in chosen) or RESULTS


def results_to(options: Mapping[str, Any]) -> Place:
    """What results are published of: deals in work unless people were chosen."""
    return "person" if options.get("results_to") == "person" else "deal"


def is_paused(options: Mapping[str, Any]) -> bool:
    """Whether no round begins by itself."""
    return bool(options.get("paused"))
