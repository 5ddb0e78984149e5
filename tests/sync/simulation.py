"""A seeded world: three laptops that are often offline, one portal with colleagues who work in it,
wrong clocks, lost answers, refusals, kills. At the end the network is well, people have decided
what is theirs to decide, and the laws (``simulation_laws``) must hold.

Every object carries its true identity in its title (``D7 v31``: the seventh deal, the 31st write),
so that doubles and losses show whatever the sync believes. ``Truth`` notes each write, what its
writer saw, and each move with its true moment.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from salesdesk.errors import Refused
from salesdesk.services import clients, deals, history, merging, tasks
from salesdesk.services.sync import outbox, pull, rounds
from salesdesk.services.sync.failures import Failure
from salesdesk.services.sync.remote import Draft, Entity, FarRecord, Value
from salesdesk.services.sync.values import unpacked
from tests.sync.memory_remote import STAGES, Portal
from tests.sync.simulation_laptops import (
    MINUTE,
    PEOPLE,
    SECOND,
    START,
    Killed,
    Laptop,
    Weather,
    World,
    laptop,
)

DAY = 24 * 60 * MINUTE
PORTAL = "portal"
#: Rounds of every laptop after which the world must have come to rest.
PATIENCE = 14
OPEN = tuple(stage.far_id for stage in STAGES if stage.kind == "open")
ALL = tuple(stage.far_id for stage in STAGES)
_TABLE = {"company": "client", "deal": "deal", "task": "task", "note": "note"}
_LETTER = {"company": "C", "deal": "D", "task": "T", "note": "N"}
TITLE = {"company": "name", "deal": "title", "task": "title", "note": "text"}


class LawBroken(AssertionError):
    """Something that must not be; says the seed and what happened before."""


@dataclass(frozen=True, slots=True)
class Write:
    """A value that somebody wrote into a field, as the portal can hold it."""

    entity: Entity
    token: str
    field: str
    value: Value
    by: str


@dataclass(slots=True)
class Move:
    """A stage move: its moment in whole seconds, by the clock of whoever made it. ``after`` is the
    move that its maker saw as the last; ``command`` undoes it there."""

    deal: str
    stage: str
    at: int
    by: str
    owner: int | None
    after: "Move | None"
    command: int | None = None
    undone: bool = False


@dataclass(slots=True)
class Truth:
    """What really happened."""

    writes: list[Write] = field(default_factory=list)
    #: Values that somebody replaced while seeing them.
    replaced: set[tuple[str, str, Value]] = field(default_factory=set)
    #: Values that a person was shown as a conflict.
    shown: set[tuple[str, str, Value]] = field(default_factory=set)
    clashed: set[tuple[str, str]] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)
    #: The last move that is known at a place, by place and deal.
    last: dict[tuple[str, str], Move] = field(default_factory=dict)
    made: dict[str, Entity] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    early: list[str] = field(default_factory=list)


def token_of(text: object) -> str:
    """The true identity that a title carries."""
    return str(text or "").partition(" ")[0]


class Simulation:
    """One schedule; ``run`` plays it and leaves the world as it is at its end."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.world = World(seed)
        self.rng = self.world.rng
        self.portal = Portal(
            self.world.now, tells_movers=self.rng.random() < 0.5,
            whole_amounts=self.rng.random() < 0.3,
        )  # fmt: skip
        self.truth = Truth()
        self.story: list[str] = []
        self._count = 0
        self.laptops = []
        for name in PEOPLE:
            skew = self.rng.choice((0, 0, 1)) * self.rng.randrange(-3 * DAY, 3 * DAY)
            self.laptops.append(laptop(folder, self.portal, self.world, name, skew))
        for one in self.laptops:
            one.remote.watch = self._watched(one)
            self.tell(f"the clock of {one.name} is {one.clock.skew // SECOND} s off")

    def run(self, steps: int) -> None:
        """Play so many steps, then let it come to rest."""
        for _ in range(steps):
            self.world.at += self.rng.choice((SECOND, MINUTE, 20 * MINUTE, 5 * 60 * MINUTE))
            at = self.rng.random()
            one = self.rng.choice(self.laptops)
            if at < 0.33:
                self.round(one)
            elif at < 0.38:
                self.decide(one)
            elif at < 0.75:
                self._act(one)
            else:
                self._act_there()
        self._rest()

    def close(self) -> None:
        """Close the files."""
        with ExitStack() as stack:
            for one in self.laptops:
                stack.callback(one.store.close)

    # -- telling --------------------------------------------------------------------------------

    def tell(self, line: str) -> None:
        """A line of the story."""
        self.story.append(f"{(self.world.at - START) / SECOND:9.0f} s  {line}")

    def broken(self, law: str, what: str) -> LawBroken:
        """The failure, with the story."""
        return LawBroken(f"seed {self.seed}: {law}: {what}\n" + "\n".join(self.story))

    # -- rounds ---------------------------------------------------------------------------------

    def round(self, one: Laptop, fair: bool = False) -> rounds.Summary | None:
        """One round in some weather; None when it ended early."""
        one.weather = Weather() if fair else self._weather()
        found = None
        try:
            found = rounds.one_round(one.store, one.remote, one.clock)
            self.tell(f"{one.name} syncs: sent {found.pushed}, took {found.pulled}, "
                      f"waiting {found.waiting + found.unknown}, {found.conflicts} conflicts")  # fmt: skip
        except Failure as failure:
            self.tell(f"{one.name} syncs and stops: {failure.kind.value}")
        except Killed:
            self.tell(f"{one.name} is killed while syncing")
            one.weather = Weather()
            one.reopen()
        one.weather = Weather()
        self._look(one)
        return found

    def _weather(self) -> Weather:
        rng = self.rng
        found = Weather(slow=0.2)
        kind = rng.random()
        if kind < 0.25:
            found.after = rng.choice((0.1, 0.5, 1.0))
        elif kind < 0.45:
            found.before = rng.choice((0.03, 0.3, 1.0))
        elif kind < 0.65:
            found.kill = rng.choice((0.01, 0.04, 0.1))
        elif kind < 0.7:
            found.poison = 0.3
        return found

    def _look(self, one: Laptop) -> None:
        """What the laptop shows as conflicts, and the last moves that it knows."""
        for entity, key, name, ours, theirs in one.rows(
            "SELECT entity, local_id, field, ours, theirs FROM sync_conflict"
        ):
            token = self._token(one, entity, key)
            self.truth.clashed.add((token, name))
            for text in (ours, theirs):
                self.truth.shown.add((token, name, unpacked(text)["value"]))

    def decide(self, one: Laptop) -> None:
        """The person decides every conflict that is open, somehow."""
        with one.store.read() as r:
            found = pull.open_clashes(r, r.value("SELECT id FROM sync_remote"))
        for clash in found:
            take = one.rng.choice(("ours", "theirs"))
            pull.decide(one.store, clash.id, take, **one.by())
            token = self._token(one, clash.entity, clash.local_id)
            self.tell(f"{one.name} decides {token}.{clash.field}: {take} "
                      f"({clash.ours} | {clash.theirs})")  # fmt: skip

    def _rest(self) -> None:
        self.tell("the network is well again")
        for _ in range(PATIENCE):
            quiet = True
            for one in self.laptops:
                self.world.at += 20 * MINUTE
                self.decide(one)
                self._again(one)
                found = self.round(one, fair=True)
                if found is None:
                    raise self.broken("rest", f"a fair round of {one.name} fails")
                quiet &= not (found.pushed or found.pulled or found.waiting or found.unknown
                              or found.conflicts or found.failed)  # fmt: skip
            if quiet:
                return
        waits = [one.rows("SELECT entity, local_id, state, detail FROM sync_queue")
                 for one in self.laptops]  # fmt: skip
        raise self.broken("rest", f"it never comes to rest: {waits}")

    def _again(self, one: Laptop) -> None:
        """What failed is tried again, and let be where the object is gone there."""
        for key, failure in one.rows("SELECT id, failure FROM sync_queue WHERE state = 'failed'"):
            if failure == "gone":
                outbox.discard(one.store, key)
            else:
                outbox.retry(one.store, key, now=one.clock.now())

    def _watched(self, one: Laptop) -> Callable[[Entity, Draft], None]:
        """Law of causality: what an object refers to is there before it."""

        def watch(entity: Entity, draft: Draft) -> None:
            if entity == "deal":
                client = one.value(
                    "SELECT client_id FROM deal WHERE uid = ?", bytes.fromhex(draft.uid)
                )
                there = self.portal.table("company")
                if client is not None and draft.fields.get("company") not in there:
                    self.truth.early.append(f"{draft.fields.get('title')} before its client")
            elif entity in ("task", "note"):
                deal = draft.fields.get("deal")
                gone = {row.far_id for row in self.portal.removed}
                if deal not in self.portal.table("deal") and deal not in gone:
                    self.truth.early.append(f"{entity} {draft.fields} before its deal")

        return watch

    # -- names ----------------------------------------------------------------------------------

    def _new(self, entity: Entity) -> str:
        self._count += 1
        token = f"{_LETTER[entity]}{self._count}"
        self.truth.made[token] = entity
        return token

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _token(self, one: Laptop, entity: str, key: int) -> str:
        table = _TABLE["company" if entity == "contact" else entity]
        column = TITLE["company" if entity == "contact" else entity]  # type: ignore[index]
        return token_of(one.value(f"SELECT {column} FROM {table} WHERE id = ?", key))

    def _pick(self, one: Laptop, table: str, extra: str = "") -> int | None:
        found = one.rows(f"SELECT id FROM {table} WHERE deleted_at IS NULL {extra} ORDER BY id")
        return one.rng.choice(found)[0] if found else None

    def held(self, entity: Entity, name: str, value: Value) -> Value:
        """A value as the portal can hold it."""
        return self.portal.held(entity, {name: value}).get(name, value)

    def wrote(
        self, entity: Entity, token: str, name: str, value: Value, by: str, was: Value = None
    ) -> None:
        """Note a write, and what its writer saw."""
        value, was = self.held(entity, name, value), self.held(entity, name, was)
        self.truth.writes.append(Write(entity, token, name, value, by))
        if was is not None:
            self.truth.replaced.add((token, name, was))

    # -- what people do at a laptop ---------------------------------------------------------------

    def _act(self, one: Laptop) -> None:
        acts: list[tuple[int, Callable[[Laptop], object]]] = [
            (4, self._make_deal), (2, self._make_client), (2, self._make_task),
            (1, self._make_note), (7, self._move), (5, self._change), (2, self._assign),
            (2, self._complete), (2, self._undo), (1, self._merge_clients),
        ]  # fmt: skip
        act = one.rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        act(one)

    def _make_client(self, one: Laptop) -> None:
        token = self._new("company")
        name = f"{token} v0"
        saved = clients.add(one.store, clients.NewClient("company", name), **one.by())
        one.commands.append(saved.command_id)
        self.wrote("company", token, "name", name, one.name)
        self.tell(f"{one.name} makes client {token}")

    def _make_deal(self, one: Laptop) -> None:
        token, n = self._new("deal"), self._next()
        client = self._pick(one, "client") if one.rng.random() < 0.7 else None
        amount = Decimal(n * 10) + (Decimal("0.4") if one.rng.random() < 0.3 else 0)
        stage = one.rng.choice(OPEN)
        owner = one.keys.people[one.rng.choice(PEOPLE)]
        new = deals.NewDeal(f"{token} v0", one.keys.stages[stage], owner_id=owner,
                            client_id=client, amount=amount)  # fmt: skip
        found = deals.create(one.store, new, **one.by())
        one.commands.append(found.command_id)
        self.wrote("deal", token, "title", f"{token} v0", one.name)
        self.wrote("deal", token, "amount", amount, one.name)
        self._moved(one, found.deal_ids[0], token, found.command_id)
        self.tell(f"{one.name} makes deal {token} in {stage} "
                  f"for {client and self._token(one, 'company', client)}")  # fmt: skip

    def _make_task(self, one: Laptop) -> None:
        deal = self._pick(one, "deal")
        if deal is None:
            return
        token = self._new("task")
        by = one.by()
        due = by["now"] + one.rng.randrange(1, 100) * 60 * MINUTE
        new = tasks.NewTask(f"{token} v0", deal_id=deal, assignee_id=one.person, due_at=due)
        one.commands.append(tasks.add(one.store, new, **by))
        self.wrote("task", token, "title", f"{token} v0", one.name)
        self.tell(f"{one.name} makes task {token} of {self._token(one, 'deal', deal)}")

    def _make_note(self, one: Laptop) -> None:
        deal = self._pick(one, "deal")
        if deal is None:
            return
        token = self._new("note")
        one.commands.append(deals.add_note(one.store, deal, f"{token} v0", **one.by()))
        self.wrote("note", token, "text", f"{token} v0", one.name)
        self.tell(f"{one.name} makes note {token} of {self._token(one, 'deal', deal)}")

    def _move(self, one: Laptop) -> None:
        deal = self._pick(one, "deal")
        if deal is None:
            return
        stage = one.rng.choice(ALL)
        if one.value("SELECT stage_id FROM deal WHERE id = ?", deal) == one.keys.stages[stage]:
            return
        found = deals.move(one.store, [deal], one.keys.stages[stage], **one.by())
        one.commands.append(found.command_id)
        token = self._token(one, "deal", deal)
        self._moved(one, deal, token, found.command_id)
        self.tell(f"{one.name} moves {token} to {stage}")

    def _moved(self, one: Laptop, deal: int, token: str, command: int) -> None:
        """Note the last move of a deal as the laptop keeps it."""
        stages = {key: far for far, key in one.keys.stages.items()}
        stage, at, owner = one.rows(
            "SELECT m.to_stage_id, m.at, d.owner_id FROM stage_move m JOIN deal d "
            "ON d.id = m.deal_id WHERE m.deal_id = ? ORDER BY m.id DESC LIMIT 1", deal
        )[0]  # fmt: skip
        seen = self._seen(one, deal, token)
        self.truth.moves.append(
            Move(token, stages[stage], at - at % SECOND, one.name, owner, seen, command)
        )

    def _seen(self, one: Laptop, deal: int, token: str) -> Move | None:
        """The last true move of a deal that stands in the laptop's protocol before the newest."""
        stages = {key: far for far, key in one.keys.stages.items()}
        known = {
            (stages[stage], at - at % SECOND)
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
        deal = self._pick(one, "deal")
        if deal is None:
            return
        name = one.rng.choice(("title", "amount", "expected_day"))
        token, value = self._token(one, "deal", deal), self._value("deal", name)
        if name == "title":
            value = f"{token} {value}"
        was = self._local(one, "deal", deal, name)
        one.commands.append(deals.change(one.store, deal, {name: value}, **one.by()))
        self.wrote("deal", token, name, value, one.name, was)
        self.tell(f"{one.name} changes {token}.{name}: {was} -> {value}")

    def _value(self, entity: Entity, name: str) -> Value:
        n = self._next()
        if name == "amount":
            return Decimal(n * 10) + (Decimal("0.4") if self.rng.random() < 0.3 else 0)
        return 739_000 + n if name == "expected_day" else f"v{n}"

    def _local(self, one: Laptop, entity: Entity, key: int, name: str) -> Value:
        found = one.value(f"SELECT {name} FROM {_TABLE[entity]} WHERE id = ?", key)
        if name == "amount" and found is not None:
            return Decimal(found) / 10_000
        return found  # type: ignore[no-any-return]

    def _rename_client(self, one: Laptop) -> None:
        client = self._pick(one, "client")
        if client is None:
            return
        token = self._token(one, "company", client)
        value, was = f"{token} v{self._next()}", self._local(one, "company", client, "name")
        one.commands.append(clients.change(one.store, client, {"name": value}, **one.by()))
        self.wrote("company", token, "name", value, one.name, was)
        self.tell(f"{one.name} renames {was} to {value}")

    def _assign(self, one: Laptop) -> None:
        deal = self._pick(one, "deal")
        if deal is None:
            return
        far = one.rng.choice(PEOPLE)
        one.commands.append(deals.assign(one.store, [deal], one.keys.people[far], **one.by()))
        self.tell(f"{one.name} gives {self._token(one, 'deal', deal)} to {far}")

    def _complete(self, one: Laptop) -> None:
        task = self._pick(one, "task", "AND state = 'open'")
        if task is None:
            return
        one.commands.append(tasks.complete(one.store, [task], **one.by()))
        token = self._token(one, "task", task)
        self.truth.done.add(token)
        self.tell(f"{one.name} completes {token}")

    def _merge_clients(self, one: Laptop) -> None:
        found = one.rows("SELECT id FROM client WHERE deleted_at IS NULL ORDER BY id")
        if len(found) < 2:
            return
        stays, gone = (row[0] for row in one.rng.sample(found, 2))
        names = [self._token(one, "company", key) for key in (stays, gone)]
        one.commands.append(
            merging.merge_clients(one.store, stays, [gone], **one.by()).command_id
        )
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
                truth.done.discard(self._token(one, "task", key))
                continue
            entity: Entity = "company" if table == "client" else table
            token = self._token(one, entity, key)
            if name is None and one.value(f"SELECT deleted_at FROM {table} WHERE id = ?", key):
                truth.taken_back.add(token)
            for write in truth.writes:
                if write.token == token and write.by == one.name and write.field == name:
                    truth.replaced.add((token, write.field, write.value))
        for move in truth.moves:
            if move.command == command and move.by == one.name:
                move.undone = True

    # -- what colleagues do in the CRM --------------------------------------------------------------

    def _act_there(self) -> None:
        rows = list(self.portal.table("deal").values())
        at, rng = self.rng.random(), self.rng
        if not rows or at < 0.15:
            self._made_there()
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

    def _made_there(self) -> None:
        token, rng = self._new("deal"), self.rng
        companies = sorted(self.portal.table("company"), key=int)
        fields: dict[str, Value] = {
            "title": f"{token} v0", "pipeline": "P", "stage": rng.choice(ALL), "currency": "RUB",
            "owner": rng.choice(PEOPLE), "company": rng.choice(companies) if companies else "",
            "contact": "", "expected_day": None, "amount": Decimal(self._next() * 10),
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
        self.truth.moves.append(Move(token, stage, made.at, PORTAL, None, last))
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
    from salesdesk.services.sync import carried

    return any((one.stage, one.at) == (move.stage, move.at) for one in carried.moves(text))
