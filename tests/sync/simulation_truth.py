"""What really happens in the simulation, whatever the sync believes.

Every object carries its true identity in its title (``D7 v31``: the seventh thing made, write 31),
so that doubles and losses show. ``Truth`` notes each write, what its writer saw, and each move with
its true moment; ``Scene`` is the world with its story.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from salesdesk.services.sync.remote import Entity, Value
from tests.sync.memory_remote import STAGES, Portal
from tests.sync.simulation_laptops import (
    MINUTE,
    PEOPLE,
    SECOND,
    START,
    Laptop,
    World,
    laptop,
)

DAY = 24 * 60 * MINUTE
PORTAL = "portal"
OPEN = tuple(stage.far_id for stage in STAGES if stage.kind == "open")
ALL = tuple(stage.far_id for stage in STAGES)
TABLE = {"company": "client", "deal": "deal", "task": "task", "note": "note"}
_LETTER = {"company": "C", "deal": "D", "task": "T", "note": "N"}
TITLE = {"company": "name", "deal": "title", "task": "title", "note": "text"}


class LawBroken(AssertionError):
    """Something that must not be; says the seed and what happened before. ``law`` names it."""

    def __init__(self, law: str, text: str) -> None:
        super().__init__(text)
        self.law = law


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
    """A stage move: its moment (µs) by the clock of whoever made it, never before a move that they
    saw. ``after`` is the move that its maker saw as the last; ``row`` is its key
    there."""

    deal: str
    stage: str
    at: int
    by: str
    owner: int | None
    after: "Move | None"
    row: int | None = None
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
    #: Stages to which a deal went back in the portal because a person decided so.
    decided: Counter[tuple[str, Value]] = field(default_factory=Counter)


def token_of(text: object) -> str:
    """The true identity that a title carries."""
    return str(text or "").partition(" ")[0]


class Scene:
    """Three laptops and a portal, at their beginning."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.world = World(seed)
        self.rng = self.world.rng
        self.portal = Portal(
            self.world.now, tells_movers=self.rng.random() < 0.5,
            whole_amounts=self.rng.random() < 0.3, tells_making=seed % 4 < 3,
        )  # fmt: skip
        self.truth = Truth()
        self.story: list[str] = []
        self._count = 0
        self.laptops = []
        for name in PEOPLE:
            skew = self.rng.choice((0, 0, 1)) * self.rng.randrange(-3 * DAY, 3 * DAY)
            self.laptops.append(laptop(folder, self.portal, self.world, name, skew))
        for one in self.laptops:
            self.tell(f"the clock of {one.name} is {one.clock.skew // SECOND} s off")

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
        return LawBroken(law, f"seed {self.seed}: {law}: {what}\n" + "\n".join(self.story))

    # -- names ----------------------------------------------------------------------------------

    def new_token(self, entity: Entity) -> str:
        self._count += 1
        token = f"{_LETTER[entity]}{self._count}"
        self.truth.made[token] = entity
        return token

    def next_number(self) -> int:
        self._count += 1
        return self._count

    def token(self, one: Laptop, entity: str, key: int) -> str:
        table = TABLE["company" if entity == "contact" else entity]
        column = TITLE["company" if entity == "contact" else entity]
        return token_of(one.value(f"SELECT {column} FROM {table} WHERE id = ?", key))

    def pick(self, one: Laptop, table: str, extra: str = "") -> int | None:
        found = one.rows(f"SELECT id FROM {table} WHERE deleted_at IS NULL {extra} ORDER BY id")
        return one.rng.choice(found)[0] if found else None

    def local(self, one: Laptop, entity: Entity, key: int, name: str) -> Value:
        """A value as a laptop keeps it."""
        found = one.value(f"SELECT {name} FROM {TABLE[entity]} WHERE id = ?", key)
        if name == "amount" and found is not None:
            return Decimal(found) / 10_000
        return found  # type: ignore[no-any-return]

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
