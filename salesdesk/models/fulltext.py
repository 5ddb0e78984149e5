"""Full text, as far as it is SQLite's own: one FTS5 table without content, and how far it has read
the log.

A term is the letter of the record's kind and a word (``dcrane``: a deal with "crane"), so that each
kind has terms of its own; a row's key is the record's key times four and the kind. Hits come newest
first and are read only as far as they are wanted, so that one letter costs no more than a name.
Everything here is derived (``models.indexed`` fills it): losing it loses nothing.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from salesdesk.models import sqlite
from salesdesk.models.asking import Asking

if TYPE_CHECKING:
    from salesdesk.models.store import Store

#: Kinds of records by their code, and the letter that begins their terms.
KINDS = ("deal", "client", "task", "note")
LETTERS = "dctn"
#: What is indexed, and how: another number has everything indexed anew.
VERSION = 1

#: Letters of a term that have an index of prefixes: the kind's and one to seven more. Of a longer
#: beginning SQLite would read all hits before the first, which takes ten times as long as to look
#: up the terms that begin so, where they are few.
_INDEXED, _FEW_TERMS = 8, 8
_TABLES = (
    f"""CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5(body, content='',
    contentless_delete=1, detail=none, prefix='{" ".join(map(str, range(2, _INDEXED + 1)))}',
    tokenize='unicode61 remove_diacritics 0')""",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_words USING fts5vocab(search_fts, 'row')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_terms USING fts5vocab(search_fts, 'instance')",
    """CREATE TABLE IF NOT EXISTS search_fts_mark (id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL, change_id INTEGER NOT NULL, filling TEXT, filled INTEGER NOT NULL)""",
)
#: Letters and digits, but for the few that SQLite's tokenizer does not know as such.
_WORD = re.compile(r"[^\W_\u19b0-\u19c9\u1cf2\u1cf3]+")
#: Accents, dots and the like once they stand by themselves.
_ABOVE = re.compile(r"[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
_LONGEST = 40
#: Hits that are read at once, at first.
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the index has come: all log lines up to ``change_id`` are in it. While ``filling``
    (a kind) it is being filled from the tables: that kind up to the key ``filled``, those before
    it wholly."""

    version: int
    change_id: int
    filling: str | None = None
    filled: int = 0


def fold(text: str) -> str:
    """Without case and without what stands above or below letters (ё = е, й = и, é = e)."""
    small = text.casefold()
    if small.isascii():
        return small
    return _ABOVE.sub("", unicodedata.normalize("NFD", small))


def split(text: str) -> list[str]:
    """The words of a text as they are indexed and asked for: runs of letters and digits."""
    return [word[:_LONGEST] for word in _WORD.findall(fold(text))]


@lru_cache(maxsize=30_000)
def words(text: str) -> tuple[str, ...]:
    """The same of a short text, remembered."""
    return tuple(split(text))


def row_of(kind: str, key: int) -> int:
    """The key of a record's row in the index."""
    return key * 4 + KINDS.index(kind)


# --- the tables ----------------------------------------------------------------------------------


def install(connection: sqlite.Connection) -> None:
    """Make what is missing, inside the caller's transaction. A workspace with records in its log
    and no index yet is filled later, by ``models.indexed``."""
    for sql in _TABLES:
        connection.execute(sql)
    connection.execute(
        "INSERT OR IGNORE INTO search_fts_mark VALUES (1, ?, 0, NULL, 0)", (VERSION,)
    )


def mark_of(r: Asking) -> Mark | None:
    """How far the index has come; ``None`` when there is none."""
    try:
        row = r.row("SELECT version, change_id, filling, filled FROM search_fts_mark")
    except sqlite.DatabaseError as error:
        if "no such table" in str(error):
            return None
        raise
    return None if row is None else Mark(*row)


def set_mark(tx: "Writing", mark: Mark) -> None:
    """Remember how far the index has come."""
    tx.run(
        "UPDATE search_fts_mark SET version = ?, change_id = ?, filling = ?, filled = ?",
        (mark.version, mark.change_id, mark.filling, mark.filled),
    )


