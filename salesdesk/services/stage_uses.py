"""What hangs on a stage, deals and rules, and how it is given to another one (``stage_ends``).

The open deals of a stage that ends go to another open stage by real moves of the protocol. Such a
move tidies up and is nobody's work: it asks for nothing, makes and closes no task, sets off no
link, and reaches nothing (the reach is voided, with the reason). Deals that were won or lost stay
where they ended, so that no past number changes. Everything works inside a command's transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from salesdesk.errors import Refused
from salesdesk.models.store import Transaction
from salesdesk.services.records import Asks, skipped_count
from salesdesk.text import N_

PointerKind = Literal["task_rule", "link_rule", "waits", "target"]

POINTED = N_(
    "“{name}” is still named by {rules}: choose a stage that takes its place, or change them first."
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Something of the configuration that names a stage.

    ``task_rule`` and ``link_rule`` belong to the stage, ``waits`` is a task rule that waits for a
    child deal to enter it, ``target`` a link that leads to it. ``text``: what it is called.
    """

    kind: PointerKind
    id: int
    text: str

    @property
    def own(self) -> bool:
        """Whether it belongs to the stage rather than pointing to it from elsewhere."""
        return self.kind in ("task_rule", "link_rule")


@dataclass(frozen=True, slots=True)
class StageUse:
    """What hangs on a stage: deals that stand there, whether any ever did, and who names it."""

    deals: int
    ever: bool
    pointers: tuple[Pointer, ...]

    @property
    def used(self) -> bool:
        """Whether something would be lost if the stage were not there any more."""
        return bool(self.deals or self.ever or self.pointers)


_LINKS = (
    "SELECT l.id, p.name || ' · ' || a.name || ' → ' || q.name || ' · ' || b.name FROM link_rule l "
    "JOIN stage a ON a.id = l.stage_id JOIN pipeline p ON p.id = a.pipeline_id "
    "JOIN stage b ON b.id = l.target_stage_id JOIN pipeline q ON q.id = b.pipeline_id "
    "WHERE l.{end} = ? AND l.deleted_at IS NULL "
    "ORDER BY l.position, l.id"
)
_RULES = (
    "SELECT id, title FROM task_rule WHERE deleted_at IS NULL AND {where} ORDER BY position, id"
)
_WAITS = "event_stage_id = ? AND due_rule = 'on_event' AND event = 'child_enters'"
_POINTERS: dict[PointerKind, str] = {
    "task_rule": _RULES.format(where="stage_id = ?"),
    "link_rule": _LINKS.format(end="stage_id"),
    "waits": _RULES.format(where=_WAITS),
    "target": _LINKS.format(end="target_stage_id"),
}


def use_of(r: Asks, stage_id: int) -> StageUse:
    """What hangs on a stage."""
    deals = r.value(
        "SELECT count(*) FROM deal WHERE stage_id = ? AND deleted_at IS NULL", (stage_id,)
    )
    found = tuple(
        Pointer(kind, *row) for kind, sql in _POINTERS.items() for row in r.rows(sql, (stage_id,))
    )
    return StageUse(int(deals), was_entered(r, stage_id), found)


def was_entered(r: Asks, stage_id: int) -> bool:
    """Whether any deal ever stood in a stage, by a move that was undone, too."""
    return r.row("SELECT 1 FROM stage_move WHERE to_stage_id = ? LIMIT 1", (stage_id,)) is not None


def left_behind(r: Asks) -> dict[int, int]:
    """How many deals stand in each archived stage: those that ended there, as a rule."""
    return dict(
        r.rows(
            "SELECT d.stage_id, count(*) FROM stage s JOIN deal d ON d.stage_id = s.id "
            "AND d.deleted_at IS NULL WHERE s.archived AND s.deleted_at IS NULL GROUP BY d.stage_id"
        )
    )


def refuse_pointed(use: StageUse, name: str) -> None:
    """Raise ``Refused``, naming the rules elsewhere that would lead nowhere."""
    outside = [pointer.text for pointer in use.pointers if not pointer.own]
    if outside:
        raise Refused(POINTED, name=name, rules=", ".join(f"“{text}”" for text in outside))


# --- deals -------------------------------------------------------------------------------------


def move_out(tx: Transaction, left: int, to: int, reason: str) -> int:
    """Move the deals that stand in a stage to the end of another one; returns how many.

    Their open tasks go along: what the rules of the stage left asked for is asked for there.
    """
    found = tx.rows(
        "SELECT id, pos, since, owner_id, amount FROM deal WHERE stage_id = ? "
        "AND deleted_at IS NULL ORDER BY pos, id",
        (left,),
    )
    last = tx.value("SELECT max(pos) FROM deal WHERE stage_id = ? AND deleted_at IS NULL", (to,))
    below = -1.0 if last is None else float(last)
    rows = []
    for place, (deal, pos, since, owner, amount) in enumerate(found, 1):
        tx.place(deal, pos, below + place)
        rows.append(
            {
                "deal_id": deal, "to_stage_id": to, "at": max(tx.now, since or tx.now),
                "recorded_at": tx.now, "mover_id": tx.person, "mover_as": "person",
                "owner_id": owner, "sets_owner": 0, "amount": amount, "override": reason,
            }
        )  # fmt: skip
    moves = tx.insert("stage_move", rows) if rows else []
    deals = [row[0] for row in found]
    _void(tx, zip(deals, moves, strict=True), [*_passed(tx, left, to), to], reason)
    _take_tasks_along(tx, deals, left, to)
    return len(deals)


