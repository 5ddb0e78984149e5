"""The sample workspace: a year of a sales department, played through the services.

Seeded, and relative to ``now``: the same seed and moment tell the same story. Nothing happens after
``now``, and everything happens in working hours.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from salesdesk.errors import Refused
from salesdesk.models.hasty import hasty
from salesdesk.models.store import Store
from salesdesk.moments import datetime_of, moment_of
from salesdesk.services import settings, story_awards, surroundings, templates
from salesdesk.services.story_cast import Cast, Seller, assemble, script
from salesdesk.services.story_days import MINUTE, WorkTime
from salesdesk.services.story_desk import Desk
from salesdesk.services.story_months import Months
from salesdesk.services.story_sales import Sales
from salesdesk.services.story_scenes import Scenes
from salesdesk.text import N_

#: How many requests come in during the year; with child deals about 400 deals.
REQUESTS = 160
DAYS = 365


def make_sample(
    path: Path,
    *,
    now: int,
    language: str,
    seed: int = 7,
    zone: str = "Europe/Moscow",
    currency: str = "RUB",
    country: str = "RU",
    requests: int = REQUESTS,
    told: Callable[[float], object] = lambda _share: None,
) -> Store:
    """Make the sample workspace at ``path`` (which must not exist) and open it.

    ``told(share)`` hears how far it is, from 0 to 1; when it raises, no file is left behind.
    """
    store = templates.make_workspace(
        path,
        "turnkey",
        zone=zone,
        currency=currency,
        country=country,
        language=language,
        now=_start(now),
        origin="demo",
    )
    try:
        tell(store, now=now, language=language, seed=seed, requests=requests, told=told)
    except BaseException:
        store.close()
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise
    return store


def tell(
    store: Store, *, now: int, language: str, seed: int = 7, requests: int = REQUESTS,
    told: Callable[[float], object] = lambda _share: None,
) -> None:  # fmt: skip
    """Play the story in a workspace that was just made, from any template (an empty one gets the
    turnkey one's pipelines). Raises ``Refused`` where there are deals or people already."""
    with store.read() as r:
        if r.row("SELECT 1 FROM deal UNION ALL SELECT 1 FROM person LIMIT 1") is not None:
            raise Refused(N_("This workspace is in use; sample data goes into a new one only."))
    with hasty(store):
        _play(store, now, language, random.Random(seed), requests, told)


def _play(
    store: Store, now: int, language: str, rng: random.Random, requests: int,
    told: Callable[[float], object],
) -> None:  # fmt: skip
    told_in = script(language)
    cast = assemble(store, told_in, language, _start(now), now)
    with store.read() as r:
        calendar = surroundings.load_calendar(r)
        assert settings.get(r, settings.ZONE) == calendar.zone.name
    time = WorkTime(calendar, rng)
    desk = Desk(store, cast, time, rng, now)
    sales = Sales(desk)
    for at, seller in _requests(cast, time, rng, now, requests):
        desk.at(at, sales.arrive, seller)
    for seller in cast.sellers:
        if seller.leaves is not None:
            day = calendar.next_working(calendar.zone.day_of(now) - seller.leaves)
            desk.at(time.end_of(day), sales.leave, seller)
    Scenes(desk, told_in["scene"]).begin()
    Months(desk, told_in["month"], _start(now)).begin()
    desk.run(told)
    story_awards.give(store, time, now=now)


def _start(now: int) -> int:
    return moment_of(datetime_of(now) - timedelta(days=DAYS + 1))


def _requests(
    cast: Cast, time: WorkTime, rng: random.Random, now: int, count: int
) -> list[tuple[int, Seller]]:
    """When requests come in and to whom: more and more of them, the latest just now."""
    calendar = time.calendar
    today = calendar.zone.day_of(now)
    first = calendar.zone.day_of(_start(now)) + 1
    days = [day for day in range(first, today + 1) if calendar.is_working(day)]
    weights = [0.4 + 0.6 * ((day - first) / DAYS) ** 2 + (today - day < 90) for day in days]
    moments = [time.on(day) for day in rng.choices(days, weights, k=count)]
    moments += _latest(time, days, now)
    found = []
    for at in sorted(moments):
        here = [
            seller
            for seller in cast.sellers
            if seller.leaves is None or at < calendar.zone.start_of(today - seller.leaves)
        ]
        [seller] = rng.choices(here, [seller.share for seller in here])
        found.append((at, seller))
    return found


def _latest(time: WorkTime, days: list[int], now: int) -> list[int]:
    """Some requests of the last two working days, so that the desk is alive whenever it opens."""
    found = [time.on(day) for day in days[-3:-1] for _ in range(3)]
    opened = time.calendar.at(days[-1], time.calendar.opens)
    passed = min(now, time.end_of(days[-1])) - opened
    return found + [opened + passed * part // 5 for part in range(1, 5) if passed > 60 * MINUTE]
