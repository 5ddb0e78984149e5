"""What a file of deals means: new deals with the history the file proves, and later changes."""

from typing import Any

from salesdesk.models.store import Reader, Transaction
from salesdesk.moments import money_of
from salesdesk.names import folded
from salesdesk.services.board import currency as home_currency
from salesdesk.services.exchange.ancestry import Node, in_circles
from salesdesk.services.exchange.columns import Columns
from salesdesk.services.exchange.deal_extras import Extras
from salesdesk.services.exchange.directory import Names, PipelinePlan, StagePlan, write_all
from salesdesk.services.exchange.importer import Request
from salesdesk.services.exchange.known_deals import KnownDeal, is_number, known_deals
from salesdesk.services.exchange.moments_of import Moments
from salesdesk.services.exchange.rejects import (
    CLOSED_BEFORE_CREATED,
    OWN_ANCESTOR,
    SAME_ID,
    Reject,
)
from salesdesk.text import N_

NO_PARENT = N_("no deal has this number")
#: A row that names a deal merged away does not rename the one that it lives on in.
_NAMES = ("title", "title_key")


class DealsPlan:
    """Plan of ``--as deals`` (see ``importer.Plan``)."""

    def __init__(self, r: Reader, columns: Columns, request: Request) -> None:
        self.created = self.updated = self.unchanged = 0
        self.rejects: list[Reject] = []
        self._r = r
        self._columns = columns
        self._now = request.now
        self._home = home_currency(r)
        self._moments = Moments(r.zone)
        self._pipelines = PipelinePlan(r, columns.mapping, request.pipeline)
        self._people = Names(r, "person")
        self._companies = Names(r, "client", " AND kind = 'company'")
        self._contacts = Names(r, "client", " AND kind = 'contact'")
        self._lists = {name: Names(r, name) for name in ("source", "industry", "lost_reason")}
        self._extras = Extras(r, columns)
        self._new: list[dict[str, Any]] = []
        self._changes: list[tuple[KnownDeal, dict[str, Any]]] = []
        self._parents: list[tuple[int, int | str]] = []
        self._ids: dict[int, int] = {}
        self._open: list[int] = []
        self._known: dict[str, KnownDeal] = {}
        self._parents_known: dict[str, int | str] = {}
        self._next_number = 0
        self._pos: dict[int, float] = {}
        self._read_columns()
        self._plan()

    # -- planning -----------------------------------------------------------------------------

    def _read_columns(self) -> None:
        columns = self._columns
        texts = ("external_id", "title", "owner", "company", "contact", "stage", "source",
                 "industry", "parent", "lost_reason", "pipeline")  # fmt: skip
        dates = ("created_at", "stage_entered_at", "closed_at", "expected_close")
        self._text = {name: columns.texts(name) for name in texts}
        self._date = {name: columns.dates(name) for name in dates}
        self._amount = columns.amounts("amount")
        self._cost = columns.amounts("cost")
        self._currency = columns.currencies()
        self._probability = columns.wholes("probability")
        self._maps_history = any(
            columns.mapping.feeds(name)
            for name in ("stage", "created_at", "closed_at", "stage_entered_at")
        )

    def _plan(self) -> None:
        wanted = [self._text["external_id"][row] for row in self._columns.good]
        known = known_deals(self._r, {external for external in wanted if external})
        rows_of: dict[str, int] = {}
        parents = self._parents_known = self._known_parents()
        self._known = known
        accepted: list[tuple[int, KnownDeal | None]] = []
        for row in self._columns.good:
            external = self._text["external_id"][row]
            first = rows_of.get(external) if external else None
            if first is not None:
                self._repeated(row, first)
                continue
            if self._is_refused(row, parents):
                continue
            if external:
                rows_of[external] = row
            accepted.append((row, known.get(external) if external else None))
        accepted = self._with_parents(self._without_circles(accepted), parents)
        self._need_stages(accepted)
        # Of a deal and those merged into it one row tells: its own, else the first.
        told = {found.id for _, found in accepted if found is not None and found.merged is None}
        for row, found in accepted:
            if found is None:
                self._plan_new(row)
            elif found.merged is not None and found.id in told:
                self.unchanged += 1
            else:
                told.add(found.id)
                self._plan_change(row, found)

    def _without_circles(
        self, rows: list[tuple[int, KnownDeal | None]]
    ) -> list[tuple[int, KnownDeal | None]]:
        """Rows without those that would make a deal its own ancestor."""
        text = self._text
        told: dict[Node, Node] = {}
        own: dict[int, Node] = {}
        by_own_row = {deal.id for _, deal in rows if deal is not None and deal.merged is None}
        for row, deal in rows:
            node = deal.id if deal else text["external_id"][row]
            above = self._parents_known.get(text["parent"][row] or "")
            known = self._known.get(above) if isinstance(above, str) else None
            above = known.id if known else above
            if node is None or above is None or above == node:  # many programs write so: no parent
                continue
            if deal and deal.merged and deal.id in by_own_row:  # which tells, and this does not
                continue
            own[row], told[node] = node, above
        circled = in_circles(self._r, told) if told else set()
        for row, node in own.items():
            if node in circled:
                self.rejects.append(self._columns.reject_of(row, "parent", OWN_ANCESTOR))
        return [(row, deal) for row, deal in rows if own.get(row) not in circled]

    def _with_parents(
        self, rows: list[tuple[int, KnownDeal | None]], parents: dict[str, int | str]
    ) -> list[tuple[int, KnownDeal | None]]:
        """Rows without those whose parent is a row of this file that is itself refused."""
        text = self._text
        while True:
            here = {text["external_id"][row] for row, _ in rows}
            kept = [
                (row, deal)
                for row, deal in rows
                if isinstance(parents.get(text["parent"][row] or ""), int | None)
                or text["parent"][row] in here
            ]
            if len(kept) == len(rows):
                return kept
            for row in {row for row, _ in rows} - {row for row, _ in kept}:
                self.rejects.append(self._columns.reject_of(row, "parent", NO_PARENT))
            rows = kept

    def _need_stages(self, accepted: list[tuple[int, KnownDeal | None]]) -> None:
        """All stages first: which one is a pipeline's first is known from the whole file."""
        for row, deal in accepted:
            value = self._text["stage"][row]
            if value:
                self._plan_of(row, deal).need(value)

    def _plan_of(self, row: int, deal: KnownDeal | None) -> StagePlan:
        named = self._text["pipeline"][row]
        return self._pipelines.stages(named or ((deal.merged or deal).pipeline if deal else None))

    def _known_parents(self) -> dict[str, int | str]:
        """Deals that a row may name as its parent: known ones, and those of this file."""
        if not self._columns.mapping.feeds("parent"):
            return {}
        names = {name for name in self._text["parent"] if name}
        found: dict[str, int | str] = {
            external: external
            for row in self._columns.good
            if (external := self._text["external_id"][row]) in names and external
        }
        numbers = [int(name) for name in names if is_number(name)]
        for deal, number in self._r.rows_of(
            "SELECT id, number FROM deal WHERE deleted_at IS NULL AND number IN ({ids})", numbers
        ):
            found.setdefault(str(number), deal)
        for external, deal in known_deals(self._r, names).items():
            found[external] = deal.id
        return found

    def _repeated(self, row: int, first: int) -> None:
        """The same external id again: an equal row changes nothing, another is refused."""
        table = self._columns.table
        if table.rows[row][1] == table.rows[first][1]:
            self.unchanged += 1
        else:
            self.rejects.append(self._columns.reject_of(row, "external_id", SAME_ID))

    def _is_refused(self, row: int, parents: dict[str, int | str]) -> bool:
        created = self._moments.of(self._date["created_at"][row])
        closed = self._moments.after(self._date["closed_at"][row], created)
        if created is not None and closed is not None and closed < created:
            self.rejects.append(self._columns.reject_of(row, "closed_at", CLOSED_BEFORE_CREATED))
            return True
        parent = self._text["parent"][row]
        if parent and parent not in parents:
            self.rejects.append(self._columns.reject_of(row, "parent", NO_PARENT))
            return True
        return False

    def _plan_new(self, row: int) -> None:
        plan = self._plan_of(row, None)
        value = self._text["stage"][row]
        stage = plan.need(value) if value else plan.first()
        if stage is None:
            stage = plan.need("New")
        closed_kind = plan.is_closed(stage)
        created = self._moments.of(self._date["created_at"][row])
        closed = self._moments.after(self._date["closed_at"][row], created)
        entered = self._moments.after(self._date["stage_entered_at"][row], created)
        there = (closed or entered) if closed_kind else entered
        if created is None:
            created = next((at for at in (there, closed, entered) if at is not None), self._now)
        there = created if there is None else max(there, created)
        first = plan.first()
        moves = [(first, created)] if first is not None and first != stage else []
        moves.append((stage, created if not moves else there))
        self._new.append(
            {
                "row": row, "plan": plan, "stage": stage, "moves": moves,
                "owner": self._owner(row), "fields": self._fields(row), "created": created,
            }
        )  # fmt: skip
        self.created += 1

    def _owner(self, row: int) -> int | None:
        name = self._text["owner"][row]
        return self._people.need(name) if name else None

    def _fields(self, row: int) -> dict[str, Any]:
        """Columns of the deal that the row fills; empty cells are left out."""
        found: dict[str, Any] = {}
        text = {name: values[row] for name, values in self._text.items()}
        title = text["title"] or None
        if title:
            found["title"], found["title_key"] = title, folded(title)
        industry = self._need("industry", text["industry"])
        if text["company"]:
            found["client_id"] = self._companies.need(
                text["company"], kind="company", industry_id=industry
            )
        if text["contact"]:
            found["contact_id"] = self._contacts.need(
                text["contact"], kind="contact", industry_id=None
            )
        found["industry_id"] = industry
        found["source_id"] = self._need("source", text["source"])
        found["lost_reason_id"] = self._need("lost_reason", text["lost_reason"])
        amount, cost = self._amount[row], self._cost[row]
        found["amount"] = None if amount is None else money_of(amount)
        found["cost"] = None if cost is None else money_of(cost)
        found["currency"] = self._currency[row]
        found["expected_day"] = Moments.day(self._date["expected_close"][row])
        found["probability"] = self._probability[row]
        return {name: value for name, value in found.items() if value is not None}

    def _need(self, table: str, name: str | None) -> int | None:
        return self._lists[table].need(name) if name else None

    def _plan_change(self, row: int, deal: KnownDeal) -> None:
        """A later file about a known deal: changed fields, and one more move for another stage."""
        change: dict[str, Any] = {"row": row, "fields": {}}
        if deal.merged is not None:
            self._extras.told_before(row, deal.merged.id)
        for name, value in self._fields(row).items():
            if deal.tells(name, value) and not (deal.merged and name in _NAMES):
                change["fields"][name] = value
        owner = self._text["owner"][row]
        known = (deal.owner, deal.merged.owner) if deal.merged else (deal.owner,)
        if owner and self._people.need(owner) not in known:
            change["owner"] = self._people.need(owner)
        move = self._later_move(row, deal) if self._maps_history else None
        if move is not None:
            change["move"] = move
        if self._extras.differs(row, deal.id):
            change["extras"] = True
        parent = self._text["parent"][row]
        if parent and self._parent_changes(parent, deal):
            change["parent"] = parent
        if len(change) > 2 or change["fields"]:
            self._changes.append((deal, change))
            self.updated += 1
        else:
            self.unchanged += 1

    def _parent_changes(self, parent: str, deal: KnownDeal) -> bool:
        found = self._parents_known.get(parent)
        if isinstance(found, str):
            known = self._known.get(found)
            found = known.id if known else None
        return found != deal.id and (found is None or deal.tells("parent_id", found))

    def _later_move(self, row: int, deal: KnownDeal) -> tuple[Any, int, int] | None:
        value = self._text["stage"][row]
        if not value:
            return None
        plan = self._plan_of(row, deal)
        stage = plan.need(value)
        if stage == deal.stage or (deal.merged is not None and stage == deal.merged.stage):
            return None
        closed = self._moments.after(self._date["closed_at"][row], deal.created)
        entered = self._moments.after(self._date["stage_entered_at"][row], deal.created)
        there = (closed or entered) if plan.is_closed(stage) else entered
        if there is not None and (stage, there) in deal.moves:
            return None
        return plan, stage, self._now if there is None else there

    # -- the answer ---------------------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        """Fields of ImportResult beside the counts of rows."""
        moves = sum(len(new["moves"]) for new in self._new)
        moves += sum("move" in change for _, change in self._changes)
        clients = len(self._companies.new) + len(self._contacts.new)
        return {
            "created_deals": len(self._new),
            "created_moves": moves,
            "created_clients": clients,
            "created_stages": tuple(self._pipelines.created_stages()),
            "created_people": tuple(self._people.created()),
            "open_deals": tuple(self._open),
        }

    def size(self) -> int:
        """How many deals there are to write."""
        return len(self._new) + len(self._changes)

    # -- writing ------------------------------------------------------------------------------

    def prepare(self, tx: Transaction) -> None:
        """People, pipelines, clients and lists that the deals refer to."""
        self._pipelines.write(tx)
        write_all(tx, [self._people, *self._lists.values()])
        for names in (self._companies, self._contacts):
            for row in names.new.values():
                row["industry_id"] = self._lists["industry"].real(row["industry_id"])
            names.write(tx)
        self._extras.prepare(tx)

    def write(self, tx: Transaction, start: int, stop: int) -> None:
        """Write deals ``start..stop``: new ones first, then changes."""
        fresh = self._new[start : min(stop, len(self._new))]
        # A person may have made a deal since the last slice: numbers go on from the latest.
        self._next_number = int(tx.value("SELECT coalesce(max(number), 0) + 1 FROM deal"))
        if fresh:
            self._write_new(tx, fresh)
        for deal, change in self._changes[
            max(0, start - len(self._new)) : max(0, stop - len(self._new))
        ]:
            self._write_change(tx, deal, change)

    def _write_new(self, tx: Transaction, fresh: list[dict[str, Any]]) -> None:
        rows = [self._deal_row(tx, new) for new in fresh]
        ids = tx.insert("deal", rows)
        moves = []
        for deal, new, row in zip(ids, fresh, rows, strict=True):
            self._ids[new["row"]] = deal
            self._remember_parent(new["row"], deal)
            if not new["plan"].is_closed(new["stage"]):
                self._open.append(deal)
            moves += self._move_rows(tx, deal, new, row)
        tx.insert("stage_move", moves)
        self._extras.write(tx, [(deal, new["row"]) for deal, new in zip(ids, fresh, strict=True)])

    def _deal_row(self, tx: Transaction, new: dict[str, Any]) -> dict[str, Any]:
        fields = self._real_fields(new["fields"])
        external = self._text["external_id"][new["row"]]
        title = fields.get("title") or external or "—"
        stage = new["plan"].real(new["stage"])
        row = {
            "number": self._next_number, "title": title,
            "title_key": fields.get("title_key") or folded(title),
            "external_id": external, "pos": self._bottom(tx, stage),
            "currency": fields.get("currency") or self._home,
        }  # fmt: skip
        for name in ("client_id", "contact_id", "amount", "cost", "source_id", "industry_id",
                     "expected_day", "probability", "lost_reason_id"):  # fmt: skip
            row[name] = fields.get(name)
        self._next_number += 1
        return row

    def _bottom(self, tx: Transaction, stage: int) -> float:
        """A place below all cards of a stage."""
        if stage not in self._pos:
            last = tx.value(
                "SELECT pos FROM deal WHERE stage_id = ? AND deleted_at IS NULL "
                "ORDER BY pos DESC LIMIT 1",
                (stage,),
            )
            self._pos[stage] = 0.0 if last is None else float(last)
        self._pos[stage] += 1.0
        return self._pos[stage]

    def _move_rows(
        self, tx: Transaction, deal: int, new: dict[str, Any], row: dict[str, Any]
    ) -> list[dict[str, Any]]:
        plan, owner = new["plan"], self._people.real(new["owner"])
        return [
            {
                "deal_id": deal, "to_stage_id": plan.real(stage), "at": at,
                "recorded_at": tx.now, "mover_id": tx.person, "mover_as": "import",
                "owner_id": owner, "sets_owner": int(place == 0), "amount": row["amount"],
                "lost_reason_id": row["lost_reason_id"] if plan.kind(stage) == "lost" else None,
                "evidence": "assumed",
            }
            for place, (stage, at) in enumerate(new["moves"])
        ]  # fmt: skip

    def _write_change(self, tx: Transaction, deal: KnownDeal, change: dict[str, Any]) -> None:
        fields = self._real_fields(change["fields"])
        if fields:
            tx.update("deal", [{"id": deal.id, **fields}])
        owner = self._people.real(change.get("owner"))
        if "move" in change:
            plan, stage, at = change["move"]
            tx.insert("stage_move", [{
                "deal_id": deal.id, "to_stage_id": plan.real(stage), "at": at,
                "recorded_at": tx.now, "mover_id": tx.person, "mover_as": "import",
                "owner_id": owner, "sets_owner": int(owner is not None),
                "amount": fields.get("amount", deal.fields.get("amount")),
                "lost_reason_id": fields.get("lost_reason_id")
                if plan.kind(stage) == "lost" else None,
                "evidence": "reported" if deal.reported else "assumed",
            }])  # fmt: skip
        elif owner is not None:
            tx.insert("owner_change", [{"deal_id": deal.id, "person_id": owner, "at": tx.now}])
        if change.get("extras"):
            self._extras.write(tx, [(deal.id, change["row"])])
        self._remember_parent(change["row"], deal.id)
        self._ids[change["row"]] = deal.id

    def _real_fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        found = dict(fields)
        directories: dict[str, Names] = {
            "client_id": self._companies, "contact_id": self._contacts,
            "source_id": self._lists["source"], "industry_id": self._lists["industry"],
            "lost_reason_id": self._lists["lost_reason"],
        }  # fmt: skip
        for name, names in directories.items():
            if name in found:
                found[name] = names.real(found[name])
        return found

    def _remember_parent(self, row: int, deal: int) -> None:
        parent = self._text["parent"][row]
        if parent:
            self._parents.append((deal, parent))

    def finish(self, tx: Transaction) -> None:
        """Tie children to their parents, whichever came first in the file."""
        if not self._parents:
            return
        found = known_deals(tx, {str(name) for _, name in self._parents})
        numbers = {str(number): deal for deal, number in tx.rows("SELECT id, number FROM deal")}
        rows = []
        for deal, name in self._parents:
            parent = found[str(name)].id if str(name) in found else numbers.get(str(name))
            if parent is not None and parent != deal:
                rows.append({"id": deal, "parent_id": parent})
        tx.update("deal", rows)
