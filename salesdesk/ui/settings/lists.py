"""The short lists: reasons of refusal, sources, industries, kinds of task, services of contractors,
tags; own fields and currencies."""

from typing import Any

from salesdesk.services import lists
from salesdesk.text import N_, tr, trp
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Entry, UpDown, trash
from salesdesk.ui.settings.dragging import GRIP, DragRows
from salesdesk.ui.settings.fields import FieldsCard
from salesdesk.ui.settings.rates import RatesCard
from salesdesk.ui.settings.section import ENDS, Row, Rows, Section, card, heads, inline
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.kinds import TextKind
from salesdesk.ui.widgets.popup import Option, Picker

_SHOWN = ("lost_reasons", "sources", "industries", "task_kinds", "services", "tags")
_FLAGS = {"lost_reasons": ("not_refusal", N_("Not a refusal")),
          "task_kinds": ("asks_result", N_("Asks for a result"))}  # fmt: skip
_ICONS = {
    "task": N_("Task"), "phone": N_("Call"), "calendar": N_("Meeting"), "file": N_("Document"),
    "edit": N_("Signature"), "check": N_("Check"), "flag": N_("Milestone"), "note": N_("Note"),
    "clock": N_("Time"), "inbox": N_("Delivery"),
}  # fmt: skip
#: A kind of task without a picture of its own is drawn as this one.
_DRAWN = {"task": "tasks"}
_FLAG, _ICON = 140, 48
#: What a list is for, in one line.
_HINTS = {
    "lost_reasons": N_("Why deals are lost: asked for when one is lost, counted in the reports. "
                       "What is not a refusal (a duplicate, spam) counts in no metric."),
    "sources": N_("Where clients and deals come from; the reports count by them."),
    "industries": N_("What companies do; the reports count by them."),
    "task_kinds": N_("What there is to do: a picture, and whether the task asks what came of it."),
    "services": N_("What contractors do for your deals; by it they are proposed for a deal."),
    "tags": N_("Words of your own on deals, to find them by. Anybody may add one."),
    "deal_fields": N_("What else you keep about a deal: in its panel, asked for by a stage, found "
                      "by a filter and, if wished, on the card."),
    "client_fields": N_("What else you keep about a company or a contact: on the client's page."),
    "currencies": N_("In which currency sums are shown, and at which rates others come into them."),
}  # fmt: skip
_REMEMBERED = "settings/list"
_CURRENCIES = "currencies"
_DEAL_FIELDS, _CLIENT_FIELDS = "deal_fields", "client_fields"


class ListsSection(Section):
    """One list at a time, chosen by chips."""

    tables = frozenset(
        (
            "source",
            "industry",
            "lost_reason",
            "task_kind",
            "service",
            "tag",
            "rate",
            "setting",
            "custom_field",
        )
    )

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(context, title, " ")
        self._found: Any = None
        self._rows_of_chips()
        self._cards = {which: _ListCard(self, which) for which in _SHOWN}
        for each in self._cards.values():
            self.inside.addWidget(each.card)
        self._fields = {
            _DEAL_FIELDS: FieldsCard(self, "deal"), _CLIENT_FIELDS: FieldsCard(self, "client"),
        }  # fmt: skip
        for fields in self._fields.values():
            self.inside.addWidget(fields.card)
        self.rates = RatesCard(self)
        self.inside.addWidget(self.rates)
        self._arrange()

    def _rows_of_chips(self) -> None:
        """Two rows of which one list is chosen: Russian names do not fit into one."""
        short = [(which, tr(lists.LISTS[which].title)) for which in _SHOWN]
        more = [
            (_DEAL_FIELDS, tr("Fields of deals")), (_CLIENT_FIELDS, tr("Fields of clients")),
            (_CURRENCIES, tr("Currencies")),
        ]  # fmt: skip
        self.chips = (
            ChipRow(short, "settings-list", tr("Lists")),
            ChipRow(more, "settings-list", tr("Own fields and currencies")),
        )
        self.chips[1].setObjectName("settings-list-more")
        for at, chips in enumerate(self.chips, 1):
            chips.chosen.connect(self._on_which)
            self.column.insertWidget(at, inline(chips, 1))
        kept = self.context.remember.text(_REMEMBERED, _SHOWN[0])
        self.shown = kept if kept in dict([*short, *more]) else _SHOWN[0]

    def question(self, r: Any) -> Any:
        found = {which: tuple(lists.items(r, which)) for which in (*_SHOWN, "fields")}
        return found, self.rates.question(r)

    def fill(self, found: Any) -> None:
        self._found = found
        self._fill_shown()

    def _fill_shown(self) -> None:
        """Only the list that is shown: the others are filled when they are chosen."""
        if self._found is None:
            return
        entries, rates = self._found
        shown = self.shown
        if shown == _CURRENCIES:
            self.rates.fill(rates)
        elif shown in self._fields:
            self._fields[shown].fill(entries["fields"])
        else:
            self._cards[shown].fill(entries[shown])

    def _on_which(self, which: str) -> None:
        self.shown = which
        self.context.remember.set(_REMEMBERED, which)
        self._fill_shown()
        self._arrange()

    def _arrange(self) -> None:
        shown = self.shown
        for chips in self.chips:
            chips.set_value(shown)
        self.hint.setText(tr(_HINTS[shown]))
        for which, each in self._cards.items():
            each.card.setVisible(which == shown)
        for which, fields in self._fields.items():
            fields.card.setVisible(which == shown)
        self.rates.setVisible(shown == _CURRENCIES)


