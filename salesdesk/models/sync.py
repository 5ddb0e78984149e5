"""What the sync knows of the CRM at the other end: links, what waits, conflicts, how far it read.

These are books about the workspace, not its content: they are kept by ``models.books``, have no
lines in the log and are undone by nobody. What waits to be sent is in the log itself; ``SyncQueue``
only says up to which of its lines an object was sent, and what came of it.
"""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from salesdesk.models.columns import Keyed, big, flag, must, must_ref, ref


class SyncRemote(Keyed, table=True):
    """A connection to a CRM. The secret is in the machine's keyring, never here.

    ``state`` is ``on``, ``stopped`` (something needs a person: ``problem`` says what) or ``off``
    (disconnected; the links stay for the same ``account_id``). ``seat`` tells this workspace from
    those of colleagues. ``seen_change``: up to which line the log was looked through. ``options``
    is JSON (``services.sync.options``).
    """

    __tablename__ = "sync_remote"
    kind: str
    base_url: str
    account_id: str
    account: str
    user_id: str
    seat: str
    state: str = "on"
    problem: str | None = None
    connected_at: int = must()
    seen_change: int = must()
    options: str = "{}"


class SyncMap(Keyed, table=True):
    """Which pipeline, stage, person, lost reason, kind of task or field is which at the other
    end."""

    __tablename__ = "sync_map"
    __table_args__ = (UniqueConstraint("remote_id", "what", "local_id"),)
    remote_id: int = must_ref("sync_remote.id")
    what: str
    local_id: int = must()
    far_id: str


class SyncLink(Keyed, table=True):
    """A local record and its one object at the other end.

    ``agreed`` is the state on which both ends last agreed (JSON by field), what a merge compares
    with. ``far_at`` is when the other end last changed it, by its own clock. ``state`` is
    ``linked`` or ``gone`` (not found there any more).
    """

    __tablename__ = "sync_link"
    __table_args__ = (
        UniqueConstraint("remote_id", "entity", "local_id"),
        UniqueConstraint("remote_id", "entity", "far_id"),
    )
    remote_id: int = must_ref("sync_remote.id")
    entity: str
    local_id: int = must()
    far_id: str
    agreed: str = "{}"
    far_at: int = must()
    state: str = "linked"


class SyncQueue(Keyed, table=True):
    """An object with changes that were not sent: lines ``first_change..last_change`` of the log,
    the oldest of them of the moment ``at``.

    ``state``: ``waiting``, ``sending`` (written before anything goes out; found so at a start, its
    outcome is unknown), ``unknown``, ``failed`` (a person must look: ``failure`` is a class of
    ``services.sync.failures``, ``detail`` says more), ``discarded``. ``sending_upto`` is the last
    line that the sending takes in, ``next_at`` the moment before which nothing is tried. ``sent``:
    the fields (JSON) with which it was to be made, for as long as it is not known whether it was.
    """

    __tablename__ = "sync_queue"
    __table_args__ = (
        UniqueConstraint("remote_id", "entity", "local_id"),
        Index("ix_sync_queue_state", "remote_id", "state", "next_at"),
    )
    remote_id: int = must_ref("sync_remote.id")
    entity: str
    local_id: int = must()
    first_change: int = must()
    last_change: int = must()
    at: int = must()
    state: str = "waiting"
    tries: int = Field(default=0)
    next_at: int = must()
    sending_upto: int | None = big()
    sent: str | None = None
    failure: str | None = None
    detail: str | None = None


class SyncConflict(Keyed, table=True):
    """A field that both ends changed: the values (JSON) before, here and there. ``state`` is
    ``open``, ``ours`` or ``theirs`` (as somebody decided), ``done``; where a rule decided, ``kept``
    (the value of here) or ``taken`` (that of there)."""

    __tablename__ = "sync_conflict"
    __table_args__ = (Index("ix_sync_conflict_open", "remote_id", "state"),)
    remote_id: int = must_ref("sync_remote.id")
    entity: str
    local_id: int = must()
    field: str
    before: str
    ours: str
    theirs: str
    at: int = must()
    state: str = "open"
    person_id: int | None = ref("person.id")
    decided_at: int | None = big()


class SyncStream(Keyed, table=True):
    """How far a stream was read: its cursor commits with the page that it follows. ``complete_at``:
    everything the other end had up to this moment (of its clock) is here."""

    __tablename__ = "sync_stream"
    __table_args__ = (UniqueConstraint("remote_id", "name"),)
    remote_id: int = must_ref("sync_remote.id")
    name: str
    cursor: str = ""
    first_done: int = flag()
    read: int = Field(default=0)
    total: int | None = None
    complete_at: int | None = big()


class SyncOwed(Keyed, table=True):
    """What of a deal of the other end (``far_id``) could not be read with it and is made up for:
    ``what`` is ``moves`` (its history of stages) or ``within`` (its tasks and notes)."""

    __tablename__ = "sync_owed"
    __table_args__ = (UniqueConstraint("remote_id", "what", "far_id"),)
    remote_id: int = must_ref("sync_remote.id")
    what: str
    far_id: str


class SyncAside(Keyed, table=True):
    """A record from the other end that could not be taken over; the others went on."""

    __tablename__ = "sync_aside"
    __table_args__ = (UniqueConstraint("remote_id", "stream", "far_id"),)
    remote_id: int = must_ref("sync_remote.id")
    stream: str
    far_id: str
    reason: str
    content: str
    at: int = must()


class SyncMove(Keyed, table=True):
    """A stage move that is known at both ends: ``carried`` is its id in the deal's field of moves,
    ``far_id`` the line of the other end's own history. It counts once, whichever came first."""

    __tablename__ = "sync_move"
    __table_args__ = (
        Index("ix_sync_move_carried", "remote_id", "carried"),
        Index("ix_sync_move_far", "remote_id", "far_id"),
    )
    remote_id: int = must_ref("sync_remote.id")
    deal_id: int = must_ref("deal.id", index=True)
    move_id: int | None = ref("stage_move.id")
    carried: str | None = None
    far_id: str | None = None
    pushed_at: int | None = big()


class SyncRound(Keyed, table=True):
    """One round: what it sent and took over, and why it ended early."""

    __tablename__ = "sync_round"
    remote_id: int = must_ref("sync_remote.id")
    started_at: int = must()
    ended_at: int | None = big()
    pushed: int = Field(default=0)
    pulled: int = Field(default=0)
    failed: int = Field(default=0)
    problem: str | None = None
