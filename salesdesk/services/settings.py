"""The settings of a workspace: one typed table of them, kept as JSON by name.

Language, theme and who works here belong to the machine, not to the workspace, and are not here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Generic, TypeVar

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services import levels, people
from salesdesk.services.metric_names import METRIC_NAMES
from salesdesk.services.rates import SCALE
from salesdesk.services.records import Asks, mark_dependents
from salesdesk.text import N_, tr

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spec(Generic[T]):
    """One setting. ``read`` makes the value from what JSON, TOML or a form holds and raises
    ``ValueError`` for what it cannot take; ``fixed`` ones are set when the workspace is made."""

    name: str
    default: T
    read: Callable[[Any], T]
    title: str
    description: str
    fixed: bool = False


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value.strip()


def _zone(value: Any) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(_text(value)).key
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError from error


def _currency(value: Any) -> str:
    code = _text(value).upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValueError
    return code


def _country(value: Any) -> str:
    code = _text(value).upper()
    if code and (len(code) != 2 or not code.isascii() or not code.isalpha()):
        raise ValueError
    return code


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _between(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError
        return value

    return read


def _share(value: Any) -> Decimal:
    if isinstance(value, bool | float):
        raise ValueError
    try:
        share = Decimal(value)
    except (InvalidOperation, TypeError) as error:
        raise ValueError from error
    if not 0 < share <= 1:
        raise ValueError
    return share


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return read


def _time_of_day(value: Any) -> str:
    """``HH:MM``."""
    minutes = _minutes(_text(value))
    if not 0 <= minutes < 1440:
        raise ValueError
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _server(value: Any) -> str:
    """The address of a server: https, or http on this very machine; nothing secret in it."""
    from urllib.parse import urlsplit

    address = _text(value).rstrip("/")
    parts = urlsplit(address)
    own = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or parts.scheme not in (("https", "http") if own else ("https",)):
        raise ValueError
    if parts.username or parts.password or parts.query or parts.fragment or parts.port == 0:
        raise ValueError
    return address


def _hours(value: Any) -> tuple[int, int]:
    """Minutes from midnight, or ``HH:MM``."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError
    opens, closes = (_minutes(part) for part in value)
    if not 0 <= opens < closes <= 1440:
        raise ValueError
    return opens, closes


def _minutes(value: Any) -> int:
    if isinstance(value, str):
        hour, _, minute = value.partition(":")
        return int(hour) * 60 + int(minute)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError
    return value


#: What ``managers_see`` may be.
SIGHTS: dict[str, str] = {
    "own": N_("Their own"),
    "team": N_("Those of their team"),
    "all": N_("All"),
}

#: Whose plan's degree decides about bonuses: what ``bonus_by`` may be.
BONUS_PLANS: dict[str, str] = {
    name: METRIC_NAMES[name] for name in ("gross_profit", "revenue", "points")
}

ZONE: Spec[str] = Spec(
    "zone", "UTC", _zone, N_("Time zone"),
    N_("Days, weeks and months are those of this zone. It is set when the workspace is made."),
    fixed=True,
)  # fmt: skip
CURRENCY: Spec[str] = Spec(
    "currency", "RUB", _currency, N_("Currency"),
    N_("Sums are shown in this currency; other currencies are converted at the rates below."),
)  # fmt: skip
COUNTRY: Spec[str] = Spec(
    "country", "", _country, N_("Country"),
    N_("Whose working days and holidays hold; empty: every day but Saturday and Sunday."),
)  # fmt: skip
SUBDIVISION: Spec[str] = Spec(
    "subdivision", "", _text, N_("Region"),
    N_("A part of the country with holidays of its own, by its ISO code; may be empty."),
)  # fmt: skip
WORKING_HOURS: Spec[tuple[int, int]] = Spec(
    "working_hours", (540, 1080), _hours, N_("Working hours"),
    N_("A task that is due on a day is due when the working hours of that day end."),
)  # fmt: skip
LEVEL_FULL: Spec[int] = Spec(
    "level_full", 100, _between(1, 1000), N_("Green from this percentage of the plan"),
    N_("From this share of the plan on, a number of the ranking is green."),
)  # fmt: skip
LEVEL_HALF: Spec[int] = Spec(
    "level_half", 50, _between(1, 1000), N_("Yellow from this percentage of the plan"),
    N_("From this share of the plan on, a number of the ranking is yellow."),
)  # fmt: skip
COUNT_SKIPPED: Spec[bool] = Spec(
    "count_skipped_stages", False, _yes_no, N_("Count skipped stages"),
    N_("A deal that jumps forward earns the points of the open stages between as well."),
)  # fmt: skip
STUCK_WARN: Spec[Decimal] = Spec(
    "stuck_warn_share", Decimal("0.5"), _share, N_("Warn before a deal is stuck"),
    N_("From this share of the stage's time limit on, a card warns."),
)  # fmt: skip
WAITS_DAYS: Spec[int] = Spec(
    "waits_days", 7, _between(1, 365), N_("A task waits too long after (days)"),
    N_("A task that waits for its event longer than this shows on the control desk."),
)  # fmt: skip
HABIT_TIMES: Spec[int] = Spec(
    "habit_times", 3, _between(1, 99), N_("A task is postponed often from (times)"),
    N_("Put off as often as this, a task is marked, and the filter “Postponed often” finds it."),
)  # fmt: skip

