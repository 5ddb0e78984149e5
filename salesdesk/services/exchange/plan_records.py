"""What a file of people, companies, contacts or contractors means: records matched by external id
where the file has one, else by name."""

import re
from typing import Any, TypeAlias

from salesdesk.models.store import Reader, Transaction
from salesdesk.names import key
from salesdesk.services import phones
from salesdesk.services.exchange.columns import Columns
from salesdesk.services.exchange.contractor_services import ContractorServices
from salesdesk.services.exchange.directory import Names, write_all
from salesdesk.services.exchange.importer import Request
from salesdesk.services.exchange.keys import is_uid, key_of
from salesdesk.services.exchange.rejects import NOT_A_RATING, SAME_ID, SAME_NAME, Reject
from salesdesk.services.survivors import survivor

_TABLES = {
    "people": "person", "companies": "client", "contacts": "client", "contractors": "contractor",
}  # fmt: skip
#: Fields that are columns of the record as they are.
_PLAIN = {
    "people": ("role", "email"),
    "companies": ("tax_number", "notes"),
    "contacts": ("tax_number", "notes"),
    "contractors": ("tax_number", "phone", "email", "rating", "notes"),
}
#: Fields that name a record of another table: field -> (column, table).
_NAMED = {
    "people": {"team": ("team_id", "team"), "supervisor": ("supervisor_id", "person")},
    "companies": {"industry": ("industry_id", "industry"), "source": ("source_id", "source")},
    "contacts": {"company": ("company_id", "client"), "source": ("source_id", "source")},
    "contractors": {},
}
_MANY = re.compile(r"[,;\n]+")
#: The row or the record, its plain values, those that name records, phones and e-mails, services.
_Record: TypeAlias = tuple[int, dict[str, Any], dict[str, Any], list[tuple[str, str]], list[int]]


