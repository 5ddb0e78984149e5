"""The door: every read and every write of a workspace, and the log of all writes.

Statements are composed from the table catalogue of the open file (held equal to the SQLModel tables
by a test) and run on the driver; see docs/decisions. One writer at a time in the process; readers
are a connection a thread, read-only.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.errors import SalesDeskError
from salesdesk.models import sqlite
from salesdesk.models.asking import Asking
from salesdesk.models.books import Books
from salesdesk.models.checkpoints import Checkpoints
from salesdesk.models.day_changes import DayChanges
from salesdesk.models.identity import Identities
from salesdesk.models.transaction import FACTS, Transaction
from salesdesk.moments import Zone

if TYPE_CHECKING:
    from salesdesk.models.lock import Lock

Subscriber = Callable[["Changes"], None]

#: So many lines of the log are much.
_MUCH = 5_000
_FACTS = ", ".join(f"'{table}'" for table in sorted(FACTS))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit touched: ids by table; no values, so order and repeats do not matter."""

    command_id: int
    kind: str
    origin: str
    tables: dict[str, tuple[int, ...]]


class Reader(Asking):
    """Questions to the database: text queries, rows as tuples."""

    def __init__(self, store: "Store", connection: sqlite.Connection) -> None:
        self.store = store
        self._connection = connection

    @property
    def zone(self) -> Zone:
        """The workspace's time zone."""
        return self.store.zone


