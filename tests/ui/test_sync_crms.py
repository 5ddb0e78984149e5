"""Both CRMs over loopback HTTP in a real window: connecting, the first pull tried and then done, a
conflict that somebody decides, leads, an address that has moved."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from salesdesk.services import deals
from salesdesk.services.sync import catalog
from tests.emulators import amocrm, bitrix24, faults
from tests.sync.memory_remote import Portal as MemoryPortal
from tests.sync.seats import SECOND, START, Clock, seat
from tests.ui.sync_desk import Opened, a_keyring, alone

__all__ = ["a_keyring"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
WAIT = 15_000


class Passing(Clock):
    """Time that passes by itself."""

    def __init__(self) -> None:
        self._off = START - time.monotonic_ns() // 1000

    @property
    def at(self) -> int:
        return self._off + time.monotonic_ns() // 1000

    @at.setter
    def at(self, value: int) -> None:
        self._off += value - self.at


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """A window on a workspace that knows no CRM yet, and remotes as they are in use."""
    clock = Passing()
    found = seat(tmp_path, MemoryPortal(clock.now), clock)
    alone(found)
    made = Opened(qtbot, found, tmp_path, catalog)
    yield made
    made.close()
    found.store.close()


@pytest.fixture
def portal(opened: Opened) -> Iterator[bitrix24.Portal]:
    clock = opened.seat.clock
    with bitrix24.running(bitrix24.Portal(lambda: clock.at / SECOND)) as served:
        yield served


@pytest.fixture
def account(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Iterator[amocrm.Account]:
    clock = opened.seat.clock
    for name, value in (("RATE", 500.0), ("BURST", 500.0), ("WINDOW", 0)):
        monkeypatch.setattr(f"salesdesk.services.sync.amocrm.{name}", value)
    with amocrm.running(amocrm.Account(lambda: clock.at / SECOND)) as served:
        yield served


def until(opened: Opened, ready: Callable[[], Any]) -> None:
    opened.qtbot.waitUntil(lambda: bool(ready()), timeout=WAIT)


def test_bitrix24(opened: Opened, portal: bitrix24.Portal) -> None:
    firm = portal.add("company", title="Zavod")
    far = [portal.add("deal", title=f"Far {n}", companyId=firm, opportunity=100 * n)
           for n in range(3)]  # fmt: skip
    portal.add("deal", title="Elsewhere", categoryId=3)
    portal.add("lead", title="A request")

    def edit(name: str) -> None:
        portal.edit("deal", far[1], title=name)

    _from_nothing_to_a_decision(opened, lambda: _webhook(opened, portal), edit, leads=True)
    titles = {portal.items["deal"][key]["title"] for key in far}
    assert titles == {"Far 0", "Far 1, here", "Far 2"}
    assert opened.seat.value(
        "SELECT p.name FROM deal d JOIN pipeline p ON p.id = d.pipeline_id "
        "WHERE d.title = 'A request'"
    ) == "Leads"  # fmt: skip
    _converted(opened, portal)


def _converted(opened: Opened, portal: bitrix24.Portal) -> None:
    """A lead that became a deal there ended well, and is no success: that deal may be one."""
    found = opened.seat
    found.clock.at += 5 * SECOND
    [lead] = portal.items["lead"]
    portal.edit("lead", lead, stageId="CONVERTED", assignedById=7)
    rounds = opened.rounds()
    opened.press("sync-now")
    until(opened, lambda: opened.rounds() > rounds and not opened.desk.state.running)
    stands = "SELECT {} FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.title = 'A request'"
    assert found.value(stands.format("s.kind")) == "won"
    assert found.value(stands.format("s.milestone")) is None
    points = "SELECT points FROM stage_points p WHERE p.stage_id = s.id"
    assert not found.value(stands.format(f"({points})"))


def test_amocrm(opened: Opened, account: amocrm.Account) -> None:
    account.add("companies", name="Zavod")
    far = [account.add("leads", name=f"Far {n}", price=100 * n) for n in range(3)]

    def edit(name: str) -> None:
        account.edit("leads", far[1], name=name)

    _from_nothing_to_a_decision(opened, lambda: _token(opened, account), edit, leads=False)
    assert account.rows["leads"][far[1]]["name"] == "Far 1, here"


def _webhook(opened: Opened, portal: bitrix24.Portal) -> None:
    opened.press("sync-leads")
    QTest.keyClicks(opened.child("sync-secret"), portal.webhook)


def _token(opened: Opened, account: amocrm.Account) -> None:
    opened.child("sync-kind-amocrm").click()
    QTest.keyClicks(opened.child("sync-base"), account.url)
    QTest.keyClicks(opened.child("sync-secret"), account.token)


def _answered(opened: Opened, fill: Callable[[], None]) -> None:
    """To the third step."""
    opened.page()
    opened.press("sync-nothing-action")
    until(opened, lambda: "keyring" in opened.page().wizard.kept.text())  # type: ignore[union-attr]
    fill()
    opened.press("sync-next")
    until(opened, lambda: opened.child("sync-account").text().endswith("answers"))
    if opened.child("sync-fields").isVisible():
        opened.press("sync-fields")
    opened.press("sync-next")


def _from_nothing_to_a_decision(
    opened: Opened, fill: Callable[[], None], edit: Callable[[str], None], *, leads: bool
) -> None:
    found = opened.seat
    own = found.deal("Crane")
    _answered(opened, fill)
    opened.press("sync-try")
    until(opened, lambda: "taken over" in opened.child("sync-tried").text())
    tried = opened.child("sync-tried").text()
    assert f"1 company, {3 + leads} deals" in tried
    assert ("1 deal in a pipeline that is not synced" in tried) == leads
    assert ("stage moves; those of these deals come with them." in tried) == leads
    rest = "notes" if leads else "tasks, notes, stage moves"
    assert tried.endswith(f"does not tell how many there are: {rest}.")
    assert found.value("SELECT count(*) FROM deal") == 1  # nothing was written
    assert found.value("SELECT count(*) FROM sync_remote") == 0
    opened.press("sync-next")
    page = opened.page()
    until(opened, lambda: page.wizard is None)
    until(opened, lambda: opened.rounds() == 1 and not opened.desk.state.running)
    until(opened, lambda: opened.child("sync-said").text().startswith("Synced"))
    assert found.value("SELECT count(*) FROM deal") == 4 + leads
    assert found.value("SELECT far_id FROM sync_link WHERE entity = 'deal' AND local_id = ?", own)
    _decide(opened, edit)
    assert not opened.problems


def _decide(opened: Opened, edit: Callable[[str], None]) -> None:
    """The same title changed on both sides, met by a round, decided for ours."""
    found = opened.seat
    deal = found.value("SELECT id FROM deal WHERE title = 'Far 1'")
    found.clock.at += 5 * SECOND
    edit("Far 1, there")
    deals.change(found.store, deal, {"title": "Far 1, here"}, **found.by())
    opened.press("sync-now")
    until(opened, opened.page().panel.clashes.isVisible)
    until(opened, lambda: not opened.desk.state.running)
    assert found.value("SELECT title FROM deal WHERE id = ?", deal) == "Far 1, here"
    rounds = opened.rounds()
    opened.press("sync-clash-0-ours")
    until(opened, lambda: opened.rounds() > rounds and not opened.desk.state.running)
    until(opened, opened.page().panel.clashes.isHidden)


def test_an_address_that_moved_is_kept(opened: Opened, portal: bitrix24.Portal) -> None:
    """The portal answers the first call with another address: that one is connected to."""
    moved = portal.webhook.replace("127.0.0.1", "localhost")
    portal.faults.then(faults.answers(302, b"", Location=f"{moved}scope"))
    _answered(opened, lambda: _webhook(opened, portal))
    opened.press("sync-next")
    page = opened.page()
    until(opened, lambda: page.wizard is None)
    base = opened.seat.value("SELECT base_url FROM sync_remote")
    assert base == moved.split("/rest/")[0]
