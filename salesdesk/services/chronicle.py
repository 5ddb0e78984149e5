"""Everything that happened in a workspace: commands, filtered and paged, with what each changed.

Pages are cut by the key of the command, the newest first, so that a page is as quick after a
million commands as after ten. Values are still raw here; ``holds`` says what they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services.audit import Entry, command_of, commands_where
from salesdesk.services.board import like
from salesdesk.services.fieldwords import TITLES

Row = tuple[Any, ...]
NOBODY = 0
#: Of how many lines of the log the subjects of one command are told.
_LOOKED_AT = 60
#: How many records a text may find; more than that and the text is too vague.
_FOUND = 300
#: Facts, and the record that each is about.
FACTS = {
    "stage_move": ("deal", "deal_id"), "owner_change": ("deal", "deal_id"),
    "reach_ruling": ("deal", "deal_id"), "task_change": ("task", "task_id"),
}  # fmt: skip
#: Records that are told as a part of another one.
_PARTS = {
    "note": (("deal", "deal_id"), ("client", "client_id")), "payment": (("deal", "deal_id"),),
    "deal_tag": (("deal", "deal_id"),), "deal_person": (("deal", "deal_id"),),
    "client_contact": (("client", "client_id"),),
    "absence": (("person", "person_id"),), "stage_points": (("stage", "stage_id"),),
}  # fmt: skip
#: What is named first when a command was about several things.
_WEIGHT = {"deal": 0, "client": 1, "task": 2}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which commands are wanted. ``person`` may be ``NOBODY``; ``kinds`` are the words before the
    dot; moments: from ``first``, before ``end``; ``text`` is in a name; ``people``
    are those whose commands may be seen (None: everybody's; nobody's are seen by all)."""

    person: int | None = None
    origin: str | None = None
    kinds: tuple[str, ...] = ()
    first: int | None = None
    end: int | None = None
    text: str = ""
    people: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that a command was about."""

    table: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """A command and what it was about: the first few records, and whether there are ``more``.
    ``original`` is the command that an undo or a redo is about."""

    entry: Entry
    person_id: int | None
    original: Entry | None = None
    subjects: tuple[Subject, ...] = ()
    more: bool = False


@dataclass
class Lines:
    """Lines of the log of one command."""

    rows: list[Row] = field(default_factory=list)
    total: int = 0


# --- the list ------------------------------------------------------------------------------------


def page(r: Reader, choice: Choice, *, before: int | None = None, limit: int = 60) -> list[Told]:
    """The newest ``limit`` commands older than ``before`` (a command id) that are wanted."""
    where, params = _where(r, choice)
    if before is not None:
        where += " AND c.id < ?"
        params.append(before)
    entries = commands_where(r, where, params, limit)
    return [_told(r, entry, person) for entry, person in entries]


def told(r: Reader, command_id: int) -> Told | None:
    """One command, or none."""
    found = commands_where(r, "c.id = ?", [command_id], 1)
    return _told(r, *found[0]) if found else None


def words(r: Reader, command_id: int) -> str:
    """A command in a few words: ``Deal moved · Crane, New → Won``; empty for one not there."""
    found = told(r, command_id)
    if found is None:
        return ""
    about = found.entry.about() or ", ".join(subject.name for subject in found.subjects[:1])
    return f"{found.entry.what()} · {about}" if about else found.entry.what()


def _where(r: Reader, choice: Choice) -> tuple[str, list[Any]]:
    where, params = ["c.kind <> 'init'"], list[Any]()
    if choice.person is not None:
        where.append("c.person_id IS NULL" if choice.person == NOBODY else "c.person_id = ?")
        params += [choice.person] if choice.person != NOBODY else []
    if choice.people is not None:
        keys = ", ".join(str(key) for key in sorted(choice.people))
        where.append(f"(c.person_id IS NULL OR c.person_id IN ({keys}))")
    if choice.origin is not None:
        where.append("c.origin = ?")
        params.append(choice.origin)
    if choice.kinds:
        each = " OR ".join("c.kind = ? OR c.kind LIKE ?" for _ in choice.kinds)
        where.append(f"({each})")
        params += [part for kind in choice.kinds for part in (kind, f"{kind}.%")]
    for moment, sign in ((choice.first, ">="), (choice.end, "<")):
        if moment is not None:
            where.append(f"c.at {sign} ?")
            params.append(moment)
    if choice.text.strip():
        found = sorted(_about(r, choice.text))
        where.append(f"c.id IN ({', '.join(str(key) for key in found)})")
    return " AND ".join(where), params


def _about(r: Reader, text: str) -> set[int]:
    """Commands about deals, clients or tasks with these words in their names."""
    wanted = like(text)
    deals = _like(r, "SELECT id FROM deal WHERE title_key", wanted)
    clients = _like(r, "SELECT id FROM client WHERE replace(name_key, 'ё', 'е')", wanted)
    number = text.strip().lstrip("#№")
    if number.isdecimal() and len(number) < 18:
        deals |= {row[0] for row in r.rows("SELECT id FROM deal WHERE number = ?", (int(number),))}
    for column in ("client_id", "contact_id"):
        deals |= {row[0] for row in r.rows_of(
            f"SELECT id FROM deal WHERE {column} IN ({{ids}})", clients)}  # fmt: skip
    tasks = {row[0] for row in r.rows_of("SELECT id FROM task WHERE deal_id IN ({ids})", deals)}
    tasks |= {
        row[0] for row in r.rows_of("SELECT id FROM task WHERE client_id IN ({ids})", clients)
    }
    return _commands_of(r, {"deal": deals, "client": clients, "task": tasks})


def _like(r: Reader, sql: str, wanted: str) -> set[int]:
    sql += " LIKE ? ESCAPE '\\' ORDER BY id DESC LIMIT ?"
    return {row[0] for row in r.rows(sql, (wanted, _FOUND))}


def _commands_of(r: Reader, records: dict[str, set[int]]) -> set[int]:
    from salesdesk.models.asking import OF_RECORDS

    found: set[int] = set()
    everything = dict(records)
    for part, parents in _PARTS.items():
        for parent, column in parents:
            rows = r.rows_of(
                f"SELECT id FROM {part} WHERE {column} IN ({{ids}})", records.get(parent, ())
            )
            everything.setdefault(part, set()).update(row[0] for row in rows)
    for table, keys in everything.items():
        rows = r.rows_of(
            "SELECT DISTINCT t.command_id FROM change c JOIN txn t ON t.id = c.txn_id "
            f"WHERE c.tbl = ? AND c.{OF_RECORDS} AND c.row_id IN ({{ids}})",
            keys,
            (table,),
        )
        found.update(row[0] for row in rows)
    for fact, (table, column) in FACTS.items():
        rows = r.rows_of(
            f"SELECT DISTINCT command_id FROM {fact} WHERE {column} IN ({{ids}})",
            records.get(table, ()),
        )
        found.update(row[0] for row in rows)
    return found


def _told(r: Reader, entry: Entry, person: int | None) -> Told:
    about = entry.id if entry.undoes is None else entry.undoes
    lines = lines_of(r, about, _LOOKED_AT)
    keys = _subject_keys(r, lines.rows)
    keys.sort(key=lambda key: _WEIGHT.get(key[0], 3))
    shown = named(r, keys[:3])
    original = None if entry.undoes is None else command_of(r, entry.undoes)
    return Told(entry, person, original, tuple(shown), len(keys) > 3 or lines.total > _LOOKED_AT)


def lines_of(r: Reader, command_id: int, limit: int) -> Lines:
    """The first lines of the log of a command: (table, row, field, old, new)."""
    found = Lines()
    for first, last in r.rows(
        "SELECT first_change, last_change FROM txn WHERE command_id = ? ORDER BY id", (command_id,)
    ):
        found.total += max(last - first + 1, 0)
        room = limit - len(found.rows)
        if room > 0:
            found.rows += r.rows(
                "SELECT tbl, row_id, field, old, new FROM change WHERE id BETWEEN ? AND ? "
                "ORDER BY id LIMIT ?",
                (first, last, room),
            )
    return found


def _subject_keys(r: Reader, rows: Iterable[Row]) -> list[tuple[str, int]]:
    """Which records these lines are about: facts and parts stand for what they belong to."""
    touched: dict[str, dict[int, None]] = defaultdict(dict)
    for table, key, *_rest in rows:
        touched[table][key] = None
    for table, (owner, column) in FACTS.items():
        for (key,) in r.rows_of(
            f"SELECT {column} FROM {table} WHERE id IN ({{ids}})", touched.pop(table, ())
        ):
            touched[owner][key] = None
    for table, owners in _PARTS.items():
        keys = touched.pop(table, None)
        for owner, column in owners if keys else ():
            for (key,) in r.rows_of(f"SELECT {column} FROM {table} WHERE id IN ({{ids}})", keys):
                if key is not None:
                    touched[owner][key] = None
    if "deal" not in touched:
        for (key,) in r.rows_of(
            "SELECT deal_id FROM task WHERE deal_id IS NOT NULL AND id IN ({ids})",
            list(touched.get("task", ())),
        ):
            touched["deal"][key] = None
    for subject, key in _own_fields(r, touched.pop("field_value", {})):
        touched[subject][key] = None
    return [(table, key) for table, keys in touched.items() for key in keys]


def _own_fields(r: Reader, keys: Iterable[int]) -> list[tuple[str, int]]:
    rows = r.rows_of(
        "SELECT f.subject, v.subject_id FROM field_value v JOIN custom_field f "
        "ON f.id = v.field_id WHERE v.id IN ({ids})",
        keys,
    )
    return [(row[0], row[1]) for row in rows]


def named(r: Reader, keys: Sequence[tuple[str, int]]) -> list[Subject]:
    """Records with their names, in the order given."""
    by_table: dict[str, set[int]] = defaultdict(set)
    for table, key in keys:
        by_table[table].add(key)
    names: dict[tuple[str, int], str] = {}
    for table, ids in by_table.items():
        names.update({(table, key): name for key, name in names_of(r, table, ids)})
    return [Subject(table, key, names.get((table, key), "")) for table, key in keys]


def names_of(r: Reader, table: str, ids: Iterable[int]) -> list[tuple[int, str]]:
    if table in TITLES:
        sql = f"SELECT id, {TITLES[table]} FROM {table} WHERE id IN ({{ids}})"
        return [(row[0], str(row[1] or "")) for row in r.rows_of(sql, ids)]
    if table == "setting":
        from salesdesk.services.settings import BY_NAME

        rows = r.rows_of("SELECT id, name FROM setting WHERE id IN ({ids})", ids)
        return [(key, BY_NAME[name].title if name in BY_NAME else name) for key, name in rows]
    if table in ("plan", "norm"):
        sql = (
            f"SELECT x.id, coalesce(p.name, t.name, '') FROM {table} x LEFT JOIN person p "
            "ON p.id = x.person_id LEFT JOIN team t ON t.id = x.team_id WHERE x.id IN ({ids})"
        )
        return [(row[0], row[1]) for row in r.rows_of(sql, ids)]
    return []