class _ListCard:
    """The entries of one list and the line that adds to it."""

    def __init__(self, section: ListsSection, which: str) -> None:
        self.section, self.which = section, which
        self.spec = lists.LISTS[which]
        self.card = card()
        columns = [(trp("thing", "Name"), 0), ("", ENDS)]
        if which in _FLAGS:
            columns.insert(1, (tr(_FLAGS[which][1]), _FLAG))
        if "icon" in self.spec.fields:
            columns.insert(0, ("", _ICON))
        if self.spec.ordered:
            columns.insert(0, ("", GRIP))
        self.card.body.addWidget(heads(columns))
        kind = DragRows if self.spec.ordered else Rows
        self.rows = kind(lambda item: _Item(section, which, item.id), self._reorder)
        self.card.body.addWidget(self.rows)
        self.add = AddLine(f"settings-{which}", tr("A new entry"), tr("Add"))
        self.add.wanted.connect(self._on_add)
        self.card.body.addWidget(self.add)

    def fill(self, entries: tuple[lists.Item, ...]) -> None:
        """Show the entries."""
        self.rows.set_items([(item.id, item) for item in entries])

    def _reorder(self, ids: list[int]) -> None:
        self.section.do(lists.reorder, self.which, ids, say=tr("List put in order"))

    def _on_add(self, name: str) -> None:
        self.section.do(lists.add, self.which, name, say=tr("{name} added", name=name),
                        cell=self.add, done=lambda _saved: self.add.done())  # fmt: skip


class _Item(Row):
    """One entry."""

    def __init__(self, section: ListsSection, which: str, key: int) -> None:
        super().__init__(f"settings-{which}-{key}")
        self.section, self.which, self.key = section, which, key
        name = self.objectName()
        spec = lists.LISTS[which]
        self.icon: ComboButton | None = None
        self.flag: Flag | None = None
        if "icon" in spec.fields:
            self.icon = ComboButton("", f"{name}-icon", "cell")
            self.icon.setFixedSize(_ICON, 28)
            self.icon.set_opens(self._icons)
            theme.changed.connect(self._draw)
            self.add(self.icon)
        self.name = Entry(TextKind(True, 120), f"{name}-name", trp("thing", "Name"))
        self.name.committed.connect(lambda value: self._change("name", value))
        self.add(self.name, 1)
        if which in _FLAGS:
            field, text = _FLAGS[which]
            self.flag = Flag(f"{name}-{field}", tr(text), "", _FLAG)
            self.flag.chosen.connect(lambda on, field=field: self._change(field, on))
            self.add(self.flag)
        if spec.ordered:
            self.add_places(UpDown(name, tr("Move up"), tr("Move down")))
        self.add(trash(f"{name}-remove", tr("Remove"), self._on_remove))

    def fill(self, item: lists.Item) -> None:
        self.item = item
        self.name.set_value(item.name)
        if self.flag is not None:
            field, text = _FLAGS[self.which]
            self.flag.set_value(item.values[field])
            self.flag.setAccessibleName(f"{tr(text)}: {item.name}")
        self._draw()

    def _draw(self) -> None:
        if self.icon is None:
            return
        name = str(self.item.values["icon"])
        self.icon.setIcon(_picture(name))
        self.icon.setAccessibleName(tr("Picture: {name}", name=tr(_ICONS.get(name, name))))
        self.icon.setToolTip(tr(_ICONS.get(name, name)))

    def _icons(self) -> Picker:
        options = [Option(each, tr(_ICONS[each]), icon=_picture(each))
                   for each in lists.TASK_ICONS]  # fmt: skip
        picker = Picker(options, f"{self.objectName()}-icons", tr("Picture"),
                        self.item.values["icon"], self.icon)  # fmt: skip
        picker.picked.connect(lambda icon: self._change("icon", icon))
        return picker

    def _change(self, field: str, value: Any) -> None:
        said = tr("{name} changed", name=self.item.name)
        self.section.do(lists.change, self.which, self.key, {field: value}, say=said,
                        cell=self.name if field == "name" else self)  # fmt: skip

    def _on_remove(self) -> None:
        said = tr("{name} removed; what carries it keeps it", name=self.item.name)
        self.section.do(lists.remove, self.which, self.key, say=said, cell=self)


def _picture(name: str) -> Any:
    return icons.icon(_DRAWN.get(name, name), theme.current().muted)
