"""What a file of moves means: one row a move, in any order; deals that it does not know are made.

Each deal's rows are laid over what is known of it, in the order of moments, so that a row into the
stage where the deal stands is no move, whenever it comes.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from salesdesk.models.store import Reader, Transaction
from salesdesk.names import folded
from salesdesk.services.board import currency as home_currency
from salesdesk.services.exchange import keys
from salesdesk.services.exchange.columns import Columns
from salesdesk.services.exchange.directory import Names, PipelinePlan, StagePlan
from salesdesk.services.exchange.importer import Request
from salesdesk.services.exchange.known_deals import merged_away
from salesdesk.services.exchange.moments_of import Moments
from salesdesk.services.exchange.rejects import Reject

#: Before every moment of a file.
_BEGINNING = -(1 << 62)


@dataclass(slots=True)
class RowMove:
    """A row of the file: a moment, a stage, maybe an owner and who moved it."""

    at: int
    stage: int
    came_from: str | None
    owner: int | None
    mover: int | None


@dataclass(slots=True)
class Life:
    """What is known of a deal: standing facts as (moment, seq, stage, sets owner, owner). Where
    the file names one merged into it, rows up to ``merged_at`` tell of that one, which counts
    nowhere any more."""

    id: int | None = None
    amount: int | None = None
    facts: list[tuple[int, int, int | None, int, int | None]] = field(default_factory=list)
    merged_at: int = _BEGINNING


@dataclass(slots=True)
class Steps:
    """What is to be written for a deal, in order; an owner change has no stage."""

    external: str
    plan: StagePlan
    life: Life
    rows: list[tuple[int, int | None, int | None, int | None]] = field(default_factory=list)


class MovesPlan:
    """Plan of ``--as moves`` (see ``importer.Plan``)."""

    def __init__(self, r: Reader, columns: Columns, request: Request) -> None:
        self.created = self.updated = self.unchanged = 0
        self.rejects: list[Reject] = []
        self._now = request.now
        self._home = home_currency(r)
        self._people = Names(r, "person")
        self._pipelines = PipelinePlan(r, columns.mapping, request.pipeline)
        self._steps: list[Steps] = []
        self._next_number = 0
        self._pos = 0.0
        self._moves = self._fresh = 0
        self._plan(r, columns)

    # -- planning -----------------------------------------------------------------------------

    def _plan(self, r: Reader, columns: Columns) -> None:
        moments = Moments(r.zone)
        text = {
            name: columns.texts(name)
            for name in ("deal", "stage", "by", "from", "owner", "pipeline")
        }
        dates = columns.dates("at")
        lives = _lives(r, {str(text["deal"][row]) for row in columns.good})
        groups: dict[str | int, list[RowMove]] = defaultdict(list)
        plans: dict[str | int, tuple[str, StagePlan]] = {}
        for row in columns.good:
            external, stage = str(text["deal"][row]), str(text["stage"][row])
            at = moments.of(dates[row])
            assert at is not None
            life = lives.get(external)
            if life is not None and at <= life.merged_at:
                self.unchanged += 1
                continue
            deal = external if life is None or life.id is None else life.id
            plan = self._pipelines.stages(text["pipeline"][row])
            plans.setdefault(deal, (external, plan))
            owner, mover, left = text["owner"][row], text["by"][row], text["from"][row]
            groups[deal].append(
                RowMove(
                    at,
                    plan.need(stage),
                    left,
                    self._people.need(owner) if owner else None,
                    self._people.need(mover) if mover else None,
                )
            )
        for deal, rows in groups.items():
            external, plan = plans[deal]
            self._lay_over(external, plan, lives.get(external, Life()), rows)

    def _lay_over(self, external: str, plan: StagePlan, life: Life, rows: list[RowMove]) -> None:
        """Lay the rows over the deal's life; counts them and notes what is to be written."""
        rows = _chained(sorted(rows, key=lambda row: row.at), plan)
        places = _known_places(rows, life)
        owners = _owners_at(life)
        steps = Steps(external, plan, life)
        now = _Standing()
        several = Counter(row.at for row in rows)
        for number, row in enumerate(rows):
            if number == 0 or rows[number - 1].at != row.at:
                now.begin(life, row.at)
            told = now.told if several[row.at] > 1 else None
            now.told = row.owner or now.told
            known = places[number]
            if known is not None and not (now.is_past(known) and row.stage != now.stage):
                now.play(life, known + 1)
                if self._is_change(row, now, owners):
                    self._change(row, steps, now)
                    self.updated += 1
                else:
                    self.unchanged += 1
                continue
            if row.stage != now.stage or several[row.at] == 1:
                now.play_all(life, row.at)  # what is new is recorded after all of its moment
            if row.stage != now.stage:
                self._move(row, steps, now)
                continue
            self.unchanged += 1  # no move, but maybe another responsible person from then on
            if row.owner != told and self._is_change(row, now, owners):
                self._change(row, steps, now)
        if steps.rows:
            self._steps.append(steps)
            self._fresh += life.id is None

    @staticmethod
    def _is_change(row: RowMove, now: "_Standing", owners: dict[int, set[int | None]]) -> bool:
        """Whether the owner of a row that is no new move is news."""
        return row.owner not in (None, now.owner) and row.owner not in owners[row.at]

    @staticmethod
    def _change(row: RowMove, steps: Steps, now: "_Standing") -> None:
        steps.rows.append((row.at, None, row.owner, None))
        now.change(row)

    def _move(self, row: RowMove, steps: Steps, now: "_Standing") -> None:
        steps.rows.append((row.at, row.stage, row.owner, row.mover))
        self.created += 1
        self._moves += 1
        now.enter(row)

    # -- the answer ---------------------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        """Fields of ImportResult beside the counts of rows."""
        return {
            "created_deals": self._fresh,
            "created_moves": self._moves,
            "created_stages": tuple(self._pipelines.created_stages()),
            "created_people": tuple(self._people.created()),
        }

    def size(self) -> int:
        """How many deals there are to write."""
        return len(self._steps)

    # -- writing ------------------------------------------------------------------------------

    def prepare(self, tx: Transaction) -> None:
        """People and stages that the moves name."""
        self._pipelines.write(tx)
        self._people.write(tx)
        self._pos = float(tx.value("SELECT coalesce(max(pos), 0) FROM deal"))

    def write(self, tx: Transaction, start: int, stop: int) -> None:
        """Write the moves of deals ``start..stop``."""
        part = self._steps[start:stop]
        self._write_deals(tx, [steps for steps in part if steps.life.id is None])
        moves: list[dict[str, Any]] = []
        owners: list[dict[str, Any]] = []
        for steps in part:
            changed = None  # facts of one moment are recorded in the file's order
            for at, stage, owner, mover in steps.rows:
                person = self._people.real(owner)
                if stage is None:
                    owners.append({"deal_id": steps.life.id, "person_id": person, "at": at})
                    changed = at
                    continue
                if changed == at:
                    _insert(tx, moves, owners)
                    moves, owners = [], []
                moves.append(self._move_row(tx, steps, (at, stage, person, mover)))
        _insert(tx, moves, owners)

    def _write_deals(self, tx: Transaction, fresh: list[Steps]) -> None:
        # A person may have made a deal since the last slice: numbers go on from the latest.
        self._next_number = int(tx.value("SELECT coalesce(max(number), 0) + 1 FROM deal"))
        rows = []
        for steps in fresh:
            self._pos += 1.0
            rows.append(
                {
                    "number": self._next_number, "title": steps.external,
                    "title_key": folded(steps.external), "external_id": steps.external,
                    "currency": self._home, "pos": self._pos,
                }
            )  # fmt: skip
            self._next_number += 1
        for steps, deal in zip(fresh, tx.insert("deal", rows), strict=True):
            steps.life.id = deal

    def _move_row(
        self, tx: Transaction, steps: Steps, row: tuple[int, int, int | None, int | None]
    ) -> dict[str, Any]:
        at, stage, owner, mover = row
        return {
            "deal_id": steps.life.id, "to_stage_id": steps.plan.real(stage), "at": at,
            "recorded_at": tx.now, "mover_id": self._people.real(mover) or tx.person,
            "mover_as": "import", "owner_id": owner, "sets_owner": int(owner is not None),
            "amount": steps.life.amount, "lost_reason_id": None, "evidence": "reported",
        }  # fmt: skip

    def finish(self, tx: Transaction) -> None:
        """Nothing is left to do."""


