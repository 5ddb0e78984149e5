"""What is made of the numbers: closed months, bonuses, awards, digests, looked-at moves."""

from sqlmodel import Field

from salesdesk.models.columns import Record, flag, must, must_ref, ref


class ClosedMonth(Record, table=True):
    """A month that a team lead closed, with the rows of its ranking as they stood (JSON)."""

    __tablename__ = "closed_month"
    month: int = must(index=True)
    at: int = must()
    person_id: int | None = ref("person.id")
    content: str


class BonusStep(Record, table=True):
    """From this degree of the plan on (percent), this share of gross profit (``percent`` in
    hundredths of a percent)."""

    __tablename__ = "bonus_step"
    from_percent: int
    percent: int = must()


class Award(Record, table=True):
    """A place in the ranking of a quarter, confirmed by the team lead.

    ``points`` are those the person had. ``reason`` is there where the place is another than the
    ranking's.
    """

    __tablename__ = "award"
    person_id: int = must_ref("person.id")
    first_month: int = must(index=True)
    last_month: int = must()
    place: int
    points: int = must()
    reason: str | None = None
    confirmed_by_id: int | None = ref("person.id")
    at: int = must()


class MoveReview(Record, table=True):
    """A doubtful move that somebody looked at and found in order."""

    __tablename__ = "move_review"
    move_id: int = must_ref("stage_move.id", index=True)
    person_id: int | None = ref("person.id")
    at: int = must()
    note: str | None = None


class DigestTarget(Record, table=True):
    """Where the digest goes: a chat of Telegram (``telegram``), or a folder or file (``folder``).

    ``address`` is the chat's id or the path, ``thread`` the topic of a forum. The token is in the
    keyring of the machine, never here.
    """

    __tablename__ = "digest_target"
    kind: str
    name: str
    address: str
    thread: int | None = None
    active: int = flag(True)
    position: int = Field(default=0)


class DigestSent(Record, table=True):
    """A digest that was to go out, so that none goes out twice.

    ``kind`` is the period's (``days``, ``month``, ``month_before``), ``day`` the day it is of.
    ``state``: ``sending`` is written before anything goes out; then ``sent``, ``failed``,
    ``unknown`` (it may have arrived) or ``skipped``. ``detail`` says why.
    """

    __tablename__ = "digest_sent"
    kind: str
    day: int = must(index=True)
    target_id: int | None = ref("digest_target.id")
    state: str
    at: int = must()
    person_id: int | None = ref("person.id")
    detail: str | None = None
