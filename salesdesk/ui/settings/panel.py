"""The settings page: sections at the left, the chosen one at the right."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.settings import look, transfer
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.section import Section
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.panel import SidePanel
from salesdesk.ui.widgets.switcher import Switcher

#: Key, title, and the class in this package.
SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("people", N_("People and teams"), "people.PeopleSection"),
    ("pipelines", N_("Pipelines"), "pipelines.PipelinesSection"),
    ("rules", N_("Tasks and links"), "rules.RulesSection"),
    ("points", N_("Points"), "points.PointsSection"),
    ("plans", N_("Plans and norms"), "plans.PlansSection"),
    ("bonus", N_("Bonus"), "bonus.BonusSection"),
    ("calendar", N_("Calendar"), "days.CalendarSection"),
    ("lists", N_("Lists"), "lists.ListsSection"),
    ("digest", N_("Digest"), "digest.DigestSection"),
    ("sync", N_("Sync"), "sync.SyncSection"),
    ("appearance", N_("Appearance"), "appearance.AppearanceSection"),
    ("reminders", N_("Reminders"), "reminders.RemindersSection"),
    ("backups", N_("Backups"), "backups.BackupsSection"),
)
_WIDTH = 184
_ROW = 34
_REMEMBERED = "settings/section"
_PIPELINE = "settings/pipeline"
#: What sections were called when they were two.
_CALLED = {"tasks": "rules", "links": "rules"}


class SettingsPage(Page):
    """One section at a time, made when it is first shown."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._made: dict[str, QScrollArea] = {}
        self._visible = False
        self.title = label("", "heading")
        self.pipeline = Switcher("settings-pipeline", tr("Pipeline"), parent=self)
        self.pipeline.hide()
        self.pipeline.chosen.connect(self._on_pipeline)
        self.export_button = Button(
            "", "settings-export", "chip", lambda: transfer.save(self.context, self)
        )
        self.import_button = Button(
            "", "settings-import", "chip", lambda: transfer.load(self.context, self)
        )
        self.import_button.setParent(self)  # until it stands in the header: alone it is a window
        self.import_button.hide()
        self.sections = QListWidget()
        self.sections.setObjectName("settings-sections")
        self.sections.setProperty("role", "nav")
        self.sections.setFrameShape(QFrame.Shape.NoFrame)
        self.sections.setUniformItemSizes(True)
        self.sections.setSpacing(0)
        for _key, _title, _class in SECTIONS:
            self.sections.addItem("")
            self.sections.item(self.sections.count() - 1).setSizeHint(QSize(0, _ROW))
        self._build()
        self.setStyleSheet(look.sheet())
        known = [key for key, _title, _class in SECTIONS]
        kept = context.remember.text(_REMEMBERED, known[0])
        kept = _CALLED.get(kept, kept)
        self._key = kept if kept in known else known[0]
        self.sections.setCurrentRow(known.index(self._key))
        self.sections.currentRowChanged.connect(self._on_row)
        context.bus.changed.connect(self._on_changed)
        context.person_changed.connect(self._on_person)
        self.retranslate()

    def _build(self) -> None:
        nav = QFrame()
        nav.setProperty("role", "sections")
        nav.setFixedWidth(_WIDTH)
        column = QVBoxLayout(nav)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        column.addWidget(self.sections)
        self._stack = QHBoxLayout()
        self._stack.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(nav)
        row.addLayout(self._stack, 1)

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, self.pipeline]

    def header_actions(self) -> list[QWidget]:
        return [self.export_button, self.import_button]

    def activated(self) -> None:
        self._visible = True
        self._offer()
        self._show()
        self.sections.setFocus()

    def left(self) -> None:
        self._visible = False

    def closing(self) -> None:
        field = self.window().focusWidget()
        if isinstance(field, Entry) and self.isAncestorOf(field):
            field.commit()

    def show_item(self, item: object) -> None:
        keys = [key for key, _title, _class in SECTIONS]
        wanted = _CALLED.get(str(item), str(item))
        if wanted in keys:
            self.sections.setCurrentRow(keys.index(wanted))

    def retranslate(self) -> None:
        self.title.setText(tr("Settings"))
        self.export_button.set_text(tr("Export configuration"))
        self.import_button.set_text(tr("Import…"))
        self.sections.setAccessibleName(tr("Settings"))
        for at, (_key, title, _class) in enumerate(SECTIONS):
            self.sections.item(at).setText(tr(title))
        self._make_anew()

    # -- sections ----------------------------------------------------------------------------

    def section(self, key: str = "") -> Section:
        """A section (the one that is shown), made if it was not yet."""
        key = _CALLED.get(key, key) or self._key
        area = self._made.get(key)
        if area is None:
            area = self._made[key] = self._make(key)
        found = area.widget()
        assert isinstance(found, Section)
        return found

    def _make(self, key: str) -> QScrollArea:
        title, where = next((each[1], each[2]) for each in SECTIONS if each[0] == key)
        module, name = where.split(".")
        made: Callable[[Context, str], Section] = getattr(
            import_module(f"salesdesk.ui.settings.{module}"), name
        )
        area = QScrollArea()
        area.setObjectName(f"settings-{key}")
        area.setAccessibleName(tr(title))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        section = made(self.context, tr(title))
        area.setWidget(section)
        area.hide()
        self._stack.addWidget(area, 1)
        for beside in (section.side, section.beside):
            if beside is not None:
                self._stack.addWidget(beside)
        section.pipeline = self.pipeline.value
        return area

    def _show(self) -> None:
        shown = self.section()
        self._offer_pipelines(shown)
        if shown.stale:
            shown.refresh()
        self._put_beside()
        for key, area in self._made.items():
            area.setVisible(key == self._key)
            side = _side(area)
            if side is not None and key != self._key and not side.isHidden():
                side.close_panel()

    def _offer_pipelines(self, shown: Section) -> None:
        """The pipelines to choose from, where the section shows one of them."""
        found = []
        if shown.by_pipeline:
            from salesdesk.services import pipelines

            found = self.context.ask(pipelines.pipelines)
            if self.pipeline.value is None:
                self.pipeline.set_value(self.context.remember.number(_PIPELINE))
            self.pipeline.set_options([(each.id, each.name) for each in found], tr("Pipeline"))
            shown.pipeline = self.pipeline.value
        self.pipeline.setVisible(bool(found))

    def _on_pipeline(self, key: int) -> None:
        self.context.remember.set(_PIPELINE, key)
        for area in self._made.values():
            section = area.widget()
            if isinstance(section, Section) and section.by_pipeline:
                section.pipeline = key
                section.pipeline_chosen()

    def _put_beside(self) -> None:
        """What belongs beside the section: there, or below it where there is no room."""
        for key, area in self._made.items():
            section = area.widget()
            if not isinstance(section, Section) or section.beside is None:
                continue
            beside = section.beside
            room = section.fits_beside(self.width() - _WIDTH)
            if room and self._stack.indexOf(beside) < 0:
                self._stack.insertWidget(self._stack.indexOf(area) + 1, beside)
            elif not room and self._stack.indexOf(beside) >= 0:
                section.column.insertWidget(section.column.count() - 1, beside)
            beside.stand_beside(room)
            beside.setVisible(key == self._key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._put_beside()

    def _on_row(self, row: int) -> None:
        self._key = SECTIONS[max(row, 0)][0]
        self.context.remember.set(_REMEMBERED, self._key)
        if self._visible:
            self._show()

    def _make_anew(self) -> None:
        """The language is another one: every section is made again, the focus stays."""
        if not self._made:
            return
        old = self._made.pop(self._key, None)
        focus = self.window().focusWidget()
        inside = old is not None and focus is not None and old.isAncestorOf(focus)
        name = focus.objectName() if focus is not None and inside else ""
        at = old.verticalScrollBar().value() if old is not None else 0
        for area in (*self._made.values(), *([old] if old is not None else [])):
            for each in (area, _side(area), _beside(area)):
                if each is not None:
                    self._stack.removeWidget(each)
                    each.hide()
                    each.deleteLater()
        self._made.clear()
        if self._visible:
            self._show()
            area = self._made[self._key]
            area.verticalScrollBar().setValue(at)
            again = area.findChild(QWidget, name) if name else None
            if again is not None:
                again.setFocus()

    def _on_changed(self, changes: Any) -> None:
        for key, area in self._made.items():
            section = area.widget()
            if isinstance(section, Section) and section.tables & changes.tables.keys():
                self._refresh(key, section)

    def _offer(self) -> None:
        """Only who may configure is offered to take in a configuration."""
        from salesdesk.services import people

        may = self.context.ask(people.may_configure, self.context.person_id)
        self.import_button.setVisible(may)

    def _on_person(self) -> None:
        if self._visible:
            self._offer()
        for key, area in self._made.items():
            section = area.widget()
            if isinstance(section, Section):
                self._refresh(key, section)

    def _refresh(self, key: str, section: Section) -> None:
        section.stale = True
        if self._visible and key == self._key and isValid(section):
            self._offer_pipelines(section)
            section.refresh()


def _side(area: QScrollArea) -> SidePanel | None:
    """What stands beside the section in an area."""
    section = area.widget()
    return section.side if isinstance(section, Section) else None


def _beside(area: QScrollArea) -> QWidget | None:
    """What always stands beside the section in an area."""
    section = area.widget()
    return section.beside if isinstance(section, Section) else None