def _passed(tx: Transaction, left: int, to: int) -> list[int]:
    """The stages between, where a workspace counts those that are jumped over."""
    if not skipped_count(tx):
        return []
    return [
        row[0]
        for row in tx.rows(
            "SELECT s.id FROM stage s JOIN stage a ON a.id = ? JOIN stage b ON b.id = ? "
            "WHERE s.pipeline_id = a.pipeline_id AND s.position > a.position "
            "AND s.position < b.position AND s.deleted_at IS NULL",
            (left, to),
        )
    ]


def _void(
    tx: Transaction, moved: Iterable[tuple[int, int]], stages: list[int], reason: str
) -> None:
    """Nobody earns anything by such a move; the next entry counts."""
    pairs = list(moved)
    reached = set(
        tx.rows_of(
            "SELECT deal_id, stage_id FROM reach WHERE deal_id IN ({ids})", [d for d, _ in pairs]
        )
    )
    rows = [
        {
            "deal_id": deal, "stage_id": stage, "move_id": move, "kind": "void",
            "person_id": None, "reason": reason, "by_id": tx.person, "at": tx.now,
        }
        for deal, move in pairs
        for stage in stages
        if (deal, stage) not in reached
    ]  # fmt: skip
    if rows:
        tx.insert("reach_ruling", rows)


def _take_tasks_along(tx: Transaction, deals: list[int], left: int, to: int) -> None:
    mine = tx.rows_of(
        "SELECT id FROM task WHERE state IN ('open', 'new') AND deleted_at IS NULL "
        "AND stage_id = ? AND deal_id IN ({ids})",
        deals,
        (left,),
    )
    tx.update("task", [{"id": key, "stage_id": to} for (key,) in mine])


# --- rules -------------------------------------------------------------------------------------


def turn_pointers(tx: Transaction, use: StageUse, left: int, to: int) -> int:
    """Let what pointed to a stage from elsewhere point to another one; returns how many.

    Tasks that wait for a child deal to enter the one wait for the other, those of deleted rules
    too. Raises ``Refused`` for a link that would close a circle.
    """
    waits = tx.rows(f"SELECT id, deleted_at FROM task_rule WHERE {_WAITS}", (left,))
    tx.update("task_rule", [{"id": key, "event_stage_id": to} for key, _gone in waits])
    waiting = tx.rows(
        "SELECT id FROM task WHERE event_stage_id = ? AND deleted_at IS NULL "
        "AND state IN ('open', 'new')",
        (left,),
    )
    tx.update("task", [{"id": key, "event_stage_id": to} for (key,) in waiting])
    targets = {pointer.id for pointer in use.pointers if pointer.kind == "target"}
    _turn_links(tx, targets, "target_stage_id", to)
    return sum(gone is None for _key, gone in waits) + len(targets)


def hand_over(tx: Transaction, use: StageUse, left: int, to: int) -> int:
    """Give the task rules and links of a stage to another one, after those that it has; one that
    says the very same there already is not kept twice. Returns how many were handed over."""
    from salesdesk.services import task_rules

    there = task_rules.task_rules(tx, to)
    known = {replace(rule, id=0, position=0): rule.id for rule in there}
    place = max((rule.position for rule in there), default=-1)
    moved, twice = [], dict[int, int]()
    for rule in task_rules.task_rules(tx, left):
        same = known.get(replace(rule, id=0, position=0, stage_id=to))
        if same is not None:
            twice[rule.id] = same
            continue
        place += 1
        moved.append({"id": rule.id, "stage_id": to, "position": place})
    tx.update("task_rule", moved)
    _drop_rules(tx, twice)
    own = {pointer.id for pointer in use.pointers if pointer.kind == "link_rule"}
    return len(moved) + _turn_links(tx, own, "stage_id", to)


def _drop_rules(tx: Transaction, twice: dict[int, int]) -> None:
    """Take away rules that another one repeats; what waited for their tasks waits for its."""
    waiting = tx.rows_of(
        "SELECT id, event_rule_id FROM task_rule WHERE deleted_at IS NULL "
        "AND event_rule_id IN ({ids})",
        list(twice),
    )
    tx.update("task_rule", [{"id": key, "event_rule_id": twice[gone]} for key, gone in waiting])
    if twice:
        tx.delete("task_rule", list(twice))


def _turn_links(tx: Transaction, ids: set[int], end: str, to: int) -> int:
    """Put an end of links to another stage; the same link is not kept twice. What else a link
    points to may be gone: settings say so, and it holds up nothing here either."""
    from salesdesk.services import link_rules

    turned = 0
    for link in link_rules.link_rules(tx):
        if link.id not in ids:
            continue
        values: dict[str, Any] = {end: to}
        changed = replace(link, **values)
        alike = replace(changed, id=0, position=0)
        others = [each for each in link_rules.link_rules(tx) if each.id != link.id]
        if any(replace(each, id=0, position=0) == alike for each in others):
            tx.delete("link_rule", [link.id])
            continue
        link_rules.check_way(tx, changed)
        tx.update("link_rule", [{"id": link.id, **values}])
        turned += 1
    return turned
