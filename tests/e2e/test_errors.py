"""What goes wrong is said in a sentence, shown where it happened, and nothing is lost."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from salesdesk.services import pipelines
from salesdesk.ui.requirements import RequirementsForm
from tests.e2e.desk import CTRL, HELD, KEY, NEW, SET, SIGNED, Desk
from tests.e2e.test_mouse import place_in

Writes = Callable[[str], None]


def require(desk: Desk, stage: str, *fields: str) -> None:
    """From now on a stage asks for these fields."""
    with desk.store.read() as r:
        wanted = pipelines.find_stage(r, None, stage).id
    pipelines.change_stage(
        desk.store, wanted, {"required": list(fields)}, person=None, now=desk.clock()
    )
    desk.settle()


def asked_for(desk: Desk) -> RequirementsForm:
    """The form that asks for what a stage wants."""
    [form] = desk.board.findChildren(RequirementsForm)
    return form


def test_a_refused_move_puts_the_card_back_and_says_why(desk: Desk) -> None:
    require(desk, SIGNED, "amount", "expected_close")
    desk.context.set_person(desk.context.person_id, desk.context.person_name, "manager")
    before = desk.titles(NEW)
    desk.drag(desk.card("Loader overhaul"), place_in(desk, SIGNED))
    desk.settle()
    assert desk.titles(NEW) == before
    assert "Loader overhaul" not in desk.titles(SIGNED)
    assert desk.lane(SIGNED).model.column.count == len(desk.stored(SIGNED))
    asked_for(desk).close()
    sentence = desk.toast()
    assert "Amount" in sentence
    assert "\n" not in sentence
    assert not desk.context.can_undo()
    # another stage takes the card
    desk.drag(desk.card("Loader overhaul"), place_in(desk, HELD))
    desk.settle()
    assert "Loader overhaul" in desk.stored(HELD)
    assert desk.error() == ("", "")


def test_one_refused_card_keeps_all_of_them(desk: Desk) -> None:
    require(desk, SIGNED, "amount")
    desk.context.set_person(desk.context.person_id, desk.context.person_name, "manager")
    before = desk.titles(NEW)
    desk.board.view.select([desk.deal(title) for title in before])
    desk.drag(desk.card(before[0]), place_in(desk, SIGNED))
    desk.settle()
    assert set(desk.titles(NEW)) == set(before) == desk.stored(NEW)
    form = asked_for(desk)
    assert len(form.parts) == 1
    form.close()
    assert "was not moved" in desk.toast()


def test_a_wrong_amount_is_said_beside_the_field(desk: Desk) -> None:
    desk.board.show_deal(desk.deal("Crane transport"))
    desk.settle()
    desk.board.focus_board()
    desk.tab_to("deal-amount")
    desk.key(KEY.Key_Return)
    desk.type("a lot")
    desk.key(KEY.Key_Return)
    desk.settle()
    assert desk.focus() == "deal-amount-editor"
    assert desk.panel.amount._problem.isVisible()
    desk.key(KEY.Key_Escape)
    assert desk.amount("Crane transport") == 1_240_000
    assert desk.panel_is_open()


# -- the file cannot be written -------------------------------------------------------------------


@pytest.fixture
def writes(desk: Desk) -> Iterator[Writes]:
    """Ends the writing of the file: ``full`` no page more, ``locked`` read only; ``room`` and
    ``well`` are the ways back."""
    pragma = {
        "full": "PRAGMA max_page_count = 1", "room": "PRAGMA max_page_count = 1000000",
        "locked": "PRAGMA query_only = 1", "well": "PRAGMA query_only = 0",
    }  # fmt: skip

    def make(how: str) -> None:
        desk.context.writer.submit(lambda store: store.connection.execute(pragma[how]).fetchall())
        desk.settle()

    yield make
    make("well")


def test_a_workspace_that_may_only_be_read(desk: Desk, writes: Writes) -> None:
    before = desk.titles(NEW)
    writes("locked")
    desk.drag(desk.card("Crane transport"), place_in(desk, SET))
    desk.settle()
    assert desk.error() == (
        "No permission to write", "The workspace may only be read here; nothing was changed.",
    )  # fmt: skip
    assert desk.titles(NEW) == before
    assert desk.board.view.isEnabled()
    writes("well")
    desk.drag(desk.card("Crane transport"), place_in(desk, SET))
    desk.settle()
    assert "Crane transport" in desk.stored(SET)


def test_a_full_disk(desk: Desk, writes: Writes) -> None:
    title = desk.titles(SET)[0]
    desk.board.view.select([desk.deal(title)])
    writes("full")
    for pressed in range(300):
        desk.key(KEY.Key_Left if pressed % 2 else KEY.Key_Right, held=CTRL)
        desk.settle()
        if desk.error()[0]:
            break
    assert desk.error() == (
        "The disk is full",
        "There is no room to write; nothing was changed. Free some space and try again.",
    )
    for name in (SET, HELD):
        assert set(desk.titles(name)) == desk.stored(name)
    writes("room")
    desk.drag(desk.card("Crane transport"), place_in(desk, SIGNED))
    desk.settle()
    assert "Crane transport" in desk.stored(SIGNED)


# -- what nobody foresaw --------------------------------------------------------------------------


def test_an_unexpected_error_in_a_slot_shows_the_bar_with_details(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "__excepthook__", lambda kind, *_: printed.append(kind))

    def break_down() -> None:
        raise RuntimeError("the wheel came off")

    QTimer.singleShot(0, desk.window, break_down)
    desk.until(lambda: desk.error()[0] == "Something went wrong")
    assert "wheel" not in desk.error()[1]
    assert printed == [RuntimeError]
    bar = desk.window.floats.errors
    desk.click(bar.copy_button)
    copied = QGuiApplication.clipboard().text()
    assert "RuntimeError: the wheel came off" in copied
    assert "break_down" in copied
    desk.click(bar.close_button)
    assert desk.error() == ("", "")
    desk.drag(desk.card("Crane transport"), place_in(desk, SET))
    desk.settle()
    assert "Crane transport" in desk.stored(SET)


def test_an_unexpected_error_of_a_verb_puts_the_card_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.titles(NEW)

    def break_down(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("salesdesk.services.deals.move_one", break_down)
    desk.drag(desk.card(before[0]), place_in(desk, HELD))
    desk.settle()
    assert desk.error()[0] == "Something went wrong"
    assert desk.titles(NEW) == before