def _insert(tx: Transaction, moves: list[dict[str, Any]], owners: list[dict[str, Any]]) -> None:
    tx.insert("stage_move", moves)
    tx.insert("owner_change", owners)


@dataclass(slots=True)
class _Standing:
    """Where a deal stands, played forward through what is known and what the file adds. ``told``
    is who is responsible by what was known before the moment and the file's rows of it alone."""

    stage: int | None = None
    owner: int | None = None
    told: int | None = None
    _place: int = 0
    _changed: RowMove | None = None

    def enter(self, row: RowMove) -> None:
        """A move, recorded after all that is known of its moment."""
        self.stage = row.stage
        if row.owner is not None:
            self.owner, self._changed = row.owner, None

    def change(self, row: RowMove) -> None:
        """Another responsible person, from what is known of the row's moment on."""
        self.owner = row.owner
        self._changed = row

    def begin(self, life: Life, at: int) -> None:
        """Take in what is known before a moment."""
        if self._changed is not None:
            self.play_all(life, self._changed.at)
            self.owner, self._changed = self._changed.owner, None
        self.play(life, bisect_left(life.facts, at, key=lambda fact: fact[0]))
        self.told = self.owner

    def play_all(self, life: Life, at: int) -> None:
        """Take in what is known up to the end of a moment."""
        self.play(life, bisect_right(life.facts, at, key=lambda fact: fact[0]))

    def is_past(self, place: int) -> bool:
        """Whether a known fact has been taken in, so that what was laid since came after it."""
        return place < self._place

    def play(self, life: Life, until: int) -> None:
        """Take in the known facts before a place."""
        while self._place < until:
            _, _, stage, sets, owner = life.facts[self._place]
            self.stage = self.stage if stage is None else stage
            self.owner = owner if sets else self.owner
            self._place += 1