MANAGERS_SEE: Spec[str] = Spec(
    "managers_see", "own", _one_of(*SIGHTS), N_("Managers see and change"),
    N_("Whose deals, tasks and clients a manager sees and changes: the own ones, those of the "
       "team, or all. The ranking is seen by everybody."),
)  # fmt: skip

DIGEST_TIME: Spec[str] = Spec(
    "digest_time", "09:00", _time_of_day, N_("The digest goes out at"),
    N_("The time of day in the workspace's zone at which the digest of the day is sent."),
)  # fmt: skip
DIGEST_OFF: Spec[str] = Spec(
    "digest_off", "none", _one_of("none", "weekends", "holidays"), N_("No digest on"),
    N_("Days without a digest: none, weekends, or holidays and weekends. What falls on such a day "
       "comes with the next one."),
)  # fmt: skip
DIGEST_MISSED: Spec[str] = Spec(
    "digest_missed", "latest", _one_of("latest", "skip"), N_("A digest that was missed"),
    N_("When nothing was running at the time: the latest one is sent once, or it is skipped."),
)  # fmt: skip
DIGEST_THEME: Spec[str] = Spec(
    "digest_theme", "light", _one_of("light", "dark"), N_("Colours of the digest"),
    N_("The picture of the digest is light or dark."),
)  # fmt: skip
DIGEST_WITHOUT_RED: Spec[bool] = Spec(
    "digest_without_red", False, _yes_no, N_("Digest without red cells"),
    N_("Numbers above their norm are not marked red in the digest."),
)  # fmt: skip
DIGEST_SERVER: Spec[str] = Spec(
    "digest_server", "https://api.telegram.org", _server, N_("Server of Telegram"),
    N_("The address of the Bot API: https, or http on this machine (a proxy, a server of your "
       "own)."),
)  # fmt: skip

BONUS_BY: Spec[str] = Spec(
    "bonus_by", "gross_profit", _one_of(*BONUS_PLANS), N_("The plan that counts for bonuses"),
    N_("The degree to which this plan was met decides which share of the gross profit is paid."),
)  # fmt: skip
LARGE_DEAL: Spec[int] = Spec(
    "large_deal_percent", 50, _between(1, 100),
    N_("A deal is large from this percentage of a month"),
    N_("A deal that makes this share of a month is marked, so that it does not hide a weak month."),
)  # fmt: skip

SPECS: tuple[Spec[Any], ...] = (
    ZONE, CURRENCY, COUNTRY, SUBDIVISION, WORKING_HOURS, LEVEL_FULL, LEVEL_HALF, COUNT_SKIPPED,
    STUCK_WARN, WAITS_DAYS, HABIT_TIMES, MANAGERS_SEE, BONUS_BY, LARGE_DEAL,
    DIGEST_TIME, DIGEST_OFF, DIGEST_MISSED, DIGEST_THEME, DIGEST_WITHOUT_RED, DIGEST_SERVER,
)  # fmt: skip
BY_NAME: dict[str, Spec[Any]] = {spec.name: spec for spec in SPECS}


def get(r: Asks, spec: Spec[T]) -> T:
    """The value of one setting, its default where nothing is set."""
    found = r.value("SELECT value FROM setting WHERE name = ? AND deleted_at IS NULL", (spec.name,))
    return spec.default if found is None else spec.read(json.loads(found))


def all_of(r: Asks) -> dict[str, Any]:
    """Every setting by name, defaults included, in the order of ``SPECS``."""
    found: dict[str, str] = dict(r.rows("SELECT name, value FROM setting WHERE deleted_at IS NULL"))
    return {
        spec.name: spec.read(json.loads(found[spec.name])) if spec.name in found else spec.default
        for spec in SPECS
    }


def as_text(value: Any) -> Any:
    """A setting's value as a readable file holds it: decimals as text, hours as ``HH:MM``."""
    if isinstance(value, tuple):
        return [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in value]
    return str(value) if isinstance(value, Decimal) else value