class Store:
    """One open workspace."""

    def __init__(self, path: Path, connection: sqlite.Connection, held: "Lock") -> None:
        self.path = path
        self._held = held
        self.write_lock = threading.RLock()
        self.connection = connection
        self.identities = Identities()
        self.cache: dict[str, Any] = {}
        self.tops: dict[str, int] = {}
        self._written = 0
        self.day_changes = DayChanges()
        self._checkpoints = Checkpoints(path)
        self._cache_version = -1
        self._local = threading.local()
        self._readers: list[sqlite.Connection] = []
        self._readers_lock = threading.Lock()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._subscribers: list[Subscriber] = []
        self._zone: Zone | None = None
        self._watch: sqlite.Connection | None = None

    @classmethod
    def open(cls, path: Path | str, *, judged: bool = False) -> "Store":
        """Open a workspace of this version's schema; ``judged``: ``check_openable`` has just said
        that it is one.

        Raises SalesDeskError in plain words when the file is missing, no workspace, damaged or
        made by a newer version; the file is then not touched.
        """
        from salesdesk.models import lock
        from salesdesk.models.judge import check_openable

        sqlite.assert_driver()
        file = Path(path)
        if not judged:
            check_openable(file)
        held = lock.use(file)
        try:
            connection = sqlite.connect(file)
            with sqlite.closed_on_error(connection):
                sqlite.use_wal(connection)
                sqlite.wait_in_begin(connection)
        except sqlite.DatabaseError as error:
            held.release()
            raise sqlite.in_words(error) from error
        return cls(file, connection, held)

    def close(self) -> None:
        """Close every connection; the write-ahead log goes into the file."""
        self.tidy()
        with self.write_lock, self._readers_lock:
            self._checkpoints.end()
            for connection in self._readers:
                connection.close()
            self._readers.clear()
            self._local = threading.local()
            if self._watch is not None:
                self._watch.close()
                self._watch = None
            self.connection.close()
            self._held.release()

    def tidy(self) -> None:
        """After much was written: let the planner see how the tables have grown."""
        with self.write_lock:
            if self._written >= _MUCH:
                self._written = 0
                sqlite.optimize(self.connection)

    def copy_log(self) -> None:
        """Between two of many transactions: have the write-ahead log copied into the file. What
        goes wrong there (a full disk) is told by a commit."""
        with self.write_lock, suppress(sqlite.DatabaseError):
            self._checkpoints.step(self.connection)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading ------------------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One consistent snapshot for this thread; nested reads share it."""
        try:
            reader: Reader = getattr(self._local, "reader", None) or self._new_reader()
            if self._local.depth == 0:
                reader._connection.execute("BEGIN")
            self._local.depth += 1
            try:
                yield reader
            finally:
                self._local.depth -= 1
                if self._local.depth == 0 and reader._connection.in_transaction:
                    reader._connection.execute("COMMIT")
        except sqlite.DatabaseError as error:
            raise sqlite.in_words(error) from error

    def _new_reader(self) -> Reader:
        """The reader of this thread."""
        connection = sqlite.connect(self.path)
        with sqlite.closed_on_error(connection):
            connection.execute("PRAGMA query_only = ON")
        with self._readers_lock:
            self._readers.append(connection)
        self._local.reader = Reader(self, connection)
        self._local.depth = 0
        reader: Reader = self._local.reader
        return reader

    @property
    def zone(self) -> Zone:
        """The workspace's time zone, set when it was made."""
        if self._zone is None:
            with self.read() as r:
                name = r.value("SELECT value FROM setting WHERE name = 'zone'")
            self._zone = Zone(name.strip('"') if name else "UTC")
        return self._zone

    def columns(self, table: str) -> tuple[str, ...]:
        """Column names of a table; raises ``KeyError`` for a table that does not exist."""
        found = self._columns.get(table)
        if found is None:
            found = sqlite.columns_of(self.connection, table)
            if not found:
                raise KeyError(table)
            self._columns[table] = found
        return found

    # -- writing ------------------------------------------------------------------------------

    def command(
        self,
        kind: str,
        *,
        now: int,
        person: int | None = None,
        origin: str = "window",
        undoes: int | None = None,
        detail: str | None = None,
    ) -> AbstractContextManager[Transaction]:
        """One command in one transaction: committed at the end of the block, or nothing at all."""
        command = LongCommand(self, kind, now, person, origin, undoes, detail)
        return command.transaction(last=True)

    def long_command(
        self,
        kind: str,
        *,
        now: int,
        person: int | None = None,
        origin: str = "import",
        undoes: int | None = None,
        detail: str | None = None,
    ) -> "LongCommand":
        """A command of several transactions; an unfinished one is rolled back at the next start."""
        return LongCommand(self, kind, now, person, origin, undoes, detail)

    @contextmanager
    def books(self) -> Iterator[Books]:
        """Books of the sync in a transaction of their own: all of it at the end, or nothing."""
        with self.write_lock:
            try:
                sqlite.begin(self.connection)
                yield Books(self)
                self.connection.execute("COMMIT")
            except BaseException as error:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                if isinstance(error, sqlite.DatabaseError):
                    raise sqlite.in_words(error) from error
                raise

    def cached(self, name: str, load: Callable[[Any], Any], reader: Any) -> Any:
        """A value kept until a write (of this process or another) may have changed it."""
        if name not in self.cache:
            self.cache[name] = load(reader)
        return self.cache[name]

    def check_cache(self) -> None:
        """Forget cached values when another connection has written (called by transactions)."""
        version = sqlite.data_version(self.connection)
        if version != self._cache_version:
            self.cache.clear()
            self.tops.clear()
            self._cache_version = version

    # -- telling ------------------------------------------------------------------------------

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` after each commit of content, on the committing thread; returns the
        way out."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def tell(self, changes: Changes) -> None:
        """Tell the subscribers."""
        for subscriber in list(self._subscribers):
            subscriber(changes)

    def data_version(self) -> int:
        """Changes whenever any connection but its own wrote; cheap enough to poll."""
        try:
            if self._watch is None:
                self._watch = sqlite.connect(self.path)
            return sqlite.data_version(self._watch)
        except sqlite.DatabaseError as error:
            raise sqlite.in_words(error) from error

    def last_txn(self) -> int:
        """The number of the last transaction."""
        with self.read() as r:
            return int(r.value("SELECT coalesce(max(id), 0) FROM txn"))

    def changes_after(self, txn: int) -> list[Changes]:
        """What was written after transaction ``txn``, whoever wrote it, oldest first."""
        with self.read() as r:
            heads = r.rows(
                "SELECT t.command_id, c.kind, c.origin, t.first_change, t.last_change, "
                "CASE WHEN c.undoes_id IS NOT NULL AND c.state = 'done' AND t.id = "
                "(SELECT max(o.id) FROM txn o WHERE o.command_id = c.id) THEN c.undoes_id END "
                "FROM txn t JOIN command c ON c.id = t.command_id WHERE t.id > ? ORDER BY t.id",
                (txn,),
            )
            return [self._changes(r, *head) for head in heads]

    def _changes(
        self, r: Reader, command: int, kind: str, origin: str, first: int, last: int,
        undoes: int | None,
    ) -> Changes:  # fmt: skip
        """Of one transaction; the last one of an undo (or redo) tells the facts of the command that
        it ``undoes``, too: marking them leaves no line."""
        ids: dict[str, set[int]] = {}
        touched = r.rows(
            "SELECT DISTINCT tbl, row_id FROM change WHERE id BETWEEN ? AND ?", (first, last)
        )
        if undoes is not None:
            touched += r.rows(
                "SELECT DISTINCT o.tbl, o.row_id FROM txn t JOIN change o ON o.id BETWEEN "
                "t.first_change AND t.last_change WHERE t.command_id = ? "
                f"AND o.tbl IN ({_FACTS})",
                (undoes,),
            )
        for table, row in touched:
            ids.setdefault(table, set()).add(row)
        for table in ("stage_move", "owner_change", "reach_ruling"):
            if table in ids:
                found = r.rows_of(
                    f"SELECT DISTINCT deal_id FROM {table} WHERE id IN ({{ids}})", ids[table]
                )
                ids.setdefault("deal", set()).update(row[0] for row in found)
        if "task_change" in ids:
            found = r.rows_of(
                "SELECT DISTINCT task_id FROM task_change WHERE id IN ({ids})", ids["task_change"]
            )
            ids.setdefault("task", set()).update(row[0] for row in found)
        if "task" in ids:
            found = r.rows_of("SELECT DISTINCT deal_id FROM task WHERE id IN ({ids})", ids["task"])
            ids.setdefault("deal", set()).update(row[0] for row in found if row[0])
        return Changes(command, kind, origin, {t: tuple(sorted(i)) for t, i in ids.items()})


class LongCommand:
    """A command that may span several transactions."""

    def __init__(
        self,
        store: Store,
        kind: str,
        now: int,
        person: int | None,
        origin: str,
        undoes: int | None,
        detail: str | None,
    ) -> None:
        self.store = store
        self.kind = kind
        self.now = now
        self.person = person
        self.origin = origin
        self.undoes = undoes
        self.detail = detail
        self.id: int | None = None
        self.uid: bytes | None = None

    @contextmanager
    def transaction(self, last: bool = False) -> Iterator[Transaction]:
        """One transaction; with ``last`` the command is done when it commits."""
        store = self.store
        with store.write_lock:
            try:
                sqlite.begin(store.connection)
            except sqlite.DatabaseError as error:
                raise sqlite.in_words(error) from error
            try:
                store.check_cache()
                tx = Transaction(store, self, last)
                yield tx
                tables = tx.finish()
                self._commit(tx.txn_id)
                self.id = tx.command_id
                store._written += tx.size
                if not tx.wrote_books_alone:  # its number is free again
                    store.day_changes.add(tx.txn_id, tx.day_changes, tx.begun)
            except BaseException as error:
                store.cache.clear()
                store.tops.clear()
                if store.connection.in_transaction:
                    store.connection.execute("ROLLBACK")
                if isinstance(error, sqlite.DatabaseError):
                    raise sqlite.in_words(error) from error
                raise
        if not tx.wrote_books_alone:  # else others may get its key, and are to be heard then
            store.tell(Changes(tx.command_id, self.kind, self.origin, tables))

    def _commit(self, txn_id: int) -> None:
        """COMMIT; an error may come after the commit happened, so look it up, never guess."""
        try:
            self.store.connection.execute("COMMIT")
        except sqlite.DatabaseError:
            if self.store.connection.in_transaction:
                raise
            found = self.store.connection.execute(
                "SELECT c.uid FROM txn t JOIN command c ON c.id = t.command_id WHERE t.id = ?",
                (txn_id,),
            ).fetchone()
            if found is None or self.uid is None or found[0] != self.uid:
                raise


__all__ = ["Changes", "LongCommand", "Reader", "SalesDeskError", "Store", "Transaction"]
