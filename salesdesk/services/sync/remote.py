"""The protocol of a remote: what a CRM at the other end must be able to do, in words of our own.

A new remote is one file that does this, and a line in ``catalog``. The engine (``outbox``,
``push``, ``pull``, ``merge``) knows no vendor. Names of fields and their values are the same for
all remotes:

======= ===========================================================================================
company ``name``, ``owner``, ``phones``, ``emails``, ``tax_number``
contact ``name``, ``owner``, ``phones``, ``emails``, ``company``
deal    ``title``, ``amount``, ``currency``, ``pipeline``, ``stage``, ``owner``, ``company``,
        ``contact``, ``expected_day``, ``lost_reason``, ``created_at``, ``moves``
task    ``title``, ``deal``, ``owner``, ``due_at``, ``done``, ``result``
note    ``deal``, ``text``, ``at``
======= ===========================================================================================

``owner``, ``company``, ``contact``, ``deal``, ``pipeline``, ``stage`` and ``lost_reason`` are keys
of the other end (texts), empty for none. Amounts are Decimal or None, days ordinals of the
workspace's zone, moments µs UTC, ``phones`` and ``emails`` tuples of texts, ``done`` a bool,
``moves`` the text of ``carried``. A remote that cannot hold a field leaves it out of its ``holds``
and of its records, and the engine neither sends it nor takes its absence for an answer.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from salesdesk.services.sync.failures import Failure

Entity = Literal["company", "contact", "deal", "task", "note"]
#: In the order in which they depend on each other.
ENTITIES: tuple[Entity, ...] = ("company", "contact", "deal", "task", "note")
#: What is read page by page: records, lines of the history of stages, what was deleted.
Stream = Literal["company", "contact", "deal", "task", "note", "move", "deleted"]
#: What results of the ranking can be published of: deals in work, or people who work there.
Place = Literal["deal", "person"]
Value = str | int | bool | Decimal | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class FarRecord:
    """An object as it stands at the other end. ``uid`` is our own identifier (hex of the local
    row's), None for what colleagues made there. ``at`` is when it was last changed, ``by`` who did
    (a far person, None where it is not told), ``moved_at`` and ``moved_by`` the same of a deal's
    last stage move, all by the other end. ``published_by``: the field ``by`` of results that were
    published into a deal (``publishing``)."""

    entity: Entity
    far_id: str
    uid: str | None
    fields: Mapping[str, Value]
    at: int
    by: str | None = None
    deleted: bool = False
    moved_at: int | None = None
    moved_by: str | None = None
    published_by: str = ""


@dataclass(frozen=True, slots=True)
class FarMove:
    """A line of the other end's history of stages; ``by`` is None where it is not told. ``far_id``
    grows with the lines of one deal. ``before`` is the stage that it left, "" where that is not
    told."""

    far_id: str
    deal: str
    pipeline: str
    stage: str
    at: int
    by: str | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a stream. ``cursor`` is where the next one begins (kept in the transaction that
    takes this page over); ``more``: there is one at once. ``clock`` is the moment of the answer by
    the other end's clock. ``total`` may be unknown."""

    cursor: str
    more: bool
    clock: int
    records: tuple[FarRecord, ...] = ()
    moves: tuple[FarMove, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class FarStage:
    """A stage at the other end; ``kind`` is ``open``, ``won`` or ``lost``."""

    far_id: str
    name: str
    kind: Literal["open", "won", "lost"]
    position: int


@dataclass(frozen=True, slots=True)
class FarPipeline:
    """A pipeline at the other end with its stages in order; ``main``: deals stand there unless
    somebody chooses another; ``passes_on``: what ends well there goes on as another deal, so that
    nothing was won yet."""

    far_id: str
    name: str
    stages: tuple[FarStage, ...]
    main: bool = False
    passes_on: bool = False


@dataclass(frozen=True, slots=True)
class FarPerson:
    """Someone who works at the other end."""

    far_id: str
    name: str
    email: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class FarField:
    """A custom field there; ``code`` is the vendor's stable name of it."""

    far_id: str
    code: str
    name: str
    entity: Entity
    kind: str


@dataclass(frozen=True, slots=True)
class Structure:
    """What a mapping is made of."""

    pipelines: tuple[FarPipeline, ...]
    people: tuple[FarPerson, ...]
    lost_reasons: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FarField, ...] = ()
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Who answers, and as whom it knows us. ``missing``: rights or scopes that the sync needs and
    has not (in the vendor's own words); ``may_make_fields``: custom fields can be made."""

    account_id: str
    name: str
    user_id: str
    user: str
    clock: int
    missing: tuple[str, ...] = ()
    may_make_fields: bool = True


@dataclass(frozen=True, slots=True)
class WantedField:
    """A custom field that the sync needs: ``key`` in our words (``uid``, ``moves``, ``points``,
    ``rank``, ``band``, ``at``), ``entity`` what it is a field of (``person``: of those who work
    there), ``kind`` one of ``text``, ``number``, ``whole``, ``moment``, ``choice`` (of
    ``choices``)."""

    key: str
    entity: Entity | Literal["person"]
    name: str
    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent: a new object with our ``uid``, or fields of one that is there. Only the
    ``fields`` that changed."""

    uid: str
    fields: Mapping[str, Value]
    far_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft: the object as it stands now (as far as the answer tells; the engine
    reads again what it does not), or the failure."""

    uid: str
    far_id: str = ""
    record: FarRecord | None = None
    failure: Failure | None = None


class Remote(Protocol):
    """A CRM at the other end. Every call may raise ``Failure``; a call about several objects raises
    for what concerns all of them and answers with an ``Outcome`` each otherwise."""

    kind: str

    @property
    def batch(self) -> int:
        """How many objects one call of ``create``, ``update`` or ``find`` takes at most."""
        ...

    @property
    def holds(self) -> Mapping[Entity, frozenset[str]]:
        """Fields that this remote can hold, by entity."""
        ...

    @property
    def publishes_to(self) -> Set[Place]:
        """What can carry results of the ranking there; an attribute of the class, so that it can
        be told without a connection (``catalog.publishes_to``)."""
        ...

    @property
    def tells_making(self) -> bool:
        """Whether its history of stages has a line of a deal's making."""
        ...

    def check(self) -> Account:
        """Whether the secret works, and what it may do."""
        ...

    def structure(self) -> Structure:
        """Pipelines, people, fields."""
        ...

    def make_fields(self, wanted: Sequence[WantedField]) -> Mapping[str, str]:
        """Make the custom fields that are not there yet; their keys there, by ours (``key``, or
        ``key@entity`` where one stands for a kind of object; people's always ``key@person``)."""
        ...

    def use_fields(self, known: Mapping[str, str]) -> None:
        """Work with the custom fields that ``make_fields`` once answered with."""
        ...

    def page(self, stream: Stream, cursor: str) -> Page:
        """The next page of a stream from a cursor on ("" is the beginning of all). Overlaps rather
        than leaves out; what was seen before may come again."""
        ...

    def present(self, stream: Stream) -> str:
        """Where a stream stands now: from this cursor on its pages tell at least what comes later.
        "" where that cannot be told: then all of it is read."""
        ...

    def count(self, stream: Stream) -> int | None:
        """How many objects or lines a stream has; None where only reading all of it would tell."""
        ...

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """The whole history of stages of these deals, however many, as far as the other end tells
        it."""
        ...

    def within(self, deals: Sequence[str]) -> Sequence[FarRecord]:
        """All tasks and notes of these deals; of one that is not there none."""
        ...

    def as_held(self, entity: Entity, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        """Fields as this remote can hold them: whole units of money, whole seconds, short texts.
        What is compared and agreed upon is always this, so that rounding is nobody's change."""
        ...

    def find(
        self, entity: Entity, uids: Sequence[str], within: str = ""
    ) -> Mapping[str, FarRecord]:
        """The objects that carry our identifiers, by them; ``within`` is the far deal of a task or
        a note."""
        ...

    def get(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        """The objects as they stand; those that are not there (any more) are missing."""
        ...

    @property
    def sweep(self) -> int:
        """How many keys one call of ``standing`` takes at little cost; 0 where it costs as much as
        ``get``, and for a remote whose stream of what was deleted tells everything."""
        ...

    def standing(self, entity: Entity, far_ids: Sequence[str]) -> Set[str]:
        """Which of these companies, contacts or deals are there."""
        ...

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make objects, one outcome a draft."""
        ...

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Set fields of objects, one outcome a draft."""
        ...

    def publish(self, rows: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking, for people or deals: ``entity`` (one of ``publishes_to``),
        ``far_id`` and values by the keys of ``WantedField``."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
