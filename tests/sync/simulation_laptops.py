"""The laptops of the simulation: real workspaces copied from one prepared file, clocks that are
wrong, a way to the portal that fails as told, and kills between and inside transactions."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from salesdesk.models.identity import Identities
from salesdesk.models.store import Store
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Draft, Entity, Outcome, Page, Stream
from tests.sync.memory_remote import STAGES, MemoryRemote, Portal
from tests.sync.seats import MINUTE, SECOND, START, Clock, seat

PEOPLE = ("1", "2", "3")
_folders: list[tempfile.TemporaryDirectory[str]] = []


class Killed(BaseException):
    """The program ends here."""


class World(Clock):
    """The true time, which is the portal's, and the dice of a schedule."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = random.Random(seed)


class SkewedClock:
    """A laptop's clock: ``skew`` µs off. Sleeping is true."""

    def __init__(self, world: Clock, skew: int) -> None:
        self.world = world
        self.skew = skew

    def now(self) -> int:
        return self.world.now() + self.skew

    def sleep(self, seconds: float) -> None:
        self.world.sleep(seconds)


class SeededIdentities(Identities):
    """The same keys for the same seed."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng

    def make(self, now: int) -> bytes:
        head = (max(now, 0) // 1000) & 0xFFFF_FFFF_FFFF
        return head.to_bytes(6, "big") + b"\x70\x00" + self._rng.randbytes(8)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The file that laptops are copied from, and the keys in it by those of the portal."""

    path: Path
    stages: dict[str, int]
    people: dict[str, int]
    pipeline: int


@cache
def prepared() -> Prepared:
    """A connected workspace with three people, closed."""
    folder = tempfile.TemporaryDirectory(prefix="salesdesk-simulation-")
    _folders.append(folder)
    clock = Clock()
    made = seat(Path(folder.name), Portal(clock.now), clock)
    with made.store as store:
        with store.command("test", now=1, origin="cli") as tx:
            [ann] = tx.insert("person", [{"name": "Ann", "name_key": "ann"}])
        with store.books() as books:
            remote = books.value("SELECT id FROM sync_remote")
            row = {"remote_id": remote, "what": "person", "local_id": ann, "far_id": "3"}
            books.insert("sync_map", [row])
            seen = books.value("SELECT max(id) FROM change")
            books.update("sync_remote", [{"id": remote, "seen_change": seen}])
        path = store.path
    return Prepared(path, made.stages, {**made.people, "3": ann}, made.pipeline)


@dataclass
class Weather:
    """What may go wrong during a round, as chances of 1 at each call."""

    before: float = 0.0
    after: float = 0.0
    slow: float = 0.0
    poison: float = 0.0
    kill: float = 0.0


class SimulatedRemote(MemoryRemote):
    """A laptop's way to the portal; ``watch`` sees each object before it is made there."""

    watch: Callable[[Entity, Draft], None] | None = None
    #: For planted bugs: the laptop's own time, and keeping how far a stream was read too early.
    own_now: Callable[[], int]
    keep_cursor: Callable[[Stream, Page], None]

    def create(self, entity: Entity, drafts: Any) -> list[Outcome]:
        for draft in drafts:
            if self.watch is not None:
                self.watch(entity, draft)
        return list(super().create(entity, drafts))


@dataclass
class Laptop:
    """One seat. ``commands`` are what its person did and may take back, the newest last;
    ``undone`` are moves that were taken back."""

    name: str
    world: World
    clock: SkewedClock
    remote: SimulatedRemote
    path: Path
    keys: Prepared
    rng: random.Random
    weather: Weather = field(default_factory=Weather)
    commands: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.remote.fault = self.fault
        self.remote.own_now = self.clock.now
        self.remote.keep_cursor = self.keep_cursor
        self.open()

    @property
    def person(self) -> int:
        """Whose laptop it is."""
        return self.keys.people[self.name]

    def by(self) -> dict[str, Any]:
        """Who does it, and when by this laptop's clock: seconds later."""
        self.world.at += SECOND + self.rng.randrange(20 * SECOND)
        return {"person": self.person, "now": self.clock.now()}

    def value(self, sql: str, *params: Any) -> Any:
        """One value of the workspace."""
        with self.store.read() as r:
            return r.value(sql, params)

    def rows(self, sql: str, *params: Any) -> list[Any]:
        """Rows of the workspace."""
        with self.store.read() as r:
            return list(r.rows(sql, params))

    # -- what goes wrong ------------------------------------------------------------------------

    def fault(self, when: str, what: str) -> None:
        """Before and after each write, and before each reading (hook of ``MemoryRemote``)."""
        rng, weather = self.rng, self.weather
        self.maybe_kill()
        if weather.slow and rng.random() < weather.slow:
            self.world.at += rng.randrange(30 * SECOND)
        if when == "after":
            if rng.random() < weather.after:
                raise Failure(Kind.UNKNOWN, "the answer is lost")
            return
        if when == "before" and rng.random() < weather.poison:
            raise Failure(Kind.INVALID, "refused once")
        if rng.random() < weather.before:
            kinds = (Kind.NOT_SENT, Kind.NOT_SENT, Kind.RATE, Kind.PAUSED, Kind.BLOCKED)
            kind = rng.choice(kinds)
            later = self.clock.now() + rng.randrange(1, 10) * MINUTE
            raise Failure(kind, what, retry_at=None if kind is Kind.NOT_SENT else later)

    def maybe_kill(self) -> None:
        """End the program here, perhaps."""
        if self.weather.kill and self.rng.random() < self.weather.kill:
            raise Killed

    # -- the file -------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the workspace, as at a start of the program."""
        self.store = Store.open(self.path)
        self.store.identities = SeededIdentities(self.rng)
        for name in ("books", "command"):
            setattr(self.store, name, self._killable(getattr(self.store, name)))

    def keep_cursor(self, stream: Stream, page: Page) -> None:
        """Keep that a page was read, whether it was taken over or not."""
        with self.store.books() as books:
            row = {
                "remote_id": books.value("SELECT id FROM sync_remote"), "name": stream,
                "cursor": page.cursor, "first_done": int(not page.more), "read": 0,
                "total": None, "complete_at": None,
            }  # fmt: skip
            books.put("sync_stream", ("remote_id", "name"), [row])

    def _killable(self, begin: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def transaction(*args: Any, **named: Any) -> Iterator[Any]:
            with begin(*args, **named) as inner:
                yield inner
                self.maybe_kill()
            self.maybe_kill()

        return transaction

    def reopen(self) -> None:
        """What a kill leaves: the file alone."""
        self.store.close()
        self.open()


def laptop(folder: Path, portal: Portal, world: World, name: str, skew: int) -> Laptop:
    """A laptop of the person ``name``."""
    keys = prepared()
    path = folder / f"laptop-{name}.salesdesk"
    shutil.copy(keys.path, path)
    rng = random.Random(world.rng.randrange(1 << 60))
    made = Laptop(
        name, world, SkewedClock(world, skew), SimulatedRemote(portal, name), path, keys, rng
    )
    with made.store.books() as books:
        remote = books.value("SELECT id FROM sync_remote")
        books.update("sync_remote", [{"id": remote, "user_id": name, "seat": f"seat-{name}"}])
    return made


__all__ = ["MINUTE", "PEOPLE", "SECOND", "STAGES", "START", "Killed", "Laptop", "Weather", "World",
           "laptop", "prepared"]  # fmt: skip
