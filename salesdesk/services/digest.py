"""The digest: what it says on a day, where it goes, and how the settings have it.

Text and picture are made of the same ranking; the picture comes from whoever can draw.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.moments import amount_of
from salesdesk.names import clean
from salesdesk.services import (
    braces,
    digest_days,
    digest_text,
    ranking_money,
    ranking_setup,
    settings,
    surroundings,
)
from salesdesk.services.digest_days import IsOff, Part
from salesdesk.services.digest_text import Text, Win
from salesdesk.services.people import require_admin
from salesdesk.services.ranking import Ranking
from salesdesk.services.ranking_numbers import span_of
from salesdesk.services.records import Asks, Saved, last_position
from salesdesk.text import N_, tr

TELEGRAM, FOLDER = "telegram", "folder"
_GONE = N_("This place is not there any more; nothing was changed.")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings of the digest: the time of day in minutes, which days are off (a name of
    ``digest_days``), whether the latest missed one is sent, the look of the picture, the server."""

    minute: int
    off: str
    sends_missed: bool
    theme: str
    without_red: bool
    server: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a digest goes. ``address`` is a chat's id or a path; ``made`` the moment it was added:
    nothing older is owed to it."""

    id: int
    kind: str
    name: str
    address: str
    thread: int | None
    active: bool
    made: int


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest as it goes out: what it is of, and its words."""

    part: Part
    text: Text


# --- reading -------------------------------------------------------------------------------------


def choices(r: Asks) -> Choices:
    """What the settings say."""
    hours, _, minutes = settings.get(r, settings.DIGEST_TIME).partition(":")
    return Choices(
        int(hours) * 60 + int(minutes),
        settings.get(r, settings.DIGEST_OFF),
        settings.get(r, settings.DIGEST_MISSED) == "latest",
        settings.get(r, settings.DIGEST_THEME),
        settings.get(r, settings.DIGEST_WITHOUT_RED),
        settings.get(r, settings.DIGEST_SERVER),
    )


def days_off(r: Asks) -> IsOff:
    """Which days have no digest."""
    choice = settings.get(r, settings.DIGEST_OFF)
    if choice == digest_days.EVERY_DAY:
        return digest_days.off_days(choice, surroundings.calendar(r), digest_days.usual_weekend)
    nameless = {
        row[0]
        for row in r.rows(
            "SELECT day FROM day_off WHERE deleted_at IS NULL AND origin = 'country' AND name = ''"
        )
    }
    return digest_days.off_days(
        choice,
        surroundings.calendar(r),
        lambda day: day in nameless or digest_days.usual_weekend(day),
    )


def targets(r: Asks) -> list[Target]:
    """Where the digest goes, in order; those not in use too."""
    rows = r.rows(
        "SELECT id, kind, name, address, thread, active, uid FROM digest_target "
        "WHERE deleted_at IS NULL ORDER BY position, id"
    )
    return [
        Target(key, kind, name, address, thread, bool(active), _moment(uid))
        for key, kind, name, address, thread, active, uid in rows
    ]


def _moment(uid: bytes) -> int:
    """The moment that a time-ordered id was made at, to the millisecond."""
    return int.from_bytes(uid[:6], "big") * 1000


def parts(r: Asks, day: int, *, now: int) -> tuple[Part, ...]:
    """The digests of a day (a day off has those of any day); raises ``Invalid`` for a day that has
    not come."""
    if day > r.zone.day_of(now):
        raise Invalid(
            N_("{day} has not come yet: a digest tells about full days."),
            day=date.fromordinal(day).isoformat(),
        )
    return digest_days.parts_of(day, days_off(r))


def composed(r: Reader, part: Part, ranking: Ranking) -> Digest:
    """The digest made of a ranking of its period as of ``part.as_of``."""
    found = wins(r, part, ranking)
    extra = extra_paragraphs(r, part.day) if part.kind == digest_days.DAYS else []
    extra += _unread(r, part)
    return Digest(part, digest_text.composed(part, ranking, found, extra, ""))


def _unread(r: Reader, part: Part) -> list[str]:
    """Where a CRM brings what colleagues do: up to when, if that is not all of the period."""
    from salesdesk.services.sync import completeness

    end = part.as_of(r.zone)
    found = completeness.of_people(r, None, now=end)
    if not found.people or (found.read is not None and found.read >= end):
        return []
    if found.read is None:
        return [tr("The CRM was not read to its end yet: colleagues' results may be missing.")]
    return [tr("The CRM was read up to {moment}: what colleagues did later is missing.",
               moment=braces.moment_text(r.zone, found.read))]  # fmt: skip


def extra_paragraphs(r: Reader, day: int) -> list[str]:
    """What else a digest of a day says, a paragraph each: awards that were confirmed just now."""
    from salesdesk.services import award_news

    return award_news.announcement(r, day)


