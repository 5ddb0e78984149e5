"""Which results of the ranking are published, and where: the card in the settings of the sync."""

import pytest
from PySide6.QtWidgets import QWidget

from salesdesk.services.sync import deciding, desk, publish
from salesdesk.services.sync.maps import connection
from tests.ui.sync_desk import Opened, a_keyring, found, opened

__all__ = ["a_keyring", "found", "opened"]
pytestmark = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
RESULT = "settings-sync-result"


def of_kind(opened: Opened, kind: str) -> None:
    """The settings of a connection to another CRM."""
    with opened.seat.store.books() as books:
        books.update("sync_remote", [{"id": 1, "kind": kind}])
    opened.window.open_page("settings", "sync")
    opened.settle()


def shown_again(opened: Opened) -> None:
    opened.window.open_page("board")
    opened.settle()
    opened.window.open_page("settings", "sync")
    opened.settle()


def chosen(opened: Opened) -> publish.Chosen:
    with opened.seat.store.read() as r:
        choices = desk.choices(r)
    assert choices is not None
    return choices.results


def in_view(opened: Opened, name: str) -> None:
    """As far down as a person would scroll."""
    widget: QWidget = opened.child(name)
    parent = widget.parentWidget()
    while parent is not None and not hasattr(parent, "ensureWidgetVisible"):
        parent = parent.parentWidget()
    assert parent is not None
    parent.ensureWidgetVisible(widget)


def test_which_results_and_where_are_chosen_and_remembered(opened: Opened) -> None:
    of_kind(opened, "bitrix24")
    in_view(opened, "settings-sync-results-to")
    assert all(opened.child(f"{RESULT}-{key}").isChecked() for key in ("points", "rank", "at"))
    opened.press(f"{RESULT}-band")
    opened.press(f"{RESULT}-at")
    opened.press("settings-sync-results-to-person")
    assert (chosen(opened).results, chosen(opened).to) == (("points", "rank"), "person")
    shown_again(opened)
    assert opened.child(f"{RESULT}-points").isChecked()
    assert not opened.child(f"{RESULT}-band").isChecked()
    assert opened.child("settings-sync-results-to").value() == "person"
    deciding.set_results_to(opened.seat.store, "deal", **opened.seat.by())
    opened.context.sync_told.emit()
    opened.settle()
    assert opened.child("settings-sync-results-to").value() == "deal"
    assert not opened.problems


def test_the_last_result_stays(opened: Opened) -> None:
    of_kind(opened, "bitrix24")
    in_view(opened, "settings-sync-results-to")
    for key in ("points", "band", "at"):
        opened.press(f"{RESULT}-{key}")
    last = opened.child(f"{RESULT}-rank")
    assert not last.isEnabled()
    assert last.toolTip() == "At least one of them is published."
    opened.press(f"{RESULT}-band")
    assert last.isEnabled()
    assert chosen(opened).results == ("rank", "band")


def test_amocrm_offers_deals_alone_and_says_why(opened: Opened) -> None:
    of_kind(opened, "amocrm")
    assert not opened.child("settings-sync-results-to").isVisible()
    said = opened.child("settings-sync-no-people")
    assert said.text() == "amoCRM has no fields of people: results go to its deals."
    assert not said.isHidden()


def test_what_the_crm_refused_is_told(opened: Opened) -> None:
    of_kind(opened, "bitrix24")
    refused = opened.child("settings-sync-results-refused")
    assert refused.isHidden()
    with opened.seat.store.read() as r:
        there = connection(r)
    assert there is not None
    no = {"day": 1, "failure": "permission", "detail": "user.userfield"}
    publish._set(opened.seat.store, there.id, {"results_refused": no})
    opened.context.sync_told.emit()
    opened.settle()
    assert not refused.isHidden()
    assert refused.text().endswith("The key lacks a right in the CRM: user.userfield")
    in_view(opened, "settings-sync-results-to")
    opened.press("settings-sync-results-to-person")
    assert refused.isHidden()


def test_what_was_refused_is_tried_again_when_somebody_granted_it(opened: Opened) -> None:
    deciding.set_publishing(opened.seat.store, True, **opened.seat.by())
    of_kind(opened, "bitrix24")
    last, again = opened.child("settings-sync-results-last"), "settings-sync-results-again"
    assert last.text() == "Not published yet: it goes with the next sync."
    assert opened.child(again).isHidden()
    no = {"day": 1, "failure": "permission", "detail": "user.userfield"}
    publish._set(opened.seat.store, 1, {"results_refused": no, "published": 1})
    opened.context.sync_told.emit()
    opened.settle()
    assert last.isHidden()
    in_view(opened, again)
    opened.press(again)
    assert chosen(opened).refused is None
    assert opened.child(again).isHidden()
    assert not last.isHidden()


def test_when_it_was_last_published_is_told(opened: Opened) -> None:
    one = opened.seat
    one.deal()
    one.deal("Loader")
    deciding.set_publishing(one.store, True, **one.by())
    one.rounds(1)
    with one.store.read() as r:
        there = connection(r)
    assert there is not None
    publish.run(one.store, there, one.remote, one.clock)
    of_kind(opened, "bitrix24")
    said = opened.child("settings-sync-results-last").text()
    assert said.startswith("Last published: ")
    assert said.endswith("; changed and sent: 2.")
    assert chosen(opened).last is not None
