"""What can be found: the words of each record, and the index kept up with the log.

The index follows the log by a mark (``models.fulltext``): ``catch_up`` indexes what was touched
since, a small slice a transaction, whoever wrote it; no command pays for it. Before it has,
``touched`` names the few records that a search must look at by itself.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from salesdesk.models import fulltext
from salesdesk.models.asking import Asking
from salesdesk.models.fulltext import KINDS, VERSION, Mark, split

if TYPE_CHECKING:
    from salesdesk.models.store import Store

#: Records that one transaction indexes, and lines of the log that one look takes.
SLICE = 80
LINES = 4_000
#: Lines that touch nothing that can be found: the mark moves on when there are so many.
IDLE_LINES = 400
#: With more lines of a workspace that was never indexed, filling from the tables is faster.
FROM_TABLES = 20_000
_MERGE_PAGES = 64

#: By table: fields whose change changes what a record is found by (``None``: it is new).
_FIELDS: dict[str, frozenset[str | None]] = {
    "deal": frozenset((None, "number", "title", "client_id", "contact_id", "deleted_at",
                       "merged_into_id")),
    "client": frozenset((None, "name", "tax_number", "notes", "company_id", "deleted_at",
                         "merged_into_id")),
    "client_contact": frozenset((None, "client_id", "kind", "value", "value_key", "deleted_at")),
    "task": frozenset((None, "title", "result", "remark", "deleted_at")),
    "note": frozenset((None, "text", "deleted_at")),
    "deal_tag": frozenset((None, "deal_id", "tag_id", "deleted_at")),
    "tag": frozenset(("name", "deleted_at")),
}  # fmt: skip
#: Columns that say whose a row is, and the kind of that record: it is found otherwise when the row
#: comes, and when it goes to another one (a merge, its undo).
_OWNERS = {("client_contact", "client_id"): "client", ("deal_tag", "deal_id"): "deal"}

Touched = dict[str, set[int]]


# --- the words of records ------------------------------------------------------------------------


def documents(r: Asking, kind: str, ids: Sequence[int]) -> list[tuple[int, list[str]]]:
    """(key, words) of records; no words for one that is gone."""
    found: dict[int, list[str]] = {key: [] for key in ids}
    for key, *texts in r.rows_of(_TEXTS[kind], ids):
        for text in texts:
            if text is not None:
                found[key] += split(str(text))
    for key, extra in _EXTRAS[kind](r, [key for key in ids if found[key]]):
        found[key] += extra
    return list(found.items())


_TEXTS = {
    "deal": (
        "SELECT d.id, d.number, d.title, c.name, k.name FROM deal d "
        "LEFT JOIN client c ON c.id = d.client_id LEFT JOIN client k ON k.id = d.contact_id "
        "WHERE d.deleted_at IS NULL AND d.merged_into_id IS NULL AND d.id IN ({ids})"
    ),
    "client": (
        "SELECT c.id, c.name, k.name, c.notes FROM client c "
        "LEFT JOIN client k ON k.id = c.company_id "
        "WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL AND c.id IN ({ids})"
    ),
    "task": (
        "SELECT id, title, result, remark FROM task WHERE deleted_at IS NULL AND id IN ({ids})"
    ),
    "note": "SELECT id, text FROM note WHERE deleted_at IS NULL AND id IN ({ids})",
}


def _tags(r: Asking, ids: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    for key, name in r.rows_of(
        "SELECT l.deal_id, t.name FROM deal_tag l JOIN tag t ON t.id = l.tag_id "
        "WHERE l.deleted_at IS NULL AND t.deleted_at IS NULL AND l.deal_id IN ({ids})",
        ids,
    ):
        yield key, split(name)


def _numbers(r: Asking, ids: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """Phones and e-mails, tax numbers."""
    for key, kind, value, value_key in r.rows_of(
        "SELECT client_id, kind, value, value_key FROM client_contact "
        "WHERE deleted_at IS NULL AND client_id IN ({ids})",
        ids,
    ):
        yield key, phone_words(value_key or value) if kind == "phone" else split(value)
    for key, number in r.rows_of(
        "SELECT id, tax_number FROM client WHERE tax_number IS NOT NULL AND id IN ({ids})", ids
    ):
        yield key, split(number)


def phone_words(number: str) -> list[str]:
    """What a phone is found by: every end of it of three digits and more, so that any digits of it
    in their order begin one of these; after +7 also with the 8 that is dialled inside."""
    digits = "".join(char for char in number if char.isdecimal() and char.isascii())
    ends = [digits[at:] for at in range(max(len(digits) - 2, 0))]
    if len(digits) == 11 and digits[0] in "78":
        ends.append(("8" if digits[0] == "7" else "7") + digits[1:])
    return ends


def _nothing(_r: Asking, _ids: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    return iter(())


_EXTRAS = {"deal": _tags, "client": _numbers, "task": _nothing, "note": _nothing}


# --- what the log says ---------------------------------------------------------------------------


def newest(r: Asking) -> int:
    """The last line of the log."""
    return int(r.value("SELECT coalesce(max(id), 0) FROM change"))


def touched(r: Asking, after: int, upto: int) -> Touched:
    """Keys, by kind, of what the lines ``after`` < id <= ``upto`` make found otherwise."""
    names = ", ".join(f"'{name}'" for name in _FIELDS)
    lines: dict[str, set[int]] = defaultdict(set)
    renamed: set[int] = set()
    left: dict[str, set[int]] = defaultdict(set)
    for table, key, field, was in r.rows(
        "SELECT tbl, row_id, field, CASE WHEN tbl IN ('client_contact', 'deal_tag') THEN old END "
        f"FROM change WHERE id > ? AND id <= ? AND tbl IN ({names})",
        (after, upto),
    ):
        if field in _FIELDS[table]:
            lines[table].add(key)
            if table == "client" and field == "name":
                renamed.add(key)
            elif (table, field) in _OWNERS and was is not None:
                left[_OWNERS[table, field]].add(was)
    if not lines:
        return {}
    found: Touched = {kind: lines.pop(kind, set()) | left[kind] for kind in KINDS}
    for (table, column), kind in _OWNERS.items():
        sql = f"SELECT DISTINCT {column} FROM {table} WHERE id IN ({{ids}})"
        found[kind].update(row[0] for row in r.rows_of(sql, lines[table]))
    found["deal"].update(
        _of(r, "SELECT deal_id FROM deal_tag WHERE tag_id IN ({ids})", lines["tag"])
    )
    for column in ("client_id", "contact_id"):
        sql = f"SELECT id FROM deal WHERE {column} IN ({{ids}})"
        found["deal"].update(_of(r, sql, renamed))
    sql = "SELECT id FROM client WHERE company_id IN ({ids})"
    found["client"].update(_of(r, sql, renamed))
    return {kind: keys for kind, keys in found.items() if keys}


def _of(r: Asking, sql: str, ids: Iterable[int]) -> Iterator[int]:
    return (row[0] for row in r.rows_of(sql, ids))


# --- keeping up ----------------------------------------------------------------------------------


def catch_up(store: "Store") -> Generator[int, None, None]:
    """Index what was written since; a short transaction each step, which yields records done."""
    with store.read() as r:
        mark = fulltext.mark_of(r)
        last = newest(r)
    if mark is None or mark.version != VERSION or mark.filling:
        yield from fill(store, anew=mark is None or mark.version != VERSION)
    elif mark.change_id == 0 and last > FROM_TABLES:
        yield from fill(store, anew=True)
    yield from _follow(store, last)


def _follow(store: "Store", last: int) -> Generator[int, None, None]:
    """Index what the lines up to ``last`` touched; what comes meanwhile is the next catching up."""
    at = -1
    while True:
        with store.read() as r:
            mark = fulltext.mark_of(r)
            if mark is None:
                return
            at = max(at, mark.change_id)
            upto = min(last, at + LINES)
            work = touched(r, at, upto) if upto > at else {}
        if work:
            yield from _index(store, work, replace(mark, change_id=upto))
        elif upto >= last:
            if last - mark.change_id >= IDLE_LINES:
                with fulltext.writing(store) as tx:
                    fulltext.set_mark(tx, replace(mark, change_id=last))
            return
        at = upto


def _index(store: "Store", work: Touched, mark: Mark) -> Generator[int, None, None]:
    """Index records, and set the mark with the last of them."""
    slices = [(kind, part) for kind, keys in work.items() for part in _parts(sorted(keys), SLICE)]
    for place, (kind, part) in enumerate(slices, 1):
        with fulltext.writing(store) as tx:
            fulltext.put(tx, kind, documents(tx, kind, part))
            if place == len(slices):
                fulltext.set_mark(tx, mark)
        yield len(part)


def fill(store: "Store", anew: bool) -> Generator[int, None, None]:
    """Index every record from the tables, from the beginning or where it was left."""
    if anew:
        with fulltext.writing(store) as tx:
            tx.install()
            fulltext.empty(tx)
            fulltext.set_mark(tx, Mark(VERSION, newest(tx), KINDS[0]))
        yield 0
    while True:
        with fulltext.writing(store) as tx:
            mark = fulltext.mark_of(tx)
            if mark is None or mark.filling is None:
                break
            kind = mark.filling
            sql = f"SELECT id FROM {kind} WHERE id > ? ORDER BY id LIMIT ?"
            ids = [row[0] for row in tx.rows(sql, (mark.filled, SLICE))]
            if ids:
                fulltext.put(tx, kind, documents(tx, kind, ids))
                fulltext.set_mark(tx, replace(mark, filled=ids[-1]))
            else:
                later = KINDS[KINDS.index(kind) + 1 :]
                fulltext.set_mark(tx, replace(mark, filling=later[0] if later else None, filled=0))
        yield len(ids)
    more = True
    while more:
        with fulltext.writing(store) as tx:
            more = fulltext.merge(tx, _MERGE_PAGES)
        yield 0


def _parts(keys: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


# --- judging -------------------------------------------------------------------------------------


def differing(r: Asking) -> int:
    """How many records the index holds otherwise than they are, as far as it says it has come."""
    mark = fulltext.mark_of(r)
    if mark is None or mark.version != VERSION or mark.filling:
        return 0  # it is made anew, or finished, by itself
    held: dict[int, int] = defaultdict(int)
    for term, row in fulltext.terms(r):
        held[row] += hash(term)
    if mark.change_id == 0 and not held:
        return 0  # nothing was indexed yet
    coming = touched(r, mark.change_id, newest(r))
    wrong = 0
    for code, kind in enumerate(KINDS):
        letter, skipped = fulltext.LETTERS[code], coming.get(kind, set())
        every = [row[0] for row in r.rows(f"SELECT id FROM {kind}") if row[0] not in skipped]
        for part in _parts(every, 500):
            for key, found in documents(r, kind, part):
                is_so = held.pop(fulltext.row_of(kind, key), 0)
                wrong += is_so != sum(hash(letter + word) for word in set(found))
        for key in skipped:
            held.pop(fulltext.row_of(kind, key), None)
    return wrong + len(held)
