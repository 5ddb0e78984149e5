"""What waits to be sent. The log itself is the outbox: a change and its place in the queue commit
together, for they are the same line. ``survey`` looks through the lines that came since the last
time and notes which objects they are about; what is sent is the difference between the state agreed
upon and the present one, so that many changes, and changes taken back, are one or none.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.books import Books
from salesdesk.models.store import Store
from salesdesk.services.records import Asks
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.remote import ENTITIES, Entity

#: Lines of the log that one look takes in at most.
STEP = 5_000
#: States in which nothing is sent by itself.
RESTING = ("failed", "discarded")
#: How a line of a table leads to the record that is sent: the column with its key.
_OWNERS = {
    "client_contact": ("client", "client_id"),
    "stage_move": ("deal", "deal_id"),
    "owner_change": ("deal", "deal_id"),
    "reach_ruling": ("deal", "deal_id"),
    "task_change": ("task", "task_id"),
}
_TABLES = ("client", "deal", "task", "note", *_OWNERS)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue; moments µs UTC."""

    id: int
    entity: Entity
    local_id: int
    first_change: int
    last_change: int
    at: int
    state: str
    tries: int
    next_at: int
    sending_upto: int | None
    failure: str | None
    detail: str | None


_COLUMNS = (
    "id, entity, local_id, first_change, last_change, at, state, tries, next_at, sending_upto, "
    "failure, detail"
)


def survey(store: Store, connection: Connection, *, now: int) -> int:
    """Queue what the log's lines since the last look are about; returns how many objects."""
    seen = connection.seen_change
    with store.books() as books:
        total = _survey_undos(books, connection.id, seen, now=now)
    while True:
        with store.books() as books:
            upto = int(books.value("SELECT coalesce(max(id), 0) FROM change"))
            stop = min(upto, seen + STEP)
            touched = _touched(books, seen, stop)
            enqueue(books, connection.id, touched, now=now)
            books.update("sync_remote", [{"id": connection.id, "seen_change": stop}])
        total += len(touched)
        seen = stop
        if seen >= upto:
            return total


#: First line, last line and moment of the oldest change, by object.
Touched = dict[tuple[Entity, int], tuple[int, int, int]]


def _touched(a: Asks, seen: int, stop: int) -> Touched:
    """The objects that lines ``seen < id <= stop`` are about. What a sync brought is not sent
    back."""
    marks = ", ".join(f"'{table}'" for table in _TABLES)
    lines = a.rows(
        "SELECT c.tbl, c.row_id, c.id, t.at FROM change c JOIN txn t ON t.id = c.txn_id "
        "JOIN command m ON m.id = t.command_id WHERE c.id > ? AND c.id <= ? "
        f"AND m.origin <> 'sync' AND c.tbl IN ({marks})",
        (seen, stop),
    )
    return _entities(a, _spans(lines))


def _survey_undos(books: Books, remote_id: int, seen: int, *, now: int) -> int:
    """Queue what was undone or done again since the last look: everything that its command wrote,
    for facts that are marked have no line, and some leave none at all."""
    kept = json.loads(
        books.value("SELECT options FROM sync_remote WHERE id = ?", (remote_id,)) or "{}"
    )
    newest = int(books.value("SELECT coalesce(max(id), 0) FROM txn"))
    since = kept.get("seen_txn")
    if since == newest:
        return 0
    if since is None:
        last = "SELECT id FROM txn WHERE last_change <= ? ORDER BY id DESC LIMIT 1"
        since = books.value(last, (seen,)) or 0
    marks = ", ".join(f"'{table}'" for table in _TABLES)
    top = int(books.value("SELECT coalesce(max(id), 0) FROM change"))
    lines = books.rows(
        "SELECT o.tbl, o.row_id, ?1, m.at FROM txn t JOIN command m ON m.id = t.command_id "
        "JOIN txn u ON u.command_id = m.undoes_id JOIN change o ON o.txn_id = u.id "
        f"WHERE m.undoes_id IS NOT NULL AND t.id > ?2 AND o.tbl IN ({marks})",
        (top, since),
    )
    touched = _entities(books, _spans(lines))
    enqueue(books, remote_id, touched, now=now)
    text = json.dumps({**kept, "seen_txn": newest}, ensure_ascii=False)
    books.update("sync_remote", [{"id": remote_id, "options": text}])
    return len(touched)


