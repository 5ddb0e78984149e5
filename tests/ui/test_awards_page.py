"""The page of awards in a real window: what waits, changing it, the hall, certificates; and the
ranking's header."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from salesdesk.services import awards
from salesdesk.services.writer import Writer
from salesdesk.text import set_language
from salesdesk.ui import saving, theme
from salesdesk.ui.awards import certificate
from salesdesk.ui.awards.page import AwardsPage
from salesdesk.ui.context import Context, Note
from salesdesk.ui.pages import specs
from salesdesk.ui.ranking.panel import RankingPage
from salesdesk.ui.remember import Remember
from tests.services.test_awards import Q3, Office
from tests.ui.settling import window_on

pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


class Opened:
    """A window on the office; the administrator sits here."""

    def __init__(self, qtbot: QtBot, office: Office, folder: Path) -> None:
        self.qtbot, self.office = qtbot, office
        store = office.store
        self.context = Context(store, Writer(store), lambda: office.now,
                               Remember(folder / "window.ini"))  # fmt: skip
        self.said: list[Note] = []
        self.context.said.connect(self.said.append)
        self.context.set_person(office.boss, "Boss", "admin")
        wanted = ("ranking", "awards")
        self.window = window_on(qtbot, self.context, [one for one in specs() if one.key in wanted])

    def settle(self) -> None:
        """Until nothing is read or written any more."""
        for _ in range(3):
            QTest.qWait(70)
            self.qtbot.waitUntil(lambda: not self.context.writer.busy())
            self.qtbot.waitUntil(lambda: self.context.background.pending() == 0)

    def page(self) -> AwardsPage:
        """The page, shown."""
        self.window.open_page("awards")
        self.settle()
        page = self.window.page("awards")
        assert isinstance(page, AwardsPage)
        return page

    def close(self) -> None:
        self.window.close()
        self.context.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    for person, times in ((made.maria, 3), (made.ivan, 2), (made.daria, 1)):
        for _ in range(times):
            made.win(person)
    yield made
    made.store.close()


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, office: Office, tmp_path: Path) -> Iterator[Opened]:
    theme.install(qapp, "light")
    made = Opened(qtbot, office, tmp_path)
    yield made
    made.close()
    qapp.setStyleSheet("")


def test_what_is_proposed_is_confirmed_and_undone(opened: Opened) -> None:
    page = opened.page()
    card = page.proposal
    assert card.isVisible()
    assert card.title.accessibleName() == "Q3 2026: who is awarded?"
    shown = [place for place in card._places if place.isVisible()]
    assert [place.who.text().strip() for place in shown] == ["Maria", "Ivan", "Daria"]
    assert [place.about.text() for place in shown] == [
        "105.3 points", "70.2 points", "35.1 points",
    ]  # fmt: skip
    assert not card.reason.isVisible()
    QTest.mouseClick(card.confirm, Qt.MouseButton.LeftButton)
    opened.qtbot.waitUntil(lambda: not card.isVisible())
    assert page.hall.spoken(page.hall.items[0]) == (
        "Q3 2026. First place: Maria, 105.3 points; Second place: Ivan, 70.2 points; "
        "Third place: Daria, 35.1 points. Confirmed on 5\u00a0Oct\u00a02026 by Boss"
    )
    assert opened.said[-1].text == "The awards of Q3 2026 are confirmed"
    opened.context.undo()
    opened.qtbot.waitUntil(card.isVisible)
    assert page.hall.items == []


def test_another_order_asks_for_the_reason(opened: Opened) -> None:
    card = opened.page().proposal
    first, second, third = card._places
    first.who._on_picked(opened.office.ivan)
    assert not card.confirm.isEnabled(), "Ivan would have two places"
    second.who._on_picked(opened.office.maria)
    assert card.reason.isVisible()
    assert not card.confirm.isEnabled()
    QTest.keyClicks(card.reason, "Helped the others")
    assert card.confirm.isEnabled()
    third.who._on_picked(0)
    QTest.keyClick(card.reason, Qt.Key.Key_Return)
    opened.settle()
    [quarter] = opened.office.hall()
    assert [(one.place, one.person, one.reason) for one in quarter.winners] == [
        (1, "Ivan", "Helped the others"), (2, "Maria", "Helped the others"),
    ]  # fmt: skip


def test_as_the_ranking_says_again(opened: Opened) -> None:
    card = opened.page().proposal
    card._places[0].who._on_picked(0)
    assert card.places() == [(1, opened.office.ivan), (2, opened.office.daria)]
    QTest.mouseClick(card.reset, Qt.MouseButton.LeftButton)
    assert not card.differs()
    assert card.confirm.isEnabled()


def test_who_may_not_is_not_offered_it(opened: Opened) -> None:
    office = opened.office
    office.win(office.anna)
    opened.context.set_person(office.maria, "Maria", "manager")
    page = opened.page()
    assert not page.proposal.isVisible()
    assert page.empty.isVisible()
    for _ in range(3):
        office.win(office.anna)
    opened.context.set_person(office.anna, "Anna", "team_lead")
    opened.settle()
    page.reading.refresh()
    opened.settle()
    assert page.proposal.isVisible()
    assert not page.proposal.confirm.isEnabled()
    assert "You are among them" in page.proposal.note.text()


def test_the_hall_offers_certificates_and_taking_back(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.office.confirm()
    page = opened.page()
    path = tmp_path / "all.pdf"
    monkeypatch.setattr(saving, "ask_path", lambda *_args, **_more: path)
    page._offer(page.hall.items[0])
    menu = page.findChild(QMenu, "awards-menu")
    assert menu is not None
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [
        "Certificate of Maria…", "Certificate of Ivan…", "Certificate of Daria…",
        "All certificates as one PDF…", "Take back…",
    ]  # fmt: skip
    menu.actions()[3].trigger()
    assert path.read_bytes().startswith(b"%PDF")
    menu.actions()[-1].trigger()
    opened.settle()
    assert opened.office.hall() == []
    menu.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_certificate_has_nothing_cut_off(
    qapp: QApplication, office: Office, language: str
) -> None:
    office.desk.update("person", office.maria, name="Maria-Magdalena " * 6)
    office.confirm()
    set_language(language)
    try:
        [quarter] = office.hall()
        image = QImage(990, 700, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFF)
        painter = QPainter(image)
        painter.scale(990 / 2970, 700 / 2100)
        certificate.paint(painter, quarter, quarter.winners[0], office.store.zone, "")
        painter.end()
    finally:
        set_language("en")
    inked = [
        x for x in range(60, 930) for y in range(330, 410, 2)
        if image.pixelColor(x, y).lightness() < 120
    ]  # fmt: skip
    assert inked
    assert min(inked) > 75
    assert max(inked) < 915


def test_the_rankings_header_leads_there_and_reminds(opened: Opened) -> None:
    opened.window.open_page("ranking")
    opened.settle()
    page: Any = opened.window.page("ranking")
    assert isinstance(page, RankingPage)
    assert page.award.isVisible()
    assert page.award.text() == "Awards of Q3 2026"
    QTest.mouseClick(page.award, Qt.MouseButton.LeftButton)
    opened.settle()
    assert isinstance(opened.window.page("awards"), AwardsPage)
    assert opened.page().isVisible()
    awards.confirm(opened.office.store, Q3, person=opened.office.boss, now=opened.office.now)
    opened.window.open_page("ranking")
    page.refresh()
    opened.settle()
    assert not page.award.isVisible()
