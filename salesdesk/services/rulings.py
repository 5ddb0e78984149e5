"""Rulings on reaches: a team lead or an administrator voids one, credits it to another person, or
takes such a ruling back. Nobody rules on a reach of their own. The latest by its moment holds,
wherever it was made; nobody rules earlier than a ruling that they see."""

from dataclasses import dataclass

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.names import clean
from salesdesk.services import people, rights
from salesdesk.services.periods import Period
from salesdesk.services.reports_moves import OWNER_WITH
from salesdesk.text import N_


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling as the history shows it; ``kind`` is ``void``, ``credit`` or ``restore``.

    ``holds``: it is the latest on its entry. ``person`` is whom a reach was credited to, ``by`` who
    ruled; ``at`` a moment.
    """

    id: int
    deal_id: int
    stage_id: int
    stage: str
    move_id: int
    kind: str
    person: str | None
    reason: str
    by: str | None
    at: int
    holds: bool


def rulings(r: Reader, deal_id: int) -> list[Ruling]:
    """The rulings on the reaches of a deal that were not undone, oldest first."""
    rows = r.rows(
        "SELECT u.id, u.deal_id, u.stage_id, s.name, u.move_id, u.kind, p.name, u.reason, b.name, "
        "u.at FROM reach_ruling u JOIN stage s ON s.id = u.stage_id "
        "LEFT JOIN person p ON p.id = u.person_id LEFT JOIN person b ON b.id = u.by_id "
        "WHERE u.deal_id = ? AND u.undone = 0 ORDER BY u.at, u.kind, u.seq",
        (deal_id,),
    )
    latest = {(row[4], row[2]): row[0] for row in rows}
    return [Ruling(*(*row, latest[row[4], row[2]] == row[0])) for row in rows]


@dataclass(frozen=True, slots=True)
class Told:
    """A ruling among all of a period, for whoever wants to see who ruled what.

    ``holder`` is who was responsible with the entry that it is about, ``person`` whom the reach was
    credited to. ``holds``: it is the latest on its entry; ``undone``: its command was taken back.
    ``entered`` is the moment of the entry, ``at`` that of the ruling.
    """

    id: int
    deal_id: int
    deal: str
    number: int
    stage_id: int
    stage: str
    move_id: int
    entered: int
    kind: str
    holder_id: int | None
    holder: str | None
    person: str | None
    reason: str
    by_id: int | None
    by: str | None
    at: int
    holds: bool
    undone: bool


def of_period(r: Reader, period: Period) -> list[Told]:
    """All rulings of a period by when they were made, the newest first; those taken back too, and
    those of computers whose clocks are ahead."""
    rows = r.rows(
        "SELECT u.id, u.deal_id, d.title, d.number, u.stage_id, s.name, u.move_id, m.at, u.kind, "
        f"h.id, h.name, p.name, u.reason, b.id, b.name, u.at, u.undone = 0 AND NOT EXISTS ("
        "SELECT 1 FROM reach_ruling x WHERE x.deal_id = u.deal_id AND x.move_id = u.move_id "
        "AND x.stage_id = u.stage_id AND x.undone = 0 "
        "AND (x.at, x.kind, x.seq) > (u.at, u.kind, u.seq)), u.undone "
        "FROM reach_ruling u JOIN deal d ON d.id = u.deal_id JOIN stage s ON s.id = u.stage_id "
        f"JOIN stage_move m ON m.id = u.move_id LEFT JOIN person h ON h.id = {OWNER_WITH} "
        "LEFT JOIN person p ON p.id = u.person_id LEFT JOIN person b ON b.id = u.by_id "
        "WHERE u.at >= ? AND u.at < ? ORDER BY u.at DESC, u.seq DESC",
        period.moments(r.zone),
    )
    return [Told(*[*row[:16], *map(bool, row[16:])]) for row in rows]


def void(
    store: Store,
    deal_id: int,
    stage_id: int,
    *,
    reason: str,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Void the reach of a stage by a deal: it counts nowhere, and the next entry there does.

    Returns the command id. Raises ``NotFound`` when the stage has not been reached, ``Invalid``
    without a reason, ``Refused`` for whoever may not.
    """
    with store.command("reach.void", now=now, person=person, origin=origin) as tx:
        move, holder = _reach(tx, deal_id, stage_id)
        _write(tx, (deal_id, stage_id, move), "void", None, reason, {holder})
    return tx.command_id


