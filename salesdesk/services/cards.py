"""What the board shows: frozen records, safe across threads. No queries here."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

StageKind = Literal["open", "won", "lost"]
TaskState = Literal["overdue", "today", "planned", "waiting", "none"]
Age = Literal["fresh", "warn", "stuck"]
SortKey = Literal["position", "task", "amount", "age"]

#: Names of the stage colours; theme.py knows what they look like in each theme.
STAGE_COLOURS = ("slate", "blue", "teal", "violet", "orange", "pink", "amber", "green", "red")


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """A pipeline as the pipeline switcher shows it."""

    id: int
    name: str
    counts_in_ranking: bool


@dataclass(frozen=True, slots=True)
class StageColumn:
    """A column of the board.

    ``amount`` and ``weighted`` are in the workspace's currency; ``unrated`` names the currencies
    that were left out because the settings have no rate for them.
    """

    id: int
    name: str
    kind: StageKind
    colour: str
    probability: int
    limit_days: int | None
    count: int
    amount: Decimal
    weighted: Decimal
    unrated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DealCard:
    """A card of the board, everything it paints.

    ``next_task`` is the title of the open task that decides ``task_state`` and ``next_due`` its due
    moment (microseconds UTC). ``child`` is the line of the latest child deal ("Logistics · Sent").
    ``owner_colour`` is an index into the theme's avatar colours.
    """

    id: int
    number: int
    title: str
    company: str | None
    amount: Decimal | None
    currency: str
    owner_id: int | None
    owner: str | None
    owner_colour: int
    task_state: TaskState
    next_task: str | None
    next_due: int | None
    days_in_stage: int
    age: Age
    child: str | None = None
    stage_id: int = 0


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the chips above the board choose; an empty filter shows everything."""

    owner_ids: frozenset[int] | None = None
    overdue: bool = False
    no_task: bool = False
    stuck: bool = False
    text: str = ""

    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return self == BoardFilter()


@dataclass(frozen=True, slots=True)
class ChipCounts:
    """Numbers beside the chips."""

    overdue: int = 0
    no_task: int = 0
    stuck: int = 0


@dataclass(frozen=True, slots=True)
class MoveResult:
    """What one move did, for the toast and for ``salesdesk move --json``.

    ``command_id`` undoes all of it. Titles are in the order in which things happened.
    """

    command_id: int
    deal_ids: tuple[int, ...]
    from_stage: str | None
    to_stage: str
    tasks_created: tuple[str, ...] = field(default=())
    tasks_closed: tuple[str, ...] = field(default=())
    deals_created: tuple[str, ...] = field(default=())
    deals_moved: tuple[str, ...] = field(default=())
