"""Laws of sending, over random weeks: computers that are away, answers of every sort, two at once.

No digest arrives twice unless a person wanted it; a look never sends more than one of each kind;
nothing older follows something newer; nothing goes out on a day off or for before the beginning.
"""

from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.moments import SECOND
from salesdesk.services import digest, digest_days, digest_sending, digest_text, settings
from salesdesk.services.digest import Digest, Target
from salesdesk.services.digest_days import Part
from salesdesk.services.digest_sending import Owed, Sender
from salesdesk.services.telegram import Telegram, TelegramError
from tests.builders import Desk, empty_store

HOUR = 3600 * SECOND
START = 1_793_500_000_000_000
ANSWERS = ("arrives", "arrives", "arrives", "late", "not_reached", "wait", "blocked")
STEPS = st.lists(
    st.tuples(st.integers(0, 70), st.sampled_from(ANSWERS), st.booleans()), min_size=5, max_size=16
)


class Bot:
    """Answers as it is told, and knows what arrived."""

    def __init__(self) -> None:
        self.answer = "arrives"
        self.arrived: list[str] = []

    def send_picture(self, _chat: str, _png: bytes, caption: str, **_more: object) -> None:
        """A picture: it arrives, or does not, or arrives without an answer."""
        if self.answer in ("arrives", "late"):
            self.arrived.append(caption)
        if self.answer != "arrives":
            raise TelegramError(self.answer, 90 if self.answer == "wait" else 0, seconds=90)


class World:
    """A workspace, a place, a clock."""

    def __init__(self, folder: Path, off: str, missed: str) -> None:
        self.store = empty_store(folder)
        Desk(self.store)
        self.now = START
        self.bot = Bot()
        choices = {"digest_off": off, "digest_missed": missed}
        settings.change(self.store, choices, person=None, now=START)
        digest.add_target(self.store, "telegram", "Sales", "42", person=None, now=START)
        with self.store.read() as r:
            [self.target] = digest.targets(r)
            self.is_off = digest.days_off(r)
        bot = cast("Telegram", self.bot)
        self.sender = Sender(lambda run: run(self.store), lambda: self.now, lambda: bot)

    def owed(self) -> list[Owed]:
        with self.store.read() as r:
            return digest_sending.owed(r, now=self.now, since=START)

    def send(self, part: Part, target: Target) -> None:
        text = ((digest_text.Span(f"{part.kind} {part.day}"),),)
        digest_sending.send(self.sender, Digest(part, text), b"", target)

    def play(self, owed: list[Owed]) -> None:
        """What a program does with what is owed."""
        for each in owed:
            for target in each.targets:
                if each.skips:
                    digest_sending.skip(self.store, each.part, target.id, now=self.now)
                else:
                    self.send(each.part, target)


@given(steps=STEPS, off=st.sampled_from(["none", "weekends"]),
       missed=st.sampled_from(["latest", "skip"]))  # fmt: skip
def test_never_twice_never_in_a_burst(
    steps: list[tuple[int, str, bool]], off: str, missed: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    world = World(tmp_path_factory.mktemp("law"), off, missed)
    zone = world.store.zone
    newest: dict[str, int] = {}
    stale: list[Owed] = []
    for hours, answer, beside in steps:
        world.now += hours * HOUR
        world.bot.answer = answer
        owed, before = world.owed(), len(world.bot.arrived)
        assert len({each.part.kind for each in owed}) == len(owed)
        for each in owed:
            assert not world.is_off(each.part.day)
            due = digest_days.at(zone, each.part.day, 540)
            assert START <= due <= world.now
            assert each.part.day > zone.day_of(world.now) - digest_days.LATE_DAYS
            assert not (each.skips and missed == "latest")
        world.play(owed)
        arrived = [said.split() for said in world.bot.arrived[before:]]
        assert len(arrived) <= len(owed) <= 3
        for kind, day in arrived:
            assert newest.get(kind, 0) < int(day)
            newest[kind] = int(day)
        if beside:  # another program had looked before this one sent, and comes second
            world.bot.answer = "arrives"
            again = [each for each in owed if _went_out(world, each)]
            before = len(world.bot.arrived)
            world.play([*stale, *again] if _all_out(world, stale) else again)
            assert len(world.bot.arrived) == before
        stale = owed
    assert all(n == 1 for n in Counter(world.bot.arrived).values())
    world.store.close()


def _went_out(world: World, owed: Owed) -> bool:
    """Whether it is known to have gone out, or may have."""
    with world.store.read() as r:
        known: dict[Any, str] = {
            (each.kind, each.day): each.outcome.state
            for each in digest_sending.records(r, days=[owed.part.day])
        }
    return known.get((owed.part.kind, owed.part.day)) in ("sent", "unknown", "skipped")


def _all_out(world: World, owed: list[Owed]) -> bool:
    return all(_went_out(world, each) for each in owed)


@given(day=st.integers(0, 40), off=st.sampled_from(["none", "weekends"]))
def test_a_computer_that_is_always_there_sends_every_day_once(
    day: int, off: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(tmp_path_factory.mktemp("law"), off, "latest")
    zone = world.store.zone
    first = zone.day_of(START) + 1 + day
    days = range(first, first + 8)
    for on in days:
        for minute in (539, 540, 541, 1200):
            world.now = digest_days.at(zone, on, minute)
            world.play(world.owed())
    expected = [
        f"{part.kind} {part.day}" for on in days for part in digest_days.parts_on(on, world.is_off)
    ]
    sent = [said for said in world.bot.arrived if int(said.split()[1]) >= first]
    assert sorted(sent) == sorted(expected)
    world.store.close()
