"""Fields of the workspace's own, for deals or for clients: name, kind, and what may be chosen."""

from collections.abc import Sequence
from typing import Any

from salesdesk.names import clean
from salesdesk.services import lists
from salesdesk.text import N_, tr, trp
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Choice, Entry, UpDown, trash
from salesdesk.ui.settings.dragging import GRIP, DragRows
from salesdesk.ui.settings.section import ENDS, Row, Section, card, heads
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.kinds import Kind, TextKind

KINDS = {
    "text": N_("Text"), "number": N_("Number"), "money": N_("Amount"), "date": N_("Date"),
    "choice": N_("One of a list"), "yes_no": N_("Yes or no"),
}  # fmt: skip
_KIND, _OPTIONS, _CARD = 140, 260, 96


class OptionsKind(Kind):
    """What may be chosen, with semicolons between; the value is a tuple of texts."""

    def typed(self, value: Any) -> str:
        return "; ".join(value or ())

    def show(self, value: Any) -> str:
        return self.typed(value)

    def read(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(clean(part) for part in text.split(";") if clean(part)))


class FieldsCard:
    """The own fields of deals, or of clients."""

    def __init__(self, section: Section, subject: str) -> None:
        self.section, self.subject = section, subject
        self._others: list[int] = []
        self.card = card()
        columns = [("", GRIP), (trp("thing", "Name"), 0), (tr("Kind"), _KIND),
                   (tr("To choose from"), _OPTIONS)]  # fmt: skip
        if subject == "deal":
            columns.append((tr("On the card"), _CARD))
        self.card.body.addWidget(heads([*columns, ("", ENDS)]))
        self.rows = DragRows(lambda item: _Field(section, subject, item.id), self._reorder)
        self.card.body.addWidget(self.rows)
        self.add = AddLine(f"settings-fields-{subject}", tr("Name of a new field"), tr("Add field"))
        self.add.wanted.connect(self._on_add)
        self.card.body.addWidget(self.add)

    def fill(self, entries: Sequence[lists.Item]) -> None:
        """Show the fields of this subject."""
        mine = [item for item in entries if item.values["subject"] == self.subject]
        self._others = [item.id for item in entries if item.values["subject"] != self.subject]
        self.rows.set_items([(item.id, item) for item in mine])

    def _reorder(self, ids: list[int]) -> None:
        self.section.do(lists.reorder, "fields", [*ids, *self._others], say=tr("List put in order"))

    def _on_add(self, name: str) -> None:
        values = {"subject": self.subject, "kind": "text"}
        self.section.do(lists.add, "fields", name, values, say=tr("{name} added", name=name),
                        cell=self.add, done=lambda _saved: self.add.done())  # fmt: skip


class _Field(Row):
    """One field."""

    def __init__(self, section: Section, subject: str, key: int) -> None:
        super().__init__(f"settings-field-{key}")
        self.section, self.key = section, key
        name = self.objectName()
        self.name = Entry(TextKind(True, 80), f"{name}-name", trp("thing", "Name"))
        self.name.committed.connect(lambda value: self._change("name", value, self.name))
        self.add(self.name, 1)
        self.kind = Choice(f"{name}-kind", tr("Kind"), _KIND)
        self.kind.set_options([(kind, tr(text)) for kind, text in KINDS.items()], tr("Kind"))
        self.kind.chosen.connect(lambda value: self._change("kind", value))
        self.add(self.kind)
        self.options = Entry(OptionsKind(), f"{name}-options", tr("To choose from"), _OPTIONS)
        self.options.setPlaceholderText(tr("Rent; Sale; Service"))
        self.options.committed.connect(
            lambda value: self._change("options", list(value), self.options)
        )
        policy = self.options.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.options.setSizePolicy(policy)
        self.add(self.options)
        self.on_card: Flag | None = None
        if subject == "deal":
            self.on_card = Flag(f"{name}-on_card", tr("On the card"), "", _CARD)
            self.on_card.chosen.connect(lambda on: self._change("on_card", on))
            self.add(self.on_card)
        self.add_places(UpDown(name, tr("Move up"), tr("Move down")))
        self.add(trash(f"{name}-remove", tr("Remove"), self._on_remove))

    def fill(self, item: Any) -> None:
        self.item: lists.Item = item
        self.name.set_value(item.name)
        self.kind.set_value(item.values["kind"])
        self.options.set_value(tuple(item.values["options"]))
        self.options.setVisible(item.values["kind"] == "choice")
        if self.on_card is not None:
            self.on_card.set_value(item.values["on_card"])
            self.on_card.setAccessibleName(f"{tr('On the card')}: {item.name}")

    def _change(self, field: str, value: Any, cell: Entry | None = None) -> None:
        said = tr("{name} changed", name=self.item.name)
        self.section.do(lists.change, "fields", self.key, {field: value}, say=said,
                        cell=cell or self)  # fmt: skip

    def _on_remove(self) -> None:
        said = tr("{name} removed; what was filled in comes back with it", name=self.item.name)
        self.section.do(lists.remove, "fields", self.key, say=said, cell=self)