def credit(
    store: Store,
    deal_id: int,
    stage_id: int,
    to: int,
    *,
    reason: str,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Credit the reach of a stage by a deal to another person (a deal was handed over).

    Returns the command id. Raises as ``void`` does, and ``Refused`` for crediting oneself.
    """
    with store.command("reach.credit", now=now, person=person, origin=origin) as tx:
        move, holder = _reach(tx, deal_id, stage_id)
        name = people.person_of(tx, to).name
        if to == holder:
            raise Invalid(N_("This reach is {name}'s already; nothing was changed."), name=name)
        _write(tx, (deal_id, stage_id, move), "credit", to, reason, {holder, to})
    return tx.command_id


def restore(
    store: Store,
    deal_id: int,
    stage_id: int,
    move_id: int,
    *,
    reason: str,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Take back the ruling on an entry: it counts again as if nobody had ruled.

    Returns the command id. Raises ``NotFound`` when no ruling holds there, and as ``void`` does.
    """
    with store.command("reach.restore", now=now, person=person, origin=origin) as tx:
        ruling = tx.row(
            "SELECT kind, person_id FROM reach_ruling WHERE deal_id = ? AND stage_id = ? "
            "AND move_id = ? AND undone = 0 ORDER BY at DESC, kind DESC, seq DESC LIMIT 1",
            (deal_id, stage_id, move_id),
        )
        if ruling is None or ruling[0] == "restore":
            raise NotFound(N_("There is no ruling to take back; nothing was changed."))
        concerned = {ruling[1], _responsible(tx, deal_id, move_id)}
        _write(tx, (deal_id, stage_id, move_id), "restore", None, reason, concerned)
    return tx.command_id


def may_rule(r: Reader | Transaction, person: int | None) -> bool:
    """Whether someone may rule on the reaches of others: team leads and administrators."""
    return rights.may(r, person, "rulings")


def _reach(tx: Transaction, deal_id: int, stage_id: int) -> tuple[int, int | None]:
    """The move that reached the stage, and whose reach it is."""
    found = tx.row(
        "SELECT move_id, person_id FROM reach WHERE deal_id = ? AND stage_id = ?",
        (deal_id, stage_id),
    )
    if found is None:
        raise NotFound(N_("This deal has not reached that stage; nothing was changed."))
    return int(found[0]), found[1] or None


def _responsible(tx: Transaction, deal_id: int, move_id: int) -> int | None:
    """Who was responsible for the deal with a move."""
    found: int | None = tx.value(
        f"SELECT {OWNER_WITH} FROM stage_move m WHERE m.deal_id = ? AND m.id = ?",
        (deal_id, move_id),
    )
    return found


def _moment(tx: Transaction, entry: tuple[int, int, int]) -> int:
    """When a ruling is made: after all that stand on the entry, however wrong their clocks were."""
    last: int | None = tx.value(
        "SELECT max(at) FROM reach_ruling WHERE deal_id = ? AND stage_id = ? AND move_id = ?",
        entry,
    )
    return tx.now if last is None else max(tx.now, last + 1)


def _write(
    tx: Transaction,
    entry: tuple[int, int, int],
    kind: str,
    to: int | None,
    reason: str,
    concerned: set[int | None],
) -> None:
    """Check who rules and why, and write the ruling."""
    if not may_rule(tx, tx.person):
        raise Refused(N_("Only a team lead or an administrator decides about reaches."))
    if tx.person is not None and tx.person in concerned:
        raise Refused(N_("Nobody decides about a reach of their own; nothing was changed."))
    cleaned = clean(reason)
    if not cleaned:
        raise Invalid(N_("Say why; nothing was changed."))
    deal_id, stage_id, move_id = entry
    tx.insert(
        "reach_ruling",
        [
            {
                "deal_id": deal_id, "stage_id": stage_id, "move_id": move_id, "kind": kind,
                "person_id": to, "reason": cleaned, "by_id": tx.person, "at": _moment(tx, entry),
            }
        ],
    )  # fmt: skip
    tx.set_detail(
        title=tx.value("SELECT title FROM deal WHERE id = ?", (deal_id,)),
        stage=tx.value("SELECT name FROM stage WHERE id = ?", (stage_id,)),
    )