def thresholds(r: Asks) -> levels.Thresholds:
    """The thresholds of the ranking's colours."""
    return levels.Thresholds(Fraction(get(r, LEVEL_FULL), 100), Fraction(get(r, LEVEL_HALF), 100))


def change(
    store: Store,
    values: Mapping[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set settings by name; returns the command id.

    Raises ``NotFound`` for a name that is none, ``Invalid`` for a value that a setting cannot take,
    ``Refused`` for what cannot be changed later and for whoever may not configure.
    """
    with store.command("settings.change", now=now, person=person, origin=origin) as tx:
        people.require_admin(tx, person)
        write(tx, values)
    return tx.command_id


def write(tx: Transaction, values: Mapping[str, Any], *, making: bool = False) -> None:
    """Set settings inside a transaction; ``making``: the workspace is just being made."""
    there = {
        name: (key, value, deleted)
        for key, name, value, deleted in tx.rows("SELECT id, name, value, deleted_at FROM setting")
    }
    before = all_of(tx)
    for name, given in values.items():
        text = json.dumps(checked(name, given), default=str, ensure_ascii=False)
        key, old, deleted = there.get(name, (None, None, None))
        if BY_NAME[name].fixed and not making and old is not None and text != old:
            raise Refused(
                N_("{title} is set when the workspace is made and cannot be changed."),
                title=tr(BY_NAME[name].title),
            )
        if key is None:
            key = tx.insert("setting", [{"name": name, "value": text}])[0]
        elif text != old or deleted is not None:
            tx.update("setting", [{"id": key, "value": text, "deleted_at": None}])
        else:
            continue
        mark_dependents(tx, "setting", [key], ["value"])
    _check_together(all_of(tx))
    if not making:
        _follow_country(tx, before)


def checked(name: str, given: Any) -> Any:
    """The value of a setting as its spec reads it; raises ``NotFound`` or ``Invalid``."""
    spec = BY_NAME.get(name)
    if spec is None:
        raise NotFound(N_("There is no setting “{name}”."), name=name)
    try:
        return spec.read(given)
    except ValueError as error:
        raise Invalid(
            N_("{title} cannot be “{value}”."), title=tr(spec.title), value=given
        ) from error


def _check_together(values: Mapping[str, Any]) -> None:
    if values["level_half"] > values["level_full"]:
        raise Invalid(N_("Yellow cannot begin above green."))


def _follow_country(tx: Transaction, before: Mapping[str, Any]) -> None:
    """Another country: its working days hold from this year on, years gone by stay."""
    country, region = get(tx, COUNTRY), get(tx, SUBDIVISION)
    if (country, region) != (before["country"], before["subdivision"]):
        from salesdesk.services.days_off import copy_again

        copy_again(tx, country, region)


# --- rates -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the workspace's currency for one unit of ``currency`` from a day on (empty: since
    ever)."""

    id: int
    currency: str
    valid_from: int | None
    rate: Decimal


def rates(r: Asks) -> list[Rate]:
    """All rates, by currency and day."""
    found = r.rows(
        "SELECT id, currency, valid_from, rate FROM rate WHERE deleted_at IS NULL "
        "ORDER BY currency, coalesce(valid_from, 0)"
    )
    return [Rate(key, code, day, Decimal(rate) / SCALE) for key, code, day, rate in found]


def set_rate(
    store: Store,
    currency: str,
    rate: Decimal,
    *,
    valid_from: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set the rate of a currency from a day on; returns the command id."""
    with store.command("rate.set", now=now, person=person, origin=origin) as tx:
        people.require_admin(tx, person)
        write_rate(tx, currency, rate, valid_from)
    return tx.command_id


def write_rate(tx: Transaction, currency: str, rate: Decimal, valid_from: int | None) -> None:
    """Set a rate inside a transaction; raises ``Invalid``."""
    try:
        code = _currency(currency)
    except ValueError as error:
        raise Invalid(N_("“{value}” is not a currency code."), value=currency) from error
    units = int((rate * SCALE).to_integral_value()) if rate.is_finite() else 0
    if units <= 0:
        raise Invalid(N_("The rate of {currency} must be above 0."), currency=code)
    found = tx.value(
        "SELECT id FROM rate WHERE currency = ? AND valid_from IS ? AND deleted_at IS NULL",
        (code, valid_from),
    )
    if found is None:
        tx.insert("rate", [{"currency": code, "valid_from": valid_from, "rate": units}])
    else:
        tx.update("rate", [{"id": found, "rate": units}])


def remove_rate(
    store: Store, rate_id: int, *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Remove a rate; returns the command id."""
    with store.command("rate.remove", now=now, person=person, origin=origin) as tx:
        people.require_admin(tx, person)
        tx.delete("rate", [rate_id])
    return tx.command_id
