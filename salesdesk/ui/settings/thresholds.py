"""From where on a number is coloured, a task waits too long, and postponing is a habit."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from salesdesk.services import settings
from salesdesk.text import tr
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.kinds import NumberKind
from salesdesk.ui.widgets.labels import Card, label

COLOURS = (settings.LEVEL_FULL, settings.LEVEL_HALF)
DESK = (settings.WAITS_DAYS, settings.HABIT_TIMES)
_KINDS = {
    settings.LEVEL_FULL.name: NumberKind(1, 1000, 0, True, "%"),
    settings.LEVEL_HALF.name: NumberKind(1, 1000, 0, True, "%"),
    settings.WAITS_DAYS.name: NumberKind(1, 365, 0, True),
    settings.HABIT_TIMES.name: NumberKind(1, 99, 0, True),
    settings.LARGE_DEAL.name: NumberKind(1, 100, 0, True, "%"),
}
_LABEL = 330


class Thresholds(Card):
    """Whole numbers of the settings, each with its words; what is wrong stands below."""

    def __init__(
        self, section: Section, title: str, hint: str, specs: Sequence[settings.Spec[int]],
        said: str,
    ) -> None:  # fmt: skip
        super().__init__(title)
        self._section, self._said = section, said
        self.fields: dict[str, Entry] = {}
        self.body.addWidget(label(hint, "muted", wrap=True))
        self.wrong = label("", "problem", wrap=True)
        self.wrong.hide()
        for spec in specs:
            field = Entry(_KINDS[spec.name], f"settings-{spec.name}", tr(spec.title), 84, "inline")
            field.setToolTip(tr(spec.description))
            field.committed.connect(lambda value, name=spec.name: self._on_set(name, value))
            field.problem.connect(self._show_problem)
            self.fields[spec.name] = field
            words = label(tr(spec.title), "muted")
            words.setFixedWidth(_LABEL)
            self.body.addWidget(inline(words, field, 1))
        self.body.addWidget(self.wrong)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Show the settings by name."""
        for name, field in self.fields.items():
            field.set_value(Decimal(values[name]))

    def _show_problem(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def _on_set(self, name: str, value: Decimal) -> None:
        self._section.do(settings.change, {name: int(value)}, say=self._said,
                         cell=self.fields[name])  # fmt: skip


def read(r: Any) -> tuple[tuple[str, int], ...]:
    """All of these settings, by name."""
    return tuple((spec.name, settings.get(r, spec)) for spec in (*COLOURS, *DESK))
