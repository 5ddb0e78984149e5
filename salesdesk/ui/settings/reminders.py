"""Reminders of tasks on this computer: whether there are any, and how early they come."""

from typing import Any

from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label

#: How many minutes before a task is due.
_EARLY = (0, 5, 15, 30, 60)
ON, EARLY = "reminders/on", "reminders/early"


class RemindersSection(Section):
    """Everybody chooses for the own computer; nothing here is part of the workspace."""

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(context, title, tr("These choices hold on this computer only."))
        remember = context.remember
        card = Card()
        self.on = ChipRow(
            [("true", tr("Remind me")), ("false", tr("Do not remind me"))], "settings-reminders",
            tr("Reminders"),
        )  # fmt: skip
        self.on.set_value("true" if remember.flag(ON, True) else "false")
        self.on.chosen.connect(self._on_on)
        texts = [(str(n), tr("{n} min before", n=n) if n else tr("When it is due")) for n in _EARLY]
        self.early = ChipRow(texts, "settings-reminders-early", tr("How early"))
        self.early.set_value(str(remember.number(EARLY, 0)))
        self.early.setEnabled(remember.flag(ON, True))
        self.early.chosen.connect(lambda key: context.remember.set(EARLY, int(key)))
        for text, chips in ((tr("Tasks"), self.on), (tr("How early"), self.early)):
            name = label(text, "muted")
            name.setFixedWidth(120)
            card.body.addWidget(inline(name, chips, 1))
        about = label(
            tr("Reminders come in the window, and beside the clock when it is in the background. "
               "After days away there is one that sums up."), "muted", wrap=True,
        )  # fmt: skip
        card.body.addWidget(about)
        self.inside.addWidget(card)

    def _on_on(self, value: str) -> None:
        self.context.remember.set(ON, value == "true")
        self.early.setEnabled(value == "true")

    def question(self, r: Any) -> Any:
        return None

    def fill(self, found: Any) -> None:
        self.on.set_value("true" if self.context.remember.flag(ON, True) else "false")

    def allowed(self, r: Any) -> bool:
        return True