def _known_places(rows: list[RowMove], life: Life) -> list[int | None]:
    """For each row the place of the known move that it is: the same stage and moment, and the
    same one of several equal ones. Where there are more rows than such moves, one into the stage
    where the deal stands was no move when it came first, and is none of the known ones."""
    known: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place in reversed(range(len(life.facts))):
        at, _, stage, _, _ = life.facts[place]
        if stage is not None:
            known[(stage, at)].append(place)
    equal = Counter((row.stage, row.at) for row in rows)
    found: list[int | None] = []
    standing: int | None = None
    last = -1
    for number, row in enumerate(rows):
        if number == 0 or rows[number - 1].at != row.at:
            standing, last = _standing_before(row.at, life), -1
        same = known.get((row.stage, row.at))
        over = equal[(row.stage, row.at)] > len(same or ())
        equal[(row.stage, row.at)] -= 1
        if not same or (over and row.stage == standing):
            found.append(None)
        else:
            place = next((one for one in reversed(same) if one > last), same[-1])
            same.remove(place)  # the earliest first, in the order of the file where it can be
            found.append(place)
            standing, last = row.stage, place
    return found


def _standing_before(at: int, life: Life) -> int | None:
    """Where the deal stood just before a moment, as far as known."""
    place = bisect_left(life.facts, at, key=lambda fact: fact[0])
    stages = (stage for _, _, stage, _, _ in reversed(life.facts[:place]) if stage is not None)
    return next(stages, None)


def _owners_at(life: Life) -> dict[int, set[int | None]]:
    """By moment: everybody who was made responsible at that moment."""
    found: dict[int, set[int | None]] = defaultdict(set)
    for at, _, _, sets, owner in life.facts:
        if sets:
            found[at].add(owner)
    return found


def _lives(r: Reader, externals: set[str]) -> dict[str, Life]:
    """Standing facts of the deals with these external ids, in order. Moves that an import of deals
    assumed give way to these, but whom they made responsible stays so, from the beginning on."""
    lives: dict[str, Life] = {}
    by_id: dict[int, Life] = {}
    living = keys.ids_of(r, "deal", externals, "deleted_at IS NULL")
    amounts: dict[int, int | None] = dict(
        r.rows_of("SELECT id, amount FROM deal WHERE id IN ({ids})", living.values())
    )
    for external, deal in living.items():
        lives[external] = by_id.setdefault(deal, Life(deal, amounts[deal]))
    for external, merged in merged_away(r, externals - lives.keys()).items():
        if merged.stays not in by_id:
            amount = r.value("SELECT amount FROM deal WHERE id = ?", (merged.stays,))
            by_id[merged.stays] = Life(merged.stays, amount)
        lives[external] = replace(by_id[merged.stays], merged_at=merged.at)
    for deal, at, seq, stage, sets, owner, evidence in r.rows_of(
        "SELECT deal_id, at, seq, to_stage_id, sets_owner, owner_id, evidence FROM stage_move "
        "WHERE undone = 0 AND deal_id IN ({ids})",
        by_id,
    ):
        if evidence != "assumed":
            by_id[deal].facts.append((at, seq, stage, sets, owner))
        elif sets:
            by_id[deal].facts.append((_BEGINNING, seq, None, 1, owner))
    for deal, at, seq, person in r.rows_of(
        "SELECT deal_id, at, seq, person_id FROM owner_change "
        "WHERE undone = 0 AND deal_id IN ({ids})",
        by_id,
    ):
        by_id[deal].facts.append((at, seq, None, 1, person))
    for life in by_id.values():
        life.facts.sort(key=lambda fact: fact[:2])
    return lives


def _chained(rows: list[RowMove], plan: StagePlan) -> list[RowMove]:
    """Rows of one moment in the order of their ``from`` where it is given, else of the file."""
    if len({row.at for row in rows}) == len(rows) or all(row.came_from is None for row in rows):
        return rows
    ordered: list[RowMove] = []
    stage: int | None = None
    for _, group in groupby(rows, key=lambda row: row.at):
        same = list(group)
        while same:
            following = _following(same, stage, plan)
            same.remove(following)
            ordered.append(following)
            stage = following.stage
    return ordered


def _following(rows: list[RowMove], stage: int | None, plan: StagePlan) -> RowMove:
    """The row that comes next: whose ``from`` is where the deal stands, else the head of a chain
    (no other row leads to its ``from``), else the first of the file."""
    left = {id(row): plan.find(row.came_from) if row.came_from else None for row in rows}
    entered = {row.stage for row in rows}
    for row in rows:
        if row.came_from is not None and left[id(row)] == stage:
            return row
    for row in rows:
        if row.came_from is None or left[id(row)] not in entered:
            return row
    return rows[0]
