"""What colleagues did, as people read it: in a deal's history, on the history page, in clashes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from salesdesk.services import deals
from salesdesk.services.sync import deciding
from salesdesk.ui.deal.history import HistoryView
from salesdesk.ui.history.detail import unfold
from tests.ui.sync_desk import Opened, a_keyring, found, opened

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


def told(opened: Opened, deal: int) -> list[str]:
    """The small lines of a deal's history in its panel, without the moments."""
    opened.window.open_page("board", deal)
    opened.settle()
    QTest.qWait(100)
    view = opened.child("deal-history")
    assert isinstance(view, HistoryView)
    return [one.below.partition(" · ")[2] for one in view.entries()]


def test_a_move_of_the_crm_says_that_its_author_is_not_known(opened: Opened) -> None:
    one = opened.seat
    deal = one.deal()
    one.round()
    one.clock.at += 60_000_000
    one.remote.portal.edit("deal", one.far(deal).far_id, {"stage": "S:MEET"}, "2")
    one.round()
    assert told(opened, deal) == ["sync · author not known", ""]


def test_a_deal_of_the_crm_is_told_once(opened: Opened) -> None:
    """Not with what was assumed of it until its history was read."""
    one = opened.seat
    one.remote.portal.add("deal", {"title": "Far", "pipeline": "P", "stage": "S:NEW"}, by="2")
    one.clock.at += 60_000_000
    one.round()
    deal = one.value("SELECT id FROM deal")
    assert one.value("SELECT count(*) FROM stage_move WHERE superseded = 1") == 1
    opened.window.open_page("board", deal)
    opened.settle()
    QTest.qWait(100)
    entries = opened.child("deal-history").entries()
    assert [(one.text, one.strong) for one in entries] == [
        ("Taken over from the CRM", ""), ("Created in", "New"),
    ]  # fmt: skip


def test_what_came_from_the_crm_is_not_offered_to_be_taken_back(opened: Opened) -> None:
    one = opened.seat
    deal = one.deal()
    one.round()
    one.remote.portal.edit("deal", one.far(deal).far_id, {"stage": "S:MEET"}, "2")
    one.round()
    came = one.value("SELECT max(id) FROM command WHERE origin = 'sync'")
    with one.store.read() as r:
        shown = unfold(r, came, None)
    assert shown is not None
    assert shown.refusal.startswith("What came from the CRM is not taken back here")


def test_the_page_tells_what_a_rule_decided(opened: Opened) -> None:
    one = opened.seat
    deciding.set_rule(one.store, "deal", "title", "theirs", person=None, now=one.clock.at)
    deal = one.deal("Crane")
    one.round()
    deals.change(one.store, deal, {"title": "Crane here"}, **one.by())
    one.clock.at += 5_000_000
    one.remote.portal.edit("deal", one.far(deal).far_id, {"title": "Crane there"}, "2")
    one.round()
    card = opened.page().panel.ruled
    assert card.isVisible()
    [line] = card.list.items
    assert (line.text, line.below) == (
        "Crane there · Title", "Memory holds: Crane there · here it was: Crane here",
    )  # fmt: skip
    card.list.setFocus()
    card.list.setCurrentIndex(card.list.model().index(0, 0))
    QTest.keyClick(card.list, Qt.Key.Key_Return)
    opened.settle()
    assert opened.window.open_key == "board"
