"""What people do in the simulation: at their laptops, and in the CRM itself."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from salesdesk.errors import Refused
from salesdesk.services import clients, deals, history, merging, rulings, tasks
from salesdesk.services.sync import carried
from salesdesk.services.sync.remote import Entity, FarRecord, Value
from tests.sync.simulation_laptops import MINUTE, PEOPLE, Laptop
from tests.sync.simulation_truth import ALL, OPEN, PORTAL, Move, Scene, token_of


class People(Scene):
    """Acts of people, drawn at random; each is noted in ``truth``."""

    # -- what people do at a laptop ----------------------------------------

    def act(self, one: Laptop) -> None:
        acts: list[tuple[int, Callable[[Laptop], object]]] = [
            (4, self.make_deal), (2, self._make_client), (2, self._make_task),
            (1, self._make_note), (7, self._move), (5, self._change), (2, self._assign),
            (2, self._complete), (2, self._undo), (1, self._merge_clients),
            (1, self._redo), (2, self._rule),
        ]  # fmt: skip
        act = one.rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        act(one)

    def _make_client(self, one: Laptop) -> None:
        token = self.new_token("company")
        name = f"{token} v0"
        saved = clients.add(one.store, clients.NewClient("company", name), **one.by())
        one.commands.append(saved.command_id)
        self.wrote("company", token, "name", name, one.name)
        self.tell(f"{one.name} makes client {token}")

    def make_deal(self, one: Laptop) -> None:
        token, n = self.new_token("deal"), self.next_number()
        client = self.pick(one, "client") if one.rng.random() < 0.7 else None
        amount = Decimal(n * 10) + (Decimal("0.4") if one.rng.random() < 0.3 else 0)
        stage = one.rng.choice(OPEN)
        owner = one.keys.people[one.rng.choice(PEOPLE)]
        new = deals.NewDeal(f"{token} v0", one.keys.stages[stage], owner_id=owner,
                            client_id=client, amount=amount)  # fmt: skip
        found = deals.create(one.store, new, **one.by())
        one.commands.append(found.command_id)
        self.wrote("deal", token, "title", f"{token} v0", one.name)
        self.wrote("deal", token, "amount", amount, one.name)
        self._moved(one, found.deal_ids[0], token)
        self.tell(f"{one.name} makes deal {token} in {stage} "
                  f"for {client and self.token(one, 'company', client)}")  # fmt: skip

    def _make_task(self, one: Laptop) -> None:
        deal = self.pick(one, "deal")
        if deal is None:
            return
        token = self.new_token("task")
        by = one.by()
        due = by["now"] + one.rng.randrange(1, 100) * 60 * MINUTE
        new = tasks.NewTask(f"{token} v0", deal_id=deal, assignee_id=one.person, due_at=due)
        one.commands.append(tasks.add(one.store, new, **by))
        self.wrote("task", token, "title", f"{token} v0", one.name)
        self.tell(f"{one.name} makes task {token} of {self.token(one, 'deal', deal)}")

    def _make_note(self, one: Laptop) -> None:
        deal = self.pick(one, "deal")
        if deal is None:
            return
        token = self.new_token("note")
        one.commands.append(deals.add_note(one.store, deal, f"{token} v0", **one.by()))
        self.wrote("note", token, "text", f"{token} v0", one.name)
        self.tell(f"{one.name} makes note {token} of {self.token(one, 'deal', deal)}")

    def _move(self, one: Laptop) -> None:
        deal = self.pick(one, "deal")
        if deal is None:
            return
        stage = one.rng.choice(ALL)
        if one.value("SELECT stage_id FROM deal WHERE id = ?", deal) == one.keys.stages[stage]:
            return
        found = deals.move(one.store, [deal], one.keys.stages[stage], **one.by())
        one.commands.append(found.command_id)
        token = self.token(one, "deal", deal)
        self._moved(one, deal, token)
        self.tell(f"{one.name} moves {token} to {stage}")

    def _moved(self, one: Laptop, deal: int, token: str) -> None:
        """Note the last move of a deal as the laptop keeps it."""
        stages = {key: far for far, key in one.keys.stages.items()}
        row, stage, at, owner = one.rows(
            "SELECT m.id, m.to_stage_id, m.at, d.owner_id FROM stage_move m JOIN deal d "
            "ON d.id = m.deal_id WHERE m.deal_id = ? ORDER BY m.id DESC LIMIT 1", deal
        )[0]  # fmt: skip
        seen = self._seen(one, deal, token)
        self.truth.moves.append(Move(token, stages[stage], at, one.name, owner, seen, row))

    def _seen(self, one: Laptop, deal: int, token: str) -> Move | None:
        """The last true move of a deal that stands in the laptop's protocol before the newest."""
        stages = {key: far for far, key in one.keys.stages.items()}
        known = {
            (stages[stage], at)
            for stage, at in one.rows(
                "SELECT to_stage_id, at FROM stage_move WHERE deal_id = ? AND undone = 0", deal
            )
        }
        fitting = [move for move in self.truth.moves
                   if move.deal == token and (move.stage, move.at) in known]  # fmt: skip
        return fitting[-1] if fitting else None

    def _change(self, one: Laptop) -> None:
        if one.rng.random() < 0.15:
            self._rename_client(one)
            return
        deal = self.pick(one, "deal")
        if deal is None:
            return
        name = one.rng.choice(("title", "amount", "expected_day"))
        token, value = self.token(one, "deal", deal), self._value("deal", name)
        if name == "title":
            value = f"{token} {value}"
        was = self.local(one, "deal", deal, name)
        one.commands.append(deals.change(one.store, deal, {name: value}, **one.by()))
        self.wrote("deal", token, name, value, one.name, was)
        self.tell(f"{one.name} changes {token}.{name}: {was} -> {value}")

    def _value(self, entity: Entity, name: str) -> Value:
        n = self.next_number()
        if name == "amount":
            return Decimal(n * 10) + (Decimal("0.4") if self.rng.random() < 0.3 else 0)
        return 739_000 + n if name == "expected_day" else f"v{n}"

    def _rename_client(self, one: Laptop) -> None:
        client = self.pick(one, "client")
        if client is None:
            return
        token = self.token(one, "company", client)
        value, was = f"{token} v{self.next_number()}", self.local(one, "company", client, "name")
        one.commands.append(clients.change(one.store, client, {"name": value}, **one.by()))
        self.wrote("company", token, "name", value, one.name, was)
        self.tell(f"{one.name} renames {was} to {value}")

    def _assign(self, one: Laptop) -> None:
        deal = self.pick(one, "deal")
        if deal is None:
            return
        far = one.rng.choice(PEOPLE)
        one.commands.append(deals.assign(one.store, [deal], one.keys.people[far], **one.by()))
        self.tell(f"{one.name} gives {self.token(one, 'deal', deal)} to {far}")

    def _complete(self, one: Laptop) -> None:
        task = self.pick(one, "task", "AND state = 'open'")
        if task is None:
            return
        one.commands.append(tasks.complete(one.store, [task], **one.by()))
        token = self.token(one, "task", task)
        self.truth.done.add(token)
        self.tell(f"{one.name} completes {token}")

    def _merge_clients(self, one: Laptop) -> None:
        found = one.rows("SELECT id FROM client WHERE deleted_at IS NULL ORDER BY id")
        if len(found) < 2:
            return
        stays, gone = (row[0] for row in one.rng.sample(found, 2))
        names = [self.token(one, "company", key) for key in (stays, gone)]
        one.commands.append(merging.merge_clients(one.store, stays, [gone], **one.by()).command_id)
        self.truth.merged |= set(names)
        self.tell(f"{one.name} merges client {names[1]} into {names[0]}")

    def _undo(self, one: Laptop) -> None:
        if not one.commands:
            return
        command = one.commands.pop()
        kind = one.value("SELECT kind FROM command WHERE id = ?", command)
        try:
            kept = history.undo(one.store, command, **one.by()).kept
        except Refused as refused:
            self.tell(f"{one.name} may not undo {kind}: {refused}")
            return
        self._undone(one, command)
        self.tell(f"{one.name} undoes {kind} {command}, kept {list(kept)}")
        if kind in ("deal.move", "reach.void", "reach.credit", "reach.restore"):
            one.undone.append(command)

    def _redo(self, one: Laptop) -> None:
        """A move or a ruling that was taken back is put back."""
        if not one.undone:
            return
        command = one.undone.pop()
        try:
            history.redo(one.store, command, **one.by())
        except Refused as refused:
            self.tell(f"{one.name} may not put back {command}: {refused}")
            return
        one.commands.append(command)
        self._undone(one, command)
        self.tell(f"{one.name} puts {command} back")

    def _rule(self, one: Laptop) -> None:
        """Somebody who may decide about all reaches voids or credits one, or takes that back."""
        deal = self.pick(one, "deal")
        if deal is None:
            return
        with one.store.read() as r:
            known = [ruling for ruling in rulings.rulings(r, deal)
                     if ruling.holds and ruling.kind != "restore"]  # fmt: skip
            reaches = r.rows("SELECT stage_id, person_id FROM reach WHERE deal_id = ?", (deal,))
        by: dict[str, Any] = {**one.by(), "person": None, "reason": f"r{self.next_number()}"}
        token, rng = self.token(one, "deal", deal), one.rng
        if known and rng.random() < 0.4:
            last = rng.choice(known)
            key = rulings.restore(one.store, deal, last.stage_id, last.move_id, **by)
            self.tell(f"{one.name} takes the ruling on {token} at {last.at} back")
        elif reaches:
            stage, holder = rng.choice(reaches)
            if rng.random() < 0.5:
                key = rulings.void(one.store, deal, stage, **by)
            else:
                others = sorted(set(one.keys.people.values()) - {holder})
                key = rulings.credit(one.store, deal, stage, rng.choice(others), **by)
            self.tell(f"{one.name} rules on {token} in {stage}")
        else:
            return
        one.commands.append(key)

    def _undone(self, one: Laptop, command: int) -> None:
        truth = self.truth
        for table, key, name in one.rows(
            "SELECT c.tbl, c.row_id, c.field FROM change c JOIN txn t ON t.id = c.txn_id "
            "WHERE t.command_id = ?", command
        ):  # fmt: skip
            if table not in ("client", "deal", "task", "note", "task_change"):
                continue
            if table == "task_change":
                key = one.value("SELECT task_id FROM task_change WHERE id = ?", key)
                truth.done.discard(self.token(one, "task", key))
                continue
            entity: Entity = "company" if table == "client" else table
            token = self.token(one, entity, key)
            if name is None and one.value(f"SELECT deleted_at FROM {table} WHERE id = ?", key):
                truth.taken_back.add(token)
            for write in truth.writes:
                if write.token == token and write.by == one.name and write.field == name:
                    truth.replaced.add((token, write.field, write.value))
        for move in truth.moves:
            if move.by == one.name:
                move.undone = bool(
                    one.value("SELECT undone FROM stage_move WHERE id = ?", move.row)
                )

    # -- what colleagues do in the CRM ----------------------------------------

    def act_there(self) -> None:
        rows = list(self.portal.table("deal").values())
        at, rng = self.rng.random(), self.rng
        if not rows or at < 0.15:
            self.make_there()
            return
        row = rng.choice(rows)
        if at < 0.5:
            self._moved_there(row)
        elif at < 0.8:
            self._changed_there(row)
        elif at < 0.88:
            self.portal.edit("deal", row.far_id, {"owner": rng.choice(PEOPLE)}, by=PORTAL)
            self.tell(f"portal: {token_of(row.fields['title'])} is given to somebody")
        elif at < 0.97:
            self._done_there()
        else:
            token = token_of(row.fields["title"])
            self.portal.remove("deal", row.far_id, by=PORTAL)
            self.truth.removed.add(token)
            self.tell(f"portal: {token} is deleted")

    def make_there(self) -> None:
        token, rng = self.new_token("deal"), self.rng
        companies = sorted(self.portal.table("company"), key=int)
        fields: dict[str, Value] = {
            "title": f"{token} v0", "pipeline": "P", "stage": rng.choice(ALL), "currency": "RUB",
            "owner": rng.choice(PEOPLE), "company": rng.choice(companies) if companies else "",
            "contact": "", "expected_day": None, "amount": Decimal(self.next_number() * 10),
        }  # fmt: skip
        made = self.portal.add("deal", fields, by=PORTAL)
        for name in ("title", "amount"):
            self.wrote("deal", token, name, fields[name], PORTAL)
        move = Move(token, str(fields["stage"]), made.at, PORTAL, None, None)
        self.truth.moves.append(move)
        self.truth.last[PORTAL, token] = move
        self.tell(f"portal: deal {token} is made in {fields['stage']}")

    def _moved_there(self, row: FarRecord) -> None:
        stage, token = self.rng.choice(ALL), token_of(row.fields["title"])
        if stage == row.fields["stage"]:
            return
        made = self.portal.edit("deal", row.far_id, {"stage": stage}, by=PORTAL)
        travelled = str(row.fields.get("moves") or "")
        there = [move for move in self.truth.moves if move.deal == token
                 and (move.by == PORTAL or _travels(move, travelled))]  # fmt: skip
        last = there[-1] if there else None
        at = max([made.at, *(move.at for move in there)])  # as at a laptop
        self.truth.moves.append(Move(token, stage, at, PORTAL, None, last))
        self.tell(f"portal: {token} is moved to {stage}")

    def _changed_there(self, row: FarRecord) -> None:
        name, token = self.rng.choice(("title", "amount", "expected_day")), token_of(
            row.fields["title"]
        )  # fmt: skip
        value = self._value("deal", name)
        if name == "title":
            value = f"{token} {value}"
        was = row.fields.get(name)
        self.portal.edit("deal", row.far_id, {name: value}, by=PORTAL)
        self.wrote("deal", token, name, value, PORTAL, was)
        self.tell(f"portal: {token}.{name}: {was} -> {value}")

    def _done_there(self) -> None:
        rows = [row for row in self.portal.table("task").values() if not row.fields.get("done")]
        if rows:
            row = self.rng.choice(rows)
            self.portal.edit("task", row.far_id, {"done": True}, by=PORTAL)
            self.truth.done.add(token_of(row.fields["title"]))
            self.tell(f"portal: {token_of(row.fields['title'])} is done")


def _travels(move: Move, text: str) -> bool:
    return any(
        (one.stage, one.at) == (move.stage, move.at) and not one.taken_back
        for one in carried.moves(text)
    )