def put(tx: "Writing", kind: str, documents: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Index records of a kind anew: (key, words) each; one without words is taken out."""
    letter = LETTERS[KINDS.index(kind)]
    rows, gone = [], []
    for key, found in documents:
        row = row_of(kind, key)
        if found:
            rows.append((row, " ".join(letter + word for word in dict.fromkeys(found))))
        else:
            gone.append((row,))
    if rows:
        tx.many("INSERT OR REPLACE INTO search_fts (rowid, body) VALUES (?, ?)", rows)
    if gone:
        tx.many("DELETE FROM search_fts WHERE rowid = ?", gone)


def empty(tx: "Writing") -> None:
    """Take everything out."""
    tx.run("INSERT INTO search_fts (search_fts) VALUES ('delete-all')")


def merge(tx: "Writing", pages: int) -> bool:
    """Tidy the index a little; whether there is more to tidy."""
    before = tx.changes()
    tx.run("INSERT INTO search_fts (search_fts, rank) VALUES ('merge', ?)", (pages,))
    return tx.changes() - before >= 2


# --- asking --------------------------------------------------------------------------------------


def found(r: Asking, kind: str, typed: Sequence[str]) -> Iterator[list[int]]:
    """Keys of the records of a kind whose words begin with all that was typed, newest first, in
    ever larger parts: no more is read than is taken."""
    letter = LETTERS[KINDS.index(kind)]
    asked = [_beginning(r, letter + word) for word in typed]
    if not all(asked):
        return
    match = " AND ".join(asked)
    cursor = r._connection.execute(
        "SELECT rowid >> 2 FROM search_fts WHERE search_fts MATCH ? ORDER BY rowid DESC", (match,)
    )
    try:
        size = _CHUNK
        while part := cursor.fetchmany(size):
            yield [row[0] for row in part]
            size = min(2 * size, 16 * _CHUNK)
    finally:
        cursor.close()


def _beginning(r: Asking, start: str) -> str:
    """What is asked for the terms that begin so; nothing when there is none."""
    if len(start) <= _INDEXED:
        return f'"{start}"*'
    terms = r.rows(
        "SELECT term FROM search_fts_words WHERE term >= ? AND term < ? LIMIT ?",
        (start, start + chr(sys.maxunicode), _FEW_TERMS + 1),
    )
    if len(terms) > _FEW_TERMS:
        return f'"{start}"*'
    found = " OR ".join(f'"{term}"' for (term,) in terms)
    return f"({found})" if found else ""


def vocabulary(r: Asking, kind: str) -> list[str]:
    """All words of a kind's records that begin with a letter, in order."""
    letter = LETTERS[KINDS.index(kind)]
    rows = r.rows(
        "SELECT term FROM search_fts_words WHERE term >= ? AND term < ?",
        (f"{letter}a", chr(ord(letter) + 1)),
    )
    return [row[0][1:] for row in rows]


def terms(r: Asking) -> Iterator[tuple[str, int]]:
    """Every (term, row) of the index, in the order of the terms."""
    yield from r._connection.execute("SELECT term, doc FROM search_fts_terms")


# --- writing -------------------------------------------------------------------------------------


class Writing(Asking):
    """A transaction on the index alone; nothing of it is logged."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, params: Any = ()) -> None:
        """One statement."""
        self._connection.execute(sql, params)

    def many(self, sql: str, params: Sequence[Any]) -> None:
        """One statement for each of the rows."""
        self._connection.executemany(sql, params)

    def changes(self) -> int:
        """Rows written by this connection so far."""
        return int(self._connection.total_changes)

    def install(self) -> None:
        """Make the tables that are missing."""
        install(self._connection)


@contextmanager
def writing(store: "Store") -> Iterator[Writing]:
    """One transaction on the index. It does not wait for the disk: what a power cut takes is read
    from the log again, and the next command's commit brings it to the disk with its own."""
    with store.write_lock:
        connection = store.connection
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            sqlite.begin(connection)
            try:
                yield Writing(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute("PRAGMA synchronous = FULL")
        except sqlite.DatabaseError as error:
            raise sqlite.in_words(error) from error