class RecordsPlan:
    """Plan of people, companies, contacts and contractors (see ``importer.Plan``)."""

    def __init__(self, r: Reader, columns: Columns, request: Request) -> None:
        self.created = self.updated = self.unchanged = 0
        self.rejects: list[Reject] = []
        self._columns = columns
        self._kind = columns.mapping.kind
        self._table = _TABLES[self._kind]
        self._only = " AND kind = '{}'".format(
            {"companies": "company", "contacts": "contact"}.get(self._kind, "")
        )
        self._only = self._only if self._table == "client" else ""
        self._directories = self._make_directories(r)
        does = ContractorServices(r, columns) if self._kind == "contractors" else None
        self._services = does
        self._new: list[_Record] = []
        self._changes: list[_Record] = []
        self._contacts: dict[int, set[tuple[str, str]]] = {}
        self._adopted: set[int] = set()
        self._region = phones.region_of(r)
        self._supervisors: list[tuple[str, str]] = []
        self._led_by: dict[str, str | None] = {}
        if self._kind == "people":
            self._led_by = dict(
                r.rows(
                    "SELECT p.name_key, s.name_key FROM person p LEFT JOIN person s "
                    "ON s.id = p.supervisor_id WHERE p.deleted_at IS NULL"
                )
            )
        self._plan(r)

    def _make_directories(self, r: Reader) -> dict[str, Names]:
        found = {}
        for field, (_, table) in _NAMED[self._kind].items():
            if field != "supervisor":
                where = " AND kind = 'company'" if table == "client" else ""
                found[field] = Names(r, table, where)
        return found

    def _plan(self, r: Reader) -> None:
        names = self._columns.texts("name")
        externals = self._columns.texts("external_id")
        by_external, named = self._known(r)
        seen: dict[str, int] = {}
        told = {found["id"] for one in externals if (found := by_external.get(one or ""))}
        for row in self._columns.good:
            name, external = str(names[row]), externals[row]
            mark = external or key(name)
            if mark in seen:
                self._repeated(row, seen[mark], external)
                continue
            seen[mark] = row
            of_name = named.get(key(name), ())
            found = by_external.get(external) if external else next(iter(of_name), None)
            if found is None and external and is_uid(external):
                # Exported elsewhere without an external id: the name is all that is in common.
                free = (one for one in of_name if one["id"] not in told)
                found = next((one for one in free if not one["external_id"]), None)
                self._adopted.update([] if found is None else [found["id"]])
            if found is not None:
                told.add(found["id"])
            self._take(row, name, external, found)

    def _repeated(self, row: int, first: int, external: str | None) -> None:
        rows = self._columns.table.rows
        if rows[row][1] == rows[first][1]:
            self.unchanged += 1
        elif external:
            self.rejects.append(self._columns.reject_of(row, "external_id", SAME_ID))
        else:
            self.rejects.append(self._columns.reject_of(row, "name", SAME_NAME))

    def _known(
        self, r: Reader
    ) -> tuple[dict[str, dict[str, Any]], dict[str, list[dict[str, Any]]]]:
        """Records by their keys in files, and by name, the oldest first."""
        named = tuple(column for column, _ in _NAMED[self._kind].values())
        columns = ("id", "uid", "name", "name_key", "external_id", *_PLAIN[self._kind], *named)
        by_external, by_id = {}, {}
        by_name: dict[str, list[dict[str, Any]]] = {}
        for row in r.rows(
            f"SELECT {', '.join(columns)} FROM {self._table} "
            f"WHERE deleted_at IS NULL{self._only} ORDER BY id"
        ):
            record = dict(zip(columns, row, strict=True))
            by_id[record["id"]] = record
            by_name.setdefault(record["name_key"], []).append(record)
            by_external[key_of(record["external_id"], record["uid"])] = record
        if self._table == "client":
            self._know_merged(r, by_external, by_id)
            for client, kind, value in r.rows(
                "SELECT client_id, kind, value_key FROM client_contact WHERE deleted_at IS NULL"
            ):
                self._contacts.setdefault(client, set()).add((kind, value))
        return by_external, by_name

    def _know_merged(
        self, r: Reader, by_external: dict[str, dict[str, Any]], by_id: dict[int, dict[str, Any]]
    ) -> None:
        """External numbers of clients merged away stand for the one that they live on in."""
        for merged, external, uid in r.rows(
            "SELECT id, external_id, uid FROM client WHERE merged_into_id IS NOT NULL "
            f"AND deleted_at IS NOT NULL{self._only}"
        ):
            found = by_id.get(survivor(r, "client", merged))
            if found is not None:
                by_external.setdefault(key_of(external, uid), found)

    def _take(
        self, row: int, name: str, external: str | None, found: dict[str, Any] | None
    ) -> None:
        if self._table == "contractor" and not 1 <= (self._columns.wholes("rating")[row] or 1) <= 5:
            self.rejects.append(self._columns.reject_of(row, "rating", NOT_A_RATING))
            return
        values: dict[str, Any] = {}
        for field in _PLAIN[self._kind]:
            value = self._columns.texts(field)[row]
            if value is not None:
                values[field] = value
        named: dict[str, Any] = {}
        for field, names in self._directories.items():
            text = self._columns.texts(field)[row]
            if text:
                extra = {"kind": "company"} if names.table == "client" else {}
                named[_NAMED[self._kind][field][0]] = (names, names.need(text, **extra))
        other_lead = self._note_supervisor(row, name)
        contacts = self._row_contacts(row)
        services = self._row_services(row, found)
        if found is None:
            made = {"name": name, "external_id": external, **values}
            self._new.append((row, made, named, contacts, services))
            self.created += 1
            return
        changed = {field: value for field, value in values.items() if found.get(field) != value}
        if found["id"] in self._adopted:  # so that it is known again under another name
            changed["external_id"] = external
        if found["name"] != name and external == key_of(found["external_id"], found["uid"]):
            changed["name"] = name
        moved = {column: pair for column, pair in named.items() if found.get(column) != pair[1]}
        fresh = [one for one in contacts if one not in self._contact_keys(found["id"], contacts)]
        if changed or moved or fresh or services or other_lead:
            self._changes.append((found["id"], changed, moved, fresh, services))
            self.updated += 1
        else:
            self.unchanged += 1

    def _contact_key(self, kind: str, value: str) -> str:
        """How a phone or an e-mail is found again, as for those typed by hand."""
        return phones.key(kind, value, self._region)

    def _contact_keys(self, client: int, contacts: list[tuple[str, str]]) -> list[tuple[str, str]]:
        known = self._contacts.get(client, set())
        return [one for one in contacts if (one[0], self._contact_key(*one)) in known]

    def _row_contacts(self, row: int) -> list[tuple[str, str]]:
        """Phones and e-mails of a client's row."""
        if self._table != "client":
            return []
        found = []
        for kind in ("phone", "email"):
            text = self._columns.texts(kind)[row]
            parts = (part.strip() for part in _MANY.split(text or ""))
            found += [(kind, part) for part in parts if part]
        return found

    def _row_services(self, row: int, found: dict[str, Any] | None) -> list[int]:
        """What a contractor's row says it does, beside what is known."""
        if self._services is None:
            return []
        return self._services.fresh(row, None if found is None else found["id"])

    def _note_supervisor(self, row: int, name: str) -> bool:
        """Note the supervisor that a row of people names; whether it is another one than so far."""
        supervisor = self._columns.texts("supervisor")[row] if self._kind == "people" else None
        if not supervisor:
            return False
        self._supervisors.append((key(name), supervisor))
        return self._led_by.get(key(name)) != key(supervisor)

    # -- the answer and the writing -------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        """Fields of ImportResult beside the counts of rows."""
        people: tuple[str, ...] = ()
        if self._kind == "people":
            named = [new[1]["name"] for new in self._new]
            first: dict[str, str] = {}  # the first spelling stays
            for name in (*named, *(supervisor for _, supervisor in self._supervisors)):
                first.setdefault(key(name), name)
            people = tuple(name for place, name in first.items() if place not in self._led_by)
        clients = len(self._new) if self._table == "client" else 0
        return {"created_people": people, "created_clients": clients}

    def size(self) -> int:
        """How many records there are to write."""
        return len(self._new) + len(self._changes)

    def prepare(self, tx: Transaction) -> None:
        """Teams, companies and lists that the records name."""
        write_all(tx, self._directories.values())
        if self._services is not None:
            self._services.names.write(tx)

    def write(self, tx: Transaction, start: int, stop: int) -> None:
        """Write records ``start..stop``: new ones first, then changes."""
        count = len(self._new)
        for _, values, named, contacts, services in self._new[start : min(stop, count)]:
            row = {**values, "name_key": key(values["name"]), **self._real(named)}
            if self._table == "client":
                row["kind"] = "company" if self._kind == "companies" else "contact"
            [record] = tx.insert(self._table, [row])
            self._write_more(tx, record, contacts, services)
        for record, changed, named, contacts, services in self._changes[
            max(0, start - count) : max(0, stop - count)
        ]:
            row = {**changed, **self._real(named)}
            if "name" in row:
                row["name_key"] = key(row["name"])
            if row:
                tx.update(self._table, [{"id": record, **row}])
            self._write_more(tx, record, contacts, services)

    def _real(self, named: dict[str, Any]) -> dict[str, Any]:
        return {column: names.real(found) for column, (names, found) in named.items()}

    def _write_more(
        self, tx: Transaction, record: int, contacts: list[tuple[str, str]], services: list[int]
    ) -> None:
        self._write_contacts(tx, record, contacts)
        if self._services is not None:
            self._services.write(tx, record, services)

    def _write_contacts(
        self, tx: Transaction, client: int, contacts: list[tuple[str, str]]
    ) -> None:
        tx.insert(
            "client_contact",
            [
                {"client_id": client, "kind": kind, "value": value,
                 "value_key": self._contact_key(kind, value), "position": place}
                for place, (kind, value) in enumerate(contacts)
            ],
        )  # fmt: skip

    def finish(self, tx: Transaction) -> None:
        """Supervisors, whichever came first in the file; those unknown are made."""
        if not self._supervisors:
            return
        rows = tx.rows("SELECT name_key, id, supervisor_id FROM person WHERE deleted_at IS NULL")
        people = {row[0]: row[1] for row in rows}
        for name in dict.fromkeys(supervisor for _, supervisor in self._supervisors):
            if key(name) not in people:
                [people[key(name)]] = tx.insert(
                    "person", [{"name": name, "name_key": key(name), "role": "team_lead"}]
                )
        tx.update(
            "person",
            [
                {"id": people[person], "supervisor_id": people[key(supervisor)]}
                for person, supervisor in self._supervisors
                if person in people
            ],
        )
