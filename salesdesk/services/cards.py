"""What the board shows: frozen records, safe across threads. No queries here."""

from dataclasses import dataclass, field, replace
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
    that were left out because the settings have no rate for them. Without ``summed`` the sums are
    not known yet.
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
    summed: bool = True


@dataclass(frozen=True, slots=True)
class CardChild:
    """A child deal as its parent's card tells it; ``late`` when a task of it is overdue."""

    pipeline: str
    stage: str
    kind: StageKind
    colour: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class CardField:
    """An own field on a card: its name, its kind and its value as it is kept (``own_fields``)."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class DealCard:
    """A card of the board, everything it paints.

    ``next_task`` is the title of the open task that decides ``task_state`` and ``next_due`` its due
    moment (microseconds UTC). ``children`` are its child deals, those still open first;
    ``fields`` the first two own fields that show on cards and have a value here.
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
    stage_id: int = 0
    children: tuple[CardChild, ...] = ()
    fields: tuple[CardField, ...] = ()


Who = Literal["", "mine", "team"]
#: Smallest and largest amount, both included; ``None`` is open.
Range = tuple[Decimal | None, Decimal | None]
#: In a set of people, clients or sources: those deals that have none.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A test of an own field. ``how``: ``is`` one of ``values``, ``has`` the text ``values[0]``,
    or lies ``between`` ``values[0]`` and ``values[1]`` (an empty text is open)."""

    field_id: int
    how: Literal["is", "has", "between"]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which deals are shown; an empty filter shows everything.

    ``who``, ``people`` and ``teams`` are what a person chose; ``owner_ids`` is what they come to
    (``filters.resolved``), and the only one of them that is asked for. ``created``, ``expected``
    and ``entered`` are days as ``filters.days_of`` reads them (``month``, ``2026-03-01..``).
    ``seen`` limits all of it to deals of these people and of nobody: what a role may see.
    """

    owner_ids: frozenset[int] | None = None
    overdue: bool = False
    no_task: bool = False
    stuck: bool = False
    text: str = ""
    who: Who = ""
    people: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    clients: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    sources: frozenset[int] = frozenset()
    amount: Range = (None, None)
    created: str = ""
    expected: str = ""
    entered: str = ""
    fields: tuple[FieldTest, ...] = ()
    seen: frozenset[int] | None = None

    def is_empty(self) -> bool:
        """Whether a person chose nothing."""
        return self.is_whole() or replace(self, seen=None) == _EVERYTHING

    def is_whole(self) -> bool:
        """Whether every deal passes."""
        return self == _EVERYTHING

    def without_text(self) -> "BoardFilter":
        """All of it but the text."""
        return replace(self, text="") if self.text else self


_EVERYTHING = BoardFilter()


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
