"""Every command of a person and every row it writes, held against that person's rights.

The store asks ``watch_of`` when a command opens and then before each write, so that nothing slips
through a verb that forgot to ask. Automation and links write unwatched (``tx.unwatched``); undo,
rules, imports and sync are judged as commands only.
"""

from collections.abc import Sequence
from typing import Any

from salesdesk.errors import Refused
from salesdesk.models.guarding import Watch
from salesdesk.models.transaction import Transaction
from salesdesk.services import rights

#: What each kind of command needs: an action of ``rights``, or nothing ("") where the records that
#: it writes decide. A kind is looked up whole, then by the word before its dot; one that is not
#: here is an administrator's (and a test finds it).
KINDS: dict[str, str] = {
    "deal": "", "note": "", "client": "", "payment": "", "task": "", "filter": "", "tag": "",
    "contractor": "", "contractor.delete": "lead", "quote": "", "rating": "", "person.pin": "",
    "undo": "", "redo": "", "rebuild": "",  # undo is judged by history, which knows whose it is
    "task.accept": "accept", "task.return": "accept", "task.give_back": "accept",
    "import": "import", "task.first": "import",
    "reach": "rulings", "plan": "plans", "norm": "plans", "month": "lead", "month.reopen": "admin",
    "award": "lead",
    "absence": "lead", "review": "rulings", "digest": "settings", "digest.send": "",
    "digest.outcome": "",
    "init": "settings", "settings": "settings", "configuration": "configuration",
    "person": "people", "team": "people", "import.people": "people",
    "pipeline": "stages", "stage": "stages", "points": "stages", "task_rule": "stages",
    "link_rule": "stages", "list": "settings", "rate": "settings", "day_off": "settings",
    "bonus": "settings", "demo": "settings", "sync": "settings",
}  # fmt: skip

#: Tables whose rows belong to a deal, a task or a client, by the column that says which.
_OF: dict[str, tuple[tuple[str, str], ...]] = {
    "deal": (("deal", "id"),),
    "stage_move": (("deal", "deal_id"),),
    "owner_change": (("deal", "deal_id"),),
    "deal_tag": (("deal", "deal_id"),),
    "deal_person": (("deal", "deal_id"),),
    "payment": (("deal", "deal_id"),),
    "contractor_quote": (("deal", "deal_id"),),
    "note": (("deal", "deal_id"), ("client", "client_id")),
    "task": (("task", "id"),),
    "task_change": (("task", "task_id"),),
    "client": (("client", "id"),),
    "client_contact": (("client", "client_id"),),
    "client_apart": (("client", "client_id"), ("client", "other_id")),
}
#: What a new row of these tables is about, beside itself.
_ABOUT: dict[str, tuple[tuple[str, str], ...]] = {
    "task": (("deal", "deal_id"), ("client", "client_id")),
    # its cost counts in the gross profit of the parent
    "deal": (("deal", "parent_id"),),
}
#: Tables that everybody may add to; changing what is there needs the action.
_ADDED_FREELY = {
    "tag": "settings", "deal": "", "task": "", "client": "", "contractor": "",
    "contractor_contact": "", "contractor_service": "", "service": "settings",
}  # fmt: skip
#: Tables that need an action for any write; those in none of these are an administrator's.
_NEED = {
    "reach_ruling": "rulings", "plan": "plans", "norm": "plans", "absence": "lead",
    "closed_month": "lead", "award": "lead", "digest_sent": "", "move_review": "rulings",
}  # fmt: skip
#: Origins whose commands a person asked for, row by row.
_BY_HAND = ("window", "cli")


def need_of(kind: str) -> str:
    """The action of ``rights`` that a kind of command needs; "" where the records decide."""
    found = KINDS.get(kind)
    return KINDS.get(kind.partition(".")[0], "admin") if found is None else found


def need_to_undo(kind: str, by: int | None, person: int | None) -> str:
    """The action of ``rights`` that it takes to undo such a command of ``by``; "" for none beside
    being allowed to take back what that person did."""
    if by == person:
        return ""
    return "people" if kind == "person.pin" else need_of(kind)  # a PIN is not taken away so


def watch_of(tx: Transaction) -> Watch | None:
    """Judge a command as it opens (raises ``Refused``) and answer who watches what it writes."""
    if tx.person is None or tx.origin not in (*_BY_HAND, "import"):
        return None
    day = tx.zone.day_of(tx.now)
    known: rights.Ranks = tx.store.cached(f"ranks/{day}", rights.ranks, tx)
    need = need_of(tx.kind)
    if need:
        rights.require(tx, tx.person, need, known=known)
    if tx.origin not in _BY_HAND or known.is_free(tx.person):
        return None
    return _Watch(tx, known)


