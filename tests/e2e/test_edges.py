"""Addresses that nobody would type, forms closed too early, what changes while it is looked at."""

import pytest

from salesdesk.services.reminders import Reminder
from salesdesk.ui import theme
from salesdesk.ui.reminders import Reminders
from salesdesk.ui.tasks.panel import TasksPage
from salesdesk.ui.widgets.pin import PinPopover
from salesdesk.ui.widgets.popup import show_under
from tests.e2e.desk import KEY, Desk
from tests.services.configured import hire

_HUGE = "9" * 24
_FAR = (
    f"history?command={_HUGE}&who={_HUGE}", f"tasks?people={_HUGE}", f"control?person={_HUGE}",
    f"control?list=standing&of={_HUGE}", "tasks?view=week&week=0001-01-01",
    "tasks?view=week&week=9999-12-31",
)  # fmt: skip


def test_an_address_that_leads_nowhere_is_no_accident(desk: Desk) -> None:
    for address in _FAR:
        desk.context.go_to(address)
        desk.settle()
        if "week" in address:
            desk.key(KEY.Key_BracketRight, KEY.Key_BracketLeft, KEY.Key_BracketLeft)
            desk.settle()
        assert desk.error() == ("", ""), address


def test_a_form_may_be_closed_before_what_it_gave_is_kept(desk: Desk) -> None:
    form = PinPopover(desk.context)
    show_under(form, desk.window.rail.who)
    form.first.setText("1234")
    form.again.setText("1234")
    form.keep.click()
    form.close()
    desk.settle()
    assert desk.error() == ("", "")
    assert desk.toast() == "Your PIN is kept"


@pytest.mark.usefixtures("russian")
def test_a_reminder_follows_language_and_theme(desk: Desk) -> None:
    reminders = Reminders(desk.context, desk.window)
    desk.settle()
    strip = reminders.strip
    reminders._tell(Reminder(away=True, missed=2, overdue=3, today=1))
    assert strip.show_button.text() == "Show"
    shadow = strip._shadow
    before = shadow.grab().toImage()
    desk.context.set_language("ru")
    theme.set_mode("dark")
    desk.settle()
    assert strip.show_button.text() != "Show"
    assert shadow.grab().toImage() != before


def test_who_is_new_can_be_chosen_on_the_page_of_tasks(desk: Desk) -> None:
    desk.window.open_page("tasks")
    page = desk.window.page("tasks")
    assert isinstance(page, TasksPage)
    hire(desk.store, "Gleb Novikov", "manager")
    desk.qtbot.waitUntil(lambda: "Gleb Novikov" in [each.text for each in page.people._options])