def wins(r: Reader, part: Part, ranking: Ranking) -> list[Win]:
    """The deals counted as won in the period, the largest first: one a deal and person of the
    ranking's rows, so as many as their numbers add up to."""
    setup = ranking_setup.of(r)
    span = span_of(r, part.period, part.as_of(r.zone))
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for deal, person, at, day in r.rows_of(
        "SELECT deal_id, person_id, at, day FROM reach WHERE at >= ? AND at < ? "
        "AND person_id <> 0 AND stage_id IN ({ids})",
        setup.scope(None).with_milestone("won"),
        (span.start, span.stop),
    ):
        first[deal, person] = min(first.get((deal, person), (at, day)), (at, day))
    names = {row.person_id: row.person for row in ranking.rows}
    found = [won for won in ranking_money.converted(r, first, setup.rates)
             if won.person_id in names]  # fmt: skip
    found.sort(key=lambda won: (-(won.revenue or 0), won.deal_id, won.person_id))
    titles: dict[int, str] = dict(
        r.rows_of("SELECT id, title FROM deal WHERE id IN ({ids})", {won.deal_id for won in found})
    )
    return [
        Win(titles[won.deal_id], names[won.person_id],
            amount_of(won.revenue) if won.revenue else None, ranking.currency)
        for won in found
    ]  # fmt: skip


# --- places --------------------------------------------------------------------------------------


def add_target(
    store: Store,
    kind: str,
    name: str,
    address: str,
    *,
    thread: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """A chat or a folder to which the digest goes from now on. Raises ``Invalid``."""
    with store.command("digest.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        called, where = _name(name), checked_address(kind, address)
        _check_free(tx, where, thread, None)
        row = {"kind": kind, "name": called, "address": where, "thread": thread, "active": 1,
               "position": last_position(tx, "digest_target")}  # fmt: skip
        [key] = tx.insert("digest_target", [row])
        tx.set_detail(title=called)
    return Saved(tx.command_id, key)


def change_target(
    store: Store,
    target_id: int,
    fields: dict[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Change ``name``, ``address``, ``thread`` or ``active`` of a place. Raises ``NotFound`` and
    ``Invalid``."""
    with store.command("digest.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        there = _target(tx, target_id)
        row = dict(fields)
        if "name" in row:
            row["name"] = _name(row["name"])
        if "address" in row:
            row["address"] = checked_address(there.kind, row["address"])
        if "active" in row:
            row["active"] = int(row["active"])
        if {"address", "thread"} & row.keys():
            _check_free(tx, row.get("address", there.address), row.get("thread", there.thread),
                        target_id)  # fmt: skip
        tx.update("digest_target", [{"id": target_id, **row}])
        tx.set_detail(title=row.get("name", there.name))
    return Saved(tx.command_id, target_id)


def remove_target(
    store: Store, target_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """The digest goes there no more. Raises ``NotFound``."""
    with store.command("digest.remove", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        there = _target(tx, target_id)
        tx.delete("digest_target", [target_id])
        tx.set_detail(title=there.name)
    return Saved(tx.command_id, target_id)


def migrated(store: Store, target_id: int, address: str, *, now: int) -> None:
    """A chat has another number from now on: Telegram said so."""
    with store.command("digest.moved", now=now, person=None, origin="rule") as tx:
        there = _target(tx, target_id)
        tx.update("digest_target", [{"id": target_id, "address": address}])
        tx.set_detail(title=there.name)


def _target(a: Asks, target_id: int) -> Target:
    found = next((each for each in targets(a) if each.id == target_id), None)
    if found is None:
        raise NotFound(_GONE)
    return found


def find_target(r: Asks, target_id: int) -> Target:
    """A place by its id; raises ``NotFound``."""
    return _target(r, target_id)


def _name(name: str) -> str:
    cleaned = clean(name)
    if not cleaned:
        raise Invalid(N_("A name cannot be empty."))
    return cleaned[:_LONGEST_NAME]


def checked_address(kind: str, address: str) -> str:
    """A chat's number or public name, or an absolute path; raises ``Invalid``."""
    wanted = address.strip()
    if kind == TELEGRAM:
        number = wanted.removeprefix("-")
        public = wanted.startswith("@") and wanted[1:].replace("_", "").isalnum()
        if not (number.isascii() and number.isdecimal() and len(number) < 20) and not (
            public and wanted.isascii()
        ):
            raise Invalid(
                N_("“{value}” is no chat: a number such as -1001234567890, or @name of a channel."),
                value=wanted,
            )
    elif not Path(wanted).is_absolute():
        raise Invalid(N_("“{value}” is no whole path of a folder or file."), value=wanted)
    return wanted


def _check_free(tx: Transaction, address: str, thread: int | None, but: int | None) -> None:
    for each in targets(tx):
        if (each.address, each.thread) == (address, thread) and each.id != but:
            raise Invalid(N_("The digest goes there already, as “{name}”."), name=each.name)
