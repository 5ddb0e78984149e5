"""What a row of deals carries beside the deal's columns: tags and the workspace's own fields."""

from collections import defaultdict
from typing import Any

from salesdesk.models.store import Reader, Transaction
from salesdesk.services.exchange.columns import Columns
from salesdesk.services.exchange.directory import Names


class Extras:
    """Tags and own fields of the rows; what a later file leaves out stays as it is."""

    def __init__(self, r: Reader, columns: Columns) -> None:
        self._tags = columns.tags() if columns.mapping.feeds("tags") else None
        self._own = {name: columns.texts(name) for name in columns.mapping.own_fields}
        self._tag_names = Names(r, "tag")
        self._field_names = Names(r, "custom_field", " AND subject = 'deal'")
        self._is_empty = self._tags is None and not self._own
        self._has_tags: dict[int, set[int]] = defaultdict(set)
        self._has: dict[tuple[int, int], tuple[int, str | None]] = {}
        self._before: dict[int, int] = {}
        if not self._is_empty:
            self._load(r)

    def _load(self, r: Reader) -> None:
        for deal, tag in r.rows("SELECT deal_id, tag_id FROM deal_tag WHERE deleted_at IS NULL"):
            self._has_tags[deal].add(tag)
        for found, field, subject, value in r.rows(
            "SELECT v.id, v.field_id, v.subject_id, v.value FROM field_value v "
            "JOIN custom_field f ON f.id = v.field_id "
            "WHERE f.subject = 'deal' AND v.deleted_at IS NULL"
        ):
            self._has[(subject, field)] = (found, value)

    def told_before(self, row: int, merged: int) -> None:
        """A row names a deal merged away: what that one had already is no news to its survivor."""
        self._before[row] = merged

    def differs(self, row: int, deal: int) -> bool:
        """Whether the row says something that the deal has not."""
        if self._is_empty:
            return False
        tags = {self._tag_names.need(tag) for tag in self._row_tags(row)}
        if tags - self._has_tags[deal]:
            return True
        return any(
            value is not None and self._has.get((deal, self._field(name)), (0, None))[1] != value
            for name, value in self._row_values(row)
        )

    def prepare(self, tx: Transaction) -> None:
        """Make the tags and fields that are named."""
        for tags in self._tags or ():
            for tag in tags:
                self._tag_names.need(tag)
        for name in self._own:
            self._field(name)
        self._tag_names.write(tx)
        self._field_names.write(tx)

    def write(self, tx: Transaction, deals: list[tuple[int, int]]) -> None:
        """Write for (deal, row) pairs what is new."""
        if self._is_empty:
            return
        tags: list[dict[str, Any]] = []
        values: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for deal, row in deals:
            for tag in self._row_tags(row):
                found = self._tag_names.need(tag)
                if found not in self._has_tags[deal]:
                    tags.append({"deal_id": deal, "tag_id": self._tag_names.real(found)})
            for name, value in self._row_values(row):
                field = self._field(name)
                known = self._has.get((deal, field))
                if known is not None and known[1] != value:
                    changed.append({"id": known[0], "value": value})
                elif known is None and value is not None:
                    real = self._field_names.real(field)
                    values.append({"field_id": real, "subject_id": deal, "value": value})
        tx.insert("deal_tag", tags)
        tx.insert("field_value", values)
        tx.update("field_value", changed)

    def _field(self, name: str) -> int:
        return self._field_names.need(name, subject="deal", kind="text")

    def _row_tags(self, row: int) -> tuple[str, ...]:
        tags = self._tags[row] if self._tags is not None else ()
        had = self._has_tags.get(self._before.get(row, 0), set())
        return tuple(tag for tag in tags if self._tag_names.need(tag) not in had) if had else tags

    def _row_values(self, row: int) -> list[tuple[str, str | None]]:
        values = [(name, values[row]) for name, values in self._own.items() if values[row]]
        merged = self._before.get(row)
        if merged is None:
            return values
        return [
            (name, value)
            for name, value in values
            if self._has.get((merged, self._field(name)), (0, None))[1] != value
        ]
