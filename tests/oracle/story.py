"""Builds small worlds in the order of the telling, for the examples worked out by hand."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from salesdesk.moments import Zone
from tests.oracle.ranking_oracle import Ranking, Row, ranking
from tests.oracle.world import (
    KEEP,
    Deal,
    Move,
    OwnerChange,
    Person,
    Pipeline,
    Ruling,
    Stage,
    Task,
    TaskFact,
    Team,
    World,
)

MOSCOW = Zone("Europe/Moscow")
ANNA, BORIS, VERA, DISPATCHER = 1, 2, 3, 9
NEW, SET, HELD, SIGNED, WON, LOST, LOST_TOO = 10, 11, 12, 13, 15, 16, 17


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def at(text: str) -> int:
    return MOSCOW.moment(datetime.fromisoformat(text))


def earns(points: str) -> tuple[tuple[int | None, Decimal], ...]:
    return ((None, Decimal(points)),)


STAGES = [
    Stage(NEW, 1, 0, "open", "new", earns("0.1")),
    Stage(SET, 1, 1, "open", "meeting_scheduled", earns("1")),
    Stage(HELD, 1, 2, "open", "meeting_held", earns("3")),
    Stage(SIGNED, 1, 3, "open", "contract_signed", earns("7")),
    Stage(WON, 1, 5, "won", "won", earns("35")),
    Stage(LOST, 1, 6, "lost", "lost", ()),
    Stage(LOST_TOO, 1, 7, "lost", "lost", ()),
    Stage(20, 2, 0, "open", "new", earns("100")),
]
NOW = at("2026-12-15T12:00")


class Story:
    """Builds a world in the order of the telling."""

    def __init__(self) -> None:
        self.world = World(
            MOSCOW,
            persons=[
                Person(ANNA, "Anna", team=1),
                Person(BORIS, "boris", team=1),
                Person(VERA, "Vera", team=2),
                Person(DISPATCHER, "Dispatcher", in_ranking=False),
            ],
            teams=[Team(1, 3), Team(2, 3), Team(3)],
            pipelines=[Pipeline(1), Pipeline(2, counts=False)],
            stages=list(STAGES),
        )
        self.facts = 0

    def deal(self, key: int, *moves: tuple[int, str] | tuple[int, str, int | None]) -> "Story":
        if not any(deal.id == key for deal in self.world.deals):
            self.world.deals.append(Deal(key))
        for move in moves:
            self.facts += 1
            owner = move[2] if len(move) == 3 else KEEP
            self.world.moves.append(
                Move(self.facts, key, move[0], at(move[1]), (self.facts,), owner)
            )
        return self

    def give(self, key: int, person: int | None, moment: str) -> "Story":
        self.facts += 1
        change = OwnerChange(key, person, at(moment), (self.facts,))
        self.world.owner_changes.append(change)
        return self

    def rule(self, kind: str, deal: int, stage: int, move: int, person: int | None = None) -> None:
        self.facts += 1
        self.world.rulings.append(Ruling(deal, stage, move, kind, (self.facts,), person))

    def task(
        self,
        key: int,
        deal: int | None,
        person: int | None,
        made: str,
        due: str | None = None,
        closed: str | None = None,
    ) -> "Story":
        self.world.tasks.append(Task(key, deal))
        self.fact(key, made, assignee=person, due=None if due is None else at(due), state="open")
        if closed is not None:
            self.fact(key, closed, state="done")
        return self

    def fact(self, key: int, moment: str, **what: object) -> None:
        self.facts += 1
        fact = TaskFact(key, at(moment), (self.facts,))
        self.world.task_facts.append(replace(fact, **what))  # type: ignore[arg-type]

    def undo(self, move: int) -> None:
        moves = self.world.moves
        self.world.moves = [replace(m, live=m.live and m.id != move) for m in moves]

    def november(self, now: int = NOW) -> Ranking:
        return ranking(self.world, day("2026-11-01"), day("2026-11-30"), now)

    def row(self, person: int, now: int = NOW) -> Row:
        return self.november(now).row(person)

    def numbers(self, person: int) -> dict[str, int]:
        return {name: n for name, n in self.row(person).numbers.items() if n}