class _Watch:
    """Holds each write of one transaction against the rights of its person."""

    def __init__(self, tx: Transaction, known: rights.Ranks) -> None:
        assert tx.person is not None
        self.tx = tx
        self.known = known
        self.person = tx.person
        self.day: int = tx.zone.day_of(tx.now)
        #: Records that were allowed already, or that this very command made.
        self.allowed: dict[str, set[int]] = {"deal": set(), "task": set(), "client": set()}

    def inserting(self, table: str, ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
        """New rows: of one's own records, or where everybody may add."""
        if table in self.allowed:
            self.allowed[table].update(ids)
        if table == "saved_filter":
            self._filters([row["person_id"] for row in rows if row.get("person_id") is not None])
        elif table == "field_value":
            self._values(rows)
        elif table == "contractor_rating":
            self._rated([row["quote_id"] for row in rows])
        elif table not in _ADDED_FREELY:
            self._judge(table, rows)
        for subject, column in _ABOUT.get(table, ()):
            self._require(subject, [row.get(column) for row in rows])

    def changing(self, table: str, fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
        """Changed rows: the records that they belong to, as the database has them."""
        keys = [row["id"] for row in rows]
        if table == "person" and set(fields) == {"pin_hash"} and keys == [self.person]:
            return
        if table == "saved_filter":
            found = self.tx.rows_of("SELECT person_id FROM saved_filter WHERE id IN ({ids})", keys)
            self._filters([row[0] for row in found])
        elif table == "field_value":
            self._values(self._there(table, ("field_id", "subject_id"), keys))
        elif table == "contractor_rating":
            found = self.tx.rows_of(
                "SELECT person_id FROM contractor_rating WHERE id IN ({ids})", keys
            )
            if any(row[0] not in (None, self.person) for row in found):
                self._need("lead")
        elif table in _OF:
            columns = tuple(column for _, column in _OF[table])
            self._judge(table, rows if columns == ("id",) else self._there(table, columns, keys))
            self._moved_under(table, fields, rows)
        elif table in _ADDED_FREELY:
            self._need(_ADDED_FREELY[table])
        else:
            self._judge(table, rows)
        if table == "task" and any(row.get("accepted") or row.get("remark") for row in rows):
            self._need("accept")

    def claiming(self, subject: str, ids: Sequence[int]) -> None:
        """Records that the command is about, written or not."""
        self._require(subject, ids)

    def _judge(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        if table not in _OF:
            self._need(_NEED.get(table, "admin"))
        for subject, column in _OF.get(table, ()):
            self._require(subject, [row.get(column) for row in rows])

    def _moved_under(
        self, table: str, fields: Sequence[str], rows: Sequence[dict[str, Any]]
    ) -> None:
        """A row that is put under another deal or client needs the right to that one too; where it
        lies already it may stay."""
        for subject, column in (*_OF[table], *_ABOUT.get(table, ())):
            if column == "id" or column not in fields:
                continue
            there = self._there(table, ("id", column), [row["id"] for row in rows])
            known = {row["id"]: row[column] for row in there}
            moved = [row[column] for row in rows if row.get(column) != known.get(row["id"])]
            self._require(subject, moved)

    def _need(self, action: str) -> None:
        if action:
            rights.require(self.tx, self.person, action, known=self.known)

    def _require(self, subject: str, keys: Sequence[int | None]) -> None:
        allowed = self.allowed[subject]
        wanted = {key for key in keys if key is not None} - allowed
        if wanted:
            rights.require(
                self.tx, self.person, subject, *sorted(wanted), day=self.day, known=self.known
            )
            allowed |= wanted

    def _there(
        self, table: str, columns: Sequence[str], keys: Sequence[int]
    ) -> list[dict[str, Any]]:
        sql = f"SELECT {', '.join(columns)} FROM {table} WHERE id IN ({{ids}})"
        return [dict(zip(columns, row, strict=True)) for row in self.tx.rows_of(sql, keys)]

    def _values(self, rows: Sequence[dict[str, Any]]) -> None:
        """Values of own fields: the field says what they are of."""
        subjects: dict[int, str] = dict(
            self.tx.rows_of(
                "SELECT id, subject FROM custom_field WHERE id IN ({ids})",
                {row["field_id"] for row in rows},
            )
        )
        for subject in self.allowed:
            self._require(
                subject,
                [row["subject_id"] for row in rows if subjects.get(row["field_id"]) == subject],
            )

    def _rated(self, quotes: Sequence[int]) -> None:
        """Work is rated by those who may change the deal that it was done in."""
        rows = self.tx.rows_of(
            "SELECT deal_id FROM contractor_quote WHERE id IN ({ids})", sorted(set(quotes))
        )
        self._require("deal", [row[0] for row in rows])

    def _filters(self, owners: Sequence[int | None]) -> None:
        """A filter of one's own, or (for a team lead to change) one that everybody sees."""
        if any(owner not in (None, self.person) for owner in owners):
            raise Refused(rights.ONLY_OWN_FILTER)
        if None in owners:
            self._need("lead")
