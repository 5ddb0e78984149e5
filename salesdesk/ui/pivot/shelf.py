"""The shelf: rows, columns and measure of a pivot, chosen by buttons; each choice shows at once."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.services import filter_words, pivot_values
from salesdesk.services.pivot import HOW_NAMES
from salesdesk.services.pivot_catalog import ENTITIES, entity
from salesdesk.services.pivot_fields import Dimension, Entity
from salesdesk.services.pivot_spec import CHARTS, HOW, Spec, only_text, spec_of
from salesdesk.text import N_, tr, trp
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.pivot.slots import NOTHING, FieldChoice, Slot
from salesdesk.ui.widgets.buttons import ComboButton, IconButton
from salesdesk.ui.widgets.filter_parts import ActiveFilters, Part
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.popup import Option, Picker, Popover
from salesdesk.ui.widgets.switcher import Switcher

_ONLY: Final = "only."
_NAMES = frozenset(("entity", "rows", "columns", "measure", "date", "chart"))
_TITLES = {
    "deal": N_("Deals"), "child": N_("Child deals"), "task": N_("Tasks"),
    "move": N_("Stage moves"), "quote": N_("Quotes of contractors"),
}  # fmt: skip
_CHART_NAMES = {
    "auto": N_("As it fits"), "columns": N_("Stacked columns"), "groups": N_("Columns"),
    "lines": N_("Lines"), "bars": N_("Bars"), "none": N_("No chart"),
}  # fmt: skip


class Shelf(QFrame):
    """``values()`` are the texts of the pivot (``pivot_spec.spec_of``); ``changed()`` when a person
    chooses something else, ``days_wanted(text)`` when an example is of other days."""

    changed = Signal()
    days_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pivot-shelf")
        self.setProperty("role", "card")
        self._context = context
        self._texts: dict[str, str] = {}
        self._entity: Entity | None = None
        self.counted = Switcher("pivot-entity", look="chip")
        self.row, self.second = FieldChoice("pivot-row"), FieldChoice("pivot-second")
        self.column = FieldChoice("pivot-column")
        self.swap = IconButton("swap", "", "pivot-swap", self.exchange, "quiet")
        self.swap.setFixedHeight(theme.CHIP_HEIGHT)
        self.how = Switcher("pivot-how", look="chip")
        self.number = Switcher("pivot-number", look="chip")
        self.date = Switcher("pivot-date", look="chip")
        self.chart = Switcher("pivot-chart", look="chip")
        self.examples = ComboButton("", "pivot-examples", "chip")
        self.examples.set_opens(self._examples)
        self._slots = {
            "count": Slot("pivot-slot-count", [self.counted]),
            "rows": Slot("pivot-slot-rows", [self.row, self.second]),
            "columns": Slot("pivot-slot-columns", [self.swap, self.column]),
            "measure": Slot("pivot-slot-measure", [self.how, self.number]),
            "date": Slot("pivot-slot-date", [self.date]),
            "chart": Slot("pivot-slot-chart", [self.chart]),
        }
        self._build()
        self.only = ActiveFilters("pivot-only", self.below, self, self._parts)
        self._connect()

    def _build(self) -> None:
        """Above what makes the table; below how it looks and of what alone it is."""
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S + 2, theme.M, theme.S + 2)
        column.setSpacing(theme.S)
        lines = [QWidget(self), QWidget(self)]
        self.flow, self.below = (FlowLayout(each, theme.S) for each in lines)
        for line in lines:
            column.addWidget(line)
        for key, slot in self._slots.items():
            (self.below if key == "chart" else self.flow).addWidget(slot)
        self.below.addWidget(self.examples)

    def _connect(self) -> None:
        self.counted.chosen.connect(self._on_entity)
        for field in (self.row, self.second, self.column):
            field.chosen.connect(lambda field=field: self._on_field(field))
        for switcher in (self.how, self.number, self.date, self.chart):
            switcher.chosen.connect(lambda _value: self._on_chosen())
        self.only.changed.connect(self._on_chosen)
        shortcuts.add(self, "X", N_("Swap rows and columns"), self.exchange, N_("Reports"))

    # -- what is chosen -----------------------------------------------------------------------

    def values(self) -> dict[str, str]:
        """The pivot as texts by name."""
        if not self._texts:
            self.set_values({})
        return dict(self._texts)

    def set_values(self, texts: Mapping[str, str]) -> None:
        """Show this pivot, without telling; the first example where there is none, and where it
        cannot be read, which is said."""
        wanted = {
            key: text
            for key, text in texts.items()
            if text and (key in _NAMES or key.startswith(_ONLY))
        }
        if "entity" not in wanted and "rows" not in wanted:
            wanted = dict(self._context.ask(pivot_values.examples)[0].texts)
        try:
            spec = self._context.ask(spec_of, wanted)
        except SalesDeskError as error:
            self._context.fail(error)
            wanted = dict(self._context.ask(pivot_values.examples)[0].texts)
            spec = self._context.ask(spec_of, wanted)
        self._texts = wanted
        self._show(spec)

    def _show(self, spec: Spec) -> None:
        found = self._entity = spec.entity
        self.counted.set_options([(name, tr(_TITLES[name])) for name in ENTITIES], tr("Count"))
        self.counted.set_value(found.name)
        rows = [axis.text for axis in spec.rows]
        column = spec.columns.text if spec.columns is not None else NOTHING
        second = rows[1] if len(rows) > 1 else NOTHING
        fields = list(found.dimensions.values())
        self.row.offer(fields, tr("Rows"), rows[0])
        self.second.offer(fields, tr("Rows, second field"), second, trp("pivot", "+ field"))
        self.column.offer(fields, tr("Columns"), column, trp("pivot", "None"))
        self.swap.setEnabled(spec.columns is not None or len(rows) > 1)
        self._show_measure(spec)
        dates = [one for one in fields if one.kind in ("moment", "day")]
        self.date.set_options([(one.key, one.name()) for one in dates], tr("Dates of"))
        self.date.set_value(spec.date.key)
        self.chart.set_options([(key, tr(_CHART_NAMES[key])) for key in CHARTS], tr("Chart"))
        self.chart.set_value(spec.chart)
        self.only.forget_parts()
        self.only.set_texts(
            {axis.dimension.key: self._chosen(axis.dimension, keys) for axis, keys in spec.only}
        )
        self.flow.invalidate()
        self.below.invalidate()

    def _show_measure(self, spec: Spec) -> None:
        found = spec.entity
        numbers = list(found.numbers.values())
        hows = [how for how in HOW if numbers or how == "count" or spec.is_share]
        self.how.set_options([(how, tr(HOW_NAMES[how])) for how in hows], tr("Measure"))
        self.how.set_value(spec.how)
        options = [(one.key, one.name()) for one in numbers]
        if spec.is_share:
            options.insert(0, (NOTHING, tr(found.things)))
        self.number.set_options(options, tr("Number"))
        self.number.set_value(spec.number.key if spec.number is not None else NOTHING)
        self.number.setVisible(spec.how != "count")

    @staticmethod
    def _chosen(dimension: Dimension, keys: frozenset[object]) -> str:
        values = sorted(pivot_values.value_of(key) for key in keys)  # type: ignore[arg-type]
        if dimension.kind == "text":
            return filter_words.choices_text(values)
        return ",".join(values)

    # -- choosing -----------------------------------------------------------------------------

    def _gathered(self) -> dict[str, str]:
        """The texts of what the buttons say."""
        rows = [self.row.text, self.second.text]
        how, number = str(self.how.value), str(self.number.value or NOTHING)
        if how in ("sum", "mean", "median") and not number and self._entity is not None:
            number = next(iter(self._entity.numbers))
        found = {
            "entity": str(self.counted.value), "rows": ",".join(filter(None, rows)),
            "columns": self.column.text,
            "measure": f"{how}:{number}" if number and how != "count" else how,
            "date": str(self.date.value), "chart": str(self.chart.value),
        }  # fmt: skip
        usual = {"measure": "count", "chart": "auto"}
        found = {key: text for key, text in found.items() if text and usual.get(key) != text}
        return found | self._only_texts()

    def _only_texts(self) -> dict[str, str]:
        known = self.only.parts()
        found = {}
        for key, text in self.only.texts.items():
            if key in known and self._entity is not None:
                dimension = self._entity.dimension(key)
                values = known[key].values(text)
                keys = [pivot_values.raw_of(dimension, value) for value in values]
                found[f"{_ONLY}{key}"] = only_text(keys)
        return found

    def _on_chosen(self) -> None:
        self._take(self._gathered())

    def _on_field(self, field: FieldChoice) -> None:
        """A field that stood elsewhere changes places with the one that stood here."""
        before = [*self._texts.get("rows", "").split(","), NOTHING][:2]
        places = [self.row, self.second, self.column]
        old = dict(zip(places, [*before, self._texts.get("columns", NOTHING)], strict=True))
        texts = {each: each.text for each in places}
        for other in places:
            if other is not field and field.key and other.key == field.key:
                texts[other] = old[field]
        rows = [text for text in (texts[self.row], texts[self.second]) if text]
        wanted = self._gathered() | {"rows": ",".join(rows), "columns": texts[self.column]}
        self._take({key: text for key, text in wanted.items() if text})

    def _take(self, texts: Mapping[str, str]) -> None:
        self.set_values(texts)
        self.changed.emit()

    def _on_entity(self, name: object) -> None:
        """Something else is counted: what it knows too stays."""
        before = self._gathered()
        found = self._context.ask(entity, str(name))

        def known(text: str) -> bool:
            return text.partition(":")[0] in found.dimensions

        rows = [text for text in before["rows"].split(",") if known(text)] or [found.person]
        wanted = {"entity": str(name), "rows": ",".join(rows)}
        if known(before.get("columns", "?")) and before["columns"] not in rows:
            wanted["columns"] = before["columns"]
        number = before.get("measure", "").partition(":")[2]
        if not number or number in found.numbers:
            wanted["measure"] = before.get("measure", "count") if number else "count"
        if before["date"] in found.dimensions:
            wanted["date"] = before["date"]
        wanted |= {
            key: text
            for key, text in before.items()
            if key.startswith(_ONLY) and known(key.removeprefix(_ONLY))
        }
        self._take(wanted)

    def exchange(self) -> None:
        """Rows become columns, and columns rows."""
        if not self.swap.isEnabled():
            return
        texts = self._gathered()
        rows = texts["rows"].split(",")
        column = texts.pop("columns", "")
        if column:
            texts["rows"], texts["columns"] = ",".join([column, *rows[1:]]), rows[0]
        else:
            texts["rows"], texts["columns"] = rows[0], rows[1]
        self._take(texts)

    def _examples(self) -> Popover:
        found = self._context.ask(pivot_values.examples)
        options = [Option(at, tr(one.title)) for at, one in enumerate(found)]
        picker = Picker(options, "pivot-examples-list", tr("Examples"), None, self)

        def take(at: object) -> None:
            example = found[int(str(at))]
            self.days_wanted.emit(example.days)
            self._take(example.texts)

        picker.picked.connect(take)
        return picker

    def _parts(self) -> list[Part]:
        if self._entity is None:
            return []
        return [
            self._part(one)
            for one in self._entity.dimensions.values()
            if pivot_values.can_choose(one)
        ]

    def _part(self, dimension: Dimension) -> Part:
        def find(typed: str) -> Sequence[tuple[str, str]]:
            return self._context.ask(pivot_values.find, dimension, typed)

        def names(values: Sequence[str]) -> Sequence[str]:
            return self._context.ask(pivot_values.named, dimension, values)

        choices = dimension.kind == "text"
        return Part(dimension.key, dimension.name(), "many", find, names, choices=choices)

    # -- words --------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text anew."""
        words = {
            "count": trp("pivot", "Count"), "rows": trp("pivot", "Rows"),
            "columns": trp("pivot", "Columns"), "measure": trp("pivot", "Measure"),
            "date": trp("pivot", "Dates of"), "chart": trp("pivot", "Chart"),
        }  # fmt: skip
        for key, text in words.items():
            self._slots[key].set_word(text)
        self.swap.set_text(shortcuts.hint(tr("Swap rows and columns"), "X"))
        self.examples.set_text(tr("Examples"))
        self.only.retranslate()
        said = tr("Only some of them, by any field")
        self.only.button.set_text(trp("pivot", "Only…"), said)
        self.only.button.setToolTip(said)
        self.set_values(self.values())