def _spans(lines: Iterable[Sequence[Any]]) -> dict[str, dict[int, tuple[int, int, int]]]:
    """By table and row the first line, the last one and the moment of the oldest."""
    rows: dict[str, dict[int, tuple[int, int, int]]] = defaultdict(dict)
    for table, key, line, at in lines:
        _widen(rows[table], key, (line, line, at))
    return rows


def _widen(known: dict[Any, tuple[int, int, int]], key: Any, span: tuple[int, int, int]) -> None:
    first, last, at = known.get(key, span)
    known[key] = min(first, span[0]), max(last, span[1]), min(at, span[2])


def _entities(a: Asks, rows: dict[str, dict[int, tuple[int, int, int]]]) -> Touched:
    for table, (owner, column) in _OWNERS.items():
        spans = rows.pop(table, {})
        for key, of in a.rows_of(f"SELECT id, {column} FROM {table} WHERE id IN ({{ids}})", spans):
            _widen(rows[owner], of, spans[key])
    found: Touched = {}
    for key, kind in a.rows_of("SELECT id, kind FROM client WHERE id IN ({ids})", rows["client"]):
        found["company" if kind == "company" else "contact", key] = rows["client"][key]
    for key, span in rows["deal"].items():
        found["deal", key] = span
    for key, span in rows["task"].items():
        found["task", key] = span
    for key, span in rows["note"].items():
        found["note", key] = span
    return found


def unseen(a: Asks, remote_id: int) -> bool:
    """Whether somebody wrote something since the log was looked through."""
    found = a.value(
        "SELECT EXISTS (SELECT 1 FROM sync_remote s JOIN change c ON c.id > s.seen_change "
        "JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
        "WHERE s.id = ? AND m.origin <> 'sync')",
        (remote_id,),
    )
    return bool(found)


def enqueue(books: Books, remote_id: int, touched: Touched, *, now: int) -> None:
    """Put objects in the queue. One that rests waits again: it was changed since."""
    known = {
        (row[1], row[2]): row
        for entity in ENTITIES
        for row in books.rows_of(
            "SELECT id, entity, local_id, first_change, last_change, at, state FROM sync_queue "
            "WHERE remote_id = ? AND entity = ? AND local_id IN ({ids})",
            [key for kind, key in touched if kind == entity],
            (remote_id, entity),
        )
    }
    made, again, longer = [], [], []
    for (entity, key), (first, last, at) in touched.items():
        row = known.get((entity, key))
        if row is None:
            made.append(
                {
                    "remote_id": remote_id, "entity": entity, "local_id": key,
                    "first_change": first, "last_change": last, "at": at, "state": "waiting",
                    "tries": 0, "next_at": now,
                }
            )  # fmt: skip
        elif row[6] in RESTING:
            again.append(
                {
                    "id": row[0], "last_change": max(row[4], last), "state": "waiting",
                    "tries": 0, "next_at": now, "failure": None, "detail": None,
                    "at": min(row[5], at) if row[6] == "failed" else at,
                }
            )  # fmt: skip
        else:
            longer.append({"id": row[0], "last_change": max(row[4], last)})
    books.insert("sync_queue", made)
    books.update("sync_queue", again)
    books.update("sync_queue", longer)


def want(
    books: Books, remote_id: int, entity: Entity, ids: Iterable[int], *, now: int,
    wakes: bool = True,
) -> None:  # fmt: skip
    """Queue objects that are to be sent though nothing was written now: what a merge wants sent, a
    client that a deal refers to, everything at a first push. Unless it ``wakes``, what rests or
    waits already is left as it is."""
    top = int(books.value("SELECT coalesce(max(id), 0) FROM change"))
    keys = set(ids)
    if not wakes:
        keys -= {
            row[0]
            for row in books.rows_of(
                "SELECT local_id FROM sync_queue WHERE remote_id = ? AND entity = ? "
                "AND local_id IN ({ids})",
                sorted(keys),
                (remote_id, entity),
            )
        }
    enqueue(books, remote_id, {(entity, key): (top, top, now) for key in keys}, now=now)


def hurry(books: Books, remote_id: int, entity: Entity, far: str, *, now: int) -> None:
    """What waited until somebody decided goes now; what the other end wants later does not."""
    rows = books.rows(
        "SELECT q.id FROM sync_queue q JOIN sync_link l ON l.remote_id = q.remote_id "
        "AND l.entity = q.entity AND l.local_id = q.local_id WHERE q.remote_id = ? "
        "AND q.entity = ? AND l.far_id = ? AND q.state = 'waiting' AND q.failure IS NULL "
        "AND q.detail IS NULL AND q.next_at > ?",
        (remote_id, entity, far, now),
    )
    books.update("sync_queue", [{"id": row[0], "next_at": now} for row in rows])


def due(
    a: Asks, remote_id: int, entity: Entity, state: str, *, now: int, limit: int
) -> list[Waiting]:
    """The oldest objects of a state whose time has come. A child deal comes after its parent by
    its number; nothing else of one kind depends on each other."""
    rows = a.rows(
        f"SELECT {_COLUMNS} FROM sync_queue WHERE remote_id = ? AND state = ? AND next_at <= ? "
        "AND entity = ? ORDER BY first_change, local_id LIMIT ?",
        (remote_id, state, now, entity, limit),
    )
    return [Waiting(*row) for row in rows]


def lines(a: Asks, remote_id: int, *, limit: int = 1000) -> list[Waiting]:
    """The queue as people see it: what needs somebody first, then the oldest."""
    rows = a.rows(
        f"SELECT {_COLUMNS} FROM sync_queue WHERE remote_id = ? AND state <> 'discarded' "
        "ORDER BY state <> 'failed', state <> 'unknown', at, id LIMIT ?",
        (remote_id, limit),
    )
    return [Waiting(*row) for row in rows]


def counts(a: Asks, remote_id: int) -> dict[str, int]:
    """How many objects are in each state."""
    return dict(
        a.rows(
            "SELECT state, count(*) FROM sync_queue WHERE remote_id = ? GROUP BY state",
            (remote_id,),
        )
    )


def oldest(a: Asks, remote_id: int) -> int | None:
    """The moment of the oldest change that was not sent."""
    found: int | None = a.value(
        "SELECT min(at) FROM sync_queue WHERE remote_id = ? AND state <> 'discarded'", (remote_id,)
    )
    return found


_LINKS = (
    "SELECT id, entity, far_id, local_id FROM sync_link WHERE remote_id = ? AND {key} IN ({{ids}})"
)


def gone(a: Asks, remote_id: int) -> dict[int, int]:
    """What failed for it was deleted at the other end: rows of the queue, and their links."""
    return dict(
        a.rows(
            "SELECT q.id, l.id FROM sync_queue q JOIN sync_link l ON l.remote_id = q.remote_id "
            "AND l.entity = q.entity AND l.local_id = q.local_id AND l.state = 'gone' "
            "WHERE q.remote_id = ? AND q.state = 'failed'",
            (remote_id,),
        )
    )


def send_anew(store: Store, remote_id: int, rows: Iterable[int], *, now: int) -> None:
    """What was deleted at the other end is made there once more, as if it had never been there; the
    notes of a deal come with it, its tasks belong to the new one."""
    with store.books() as books:
        known = gone(books, remote_id)
        keys = [key for key in rows if key in known]
        links = books.rows_of(_LINKS.format(key="id"), [known[key] for key in keys], (remote_id,))
        deals = [local for _, entity, _, local in links if entity == "deal"]
        notes, tasks = (
            [row for row in books.rows_of(
                _LINKS.format(key="local_id"), [row[0] for row in books.rows_of(
                    f"SELECT id FROM {kind} WHERE deleted_at IS NULL AND deal_id IN ({{ids}})",
                    deals,
                )], (remote_id,),
            ) if row[1] == kind]
            for kind in ("note", "task")
        )  # fmt: skip
        for link, entity, far, _ in [*links, *notes]:
            told = books.rows(
                "SELECT id FROM sync_aside WHERE remote_id = ? AND stream = ? AND far_id = ?",
                (remote_id, entity, far),
            )
            books.remove("sync_aside", [row[0] for row in told])
            books.remove("sync_link", [link])
        want(books, remote_id, "note", [row[3] for row in notes], now=now)
        want(books, remote_id, "task", [row[3] for row in tasks], now=now)
        books.update(
            "sync_queue",
            [{"id": key, "state": "waiting", "tries": 0, "next_at": now, "failure": None,
              "detail": None} for key in keys],
        )  # fmt: skip


def retry(store: Store, queue_id: int, *, now: int) -> None:
    """Try an object that rests once more, at once."""
    with store.books() as books:
        books.update(
            "sync_queue",
            [{"id": queue_id, "state": "waiting", "tries": 0, "next_at": now, "failure": None,
              "detail": None}],
        )  # fmt: skip


def discard(store: Store, queue_id: int) -> None:
    """Do not send what waits of an object; a later change of it is sent again."""
    with store.books() as books:
        books.update("sync_queue", [{"id": queue_id, "state": "discarded"}])
