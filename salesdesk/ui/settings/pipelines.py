"""Pipelines and their stages: order, name, colour, kind, probability, limit, milestone."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap

from salesdesk.services import lists, pipelines, settings
from salesdesk.services.cards import STAGE_COLOURS
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.services.stage_rows import MILESTONES
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.asks import WIDTH as ASKS
from salesdesk.ui.settings.asks import AsksCell
from salesdesk.ui.settings.cells import Choice, Entry, UpDown, trash
from salesdesk.ui.settings.section import ENDS, Row, Rows, Section, card, heads, inline
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.kinds import NumberKind, TextKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker

KINDS = {"open": N_("In work"), "won": N_("Won"), "lost": N_("Lost")}
COLOURS = {
    "slate": N_("Grey"), "blue": N_("Blue"), "teal": N_("Teal"), "violet": N_("Violet"),
    "orange": N_("Orange"), "pink": N_("Pink"), "amber": N_("Amber"), "green": N_("Green"),
    "red": N_("Red"),
}  # fmt: skip
_KIND, _PROBABILITY, _LIMIT, _MILESTONE = 92, 92, 64, 172
_SWATCH = 34


@dataclass(frozen=True)
class _Found:
    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    warn: Decimal


class PipelinesSection(Section):
    """All pipelines, each with its stages; the order is that of the board."""

    tables = frozenset({"pipeline", "stage", "setting", "custom_field"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("Stages are the columns of the board, in this order. What a stage asks for must be "
               "there before a deal enters it."),
        )  # fmt: skip
        self.blocks = Rows(lambda item: _Pipeline(self, item[0].id), self._reorder)
        self.inside.addWidget(self.blocks)
        self.add = AddLine("settings-pipeline", tr("Name of a new pipeline"), tr("Add pipeline"))
        self.add.wanted.connect(self._on_add)
        below = card()
        below.body.addWidget(self.add)
        self.inside.addWidget(below)
        self.warn = Entry(
            NumberKind(1, 100, unit="%"), "settings-stuck-warn", tr("Warn before a deal is stuck"),
            64,
        )  # fmt: skip
        self.warn.committed.connect(self._on_warn)
        self.warn_wrong = label("", "problem")
        self.warn.problem.connect(self.warn_wrong.setText)
        words = label(tr("A card warns from this share of the stage's time limit on:"), "muted")
        self.inside.addWidget(inline(words, self.warn, self.warn_wrong, 1))

    def question(self, r: Any) -> _Found:
        return _Found(
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r)),
            settings.get(r, settings.STUCK_WARN),
        )  # fmt: skip

    def fill(self, found: _Found) -> None:
        self.blocks.set_items(
            [
                (one.id, (one, [s for s in found.stages if s.pipeline_id == one.id]))
                for one in found.pipelines
            ]
        )
        self.warn.set_value(found.warn * 100)

    def own_fields(self) -> list[str]:
        """The names of the workspace's own fields of deals."""
        found = self.context.ask(lists.items, "fields")
        return [item.name for item in found if item.values["subject"] == "deal"]

    def _reorder(self, ids: list[int]) -> None:
        self.do(pipelines.reorder_pipelines, ids, say=tr("Pipelines put in order"))

    def _on_add(self, name: str) -> None:
        self.do(
            pipelines.add_pipeline, name, say=tr("Pipeline {name} added", name=name),
            cell=self.add, done=lambda _saved: self.add.done(),
        )  # fmt: skip

    def _on_warn(self, share: Decimal | None) -> None:
        if share is None:
            self.refresh(anyway=True)
            return
        self.do(
            settings.change, {settings.STUCK_WARN.name: share / 100}, say=tr("Warning changed"),
            cell=self.warn,
        )  # fmt: skip


class _Pipeline(Row):
    """One pipeline: its name, whether it counts, its stages."""

    def __init__(self, section: PipelinesSection, key: int) -> None:
        super().__init__(f"settings-pipeline-{key}", line_below=False)
        self.section, self.key = section, key
        name = self.objectName()
        self.cells.setContentsMargins(0, 0, 0, theme.M)
        self.card = card()
        self.name = Entry(TextKind(True, 80), f"{name}-name", tr("Name of the pipeline"), 260)
        self.name.setFont(theme.font(theme.BODY, bold=True))
        self.name.committed.connect(self._rename)
        self.name.problem.connect(self.show_problem)
        self.counts = Flag(f"{name}-counts", tr("Counts in the ranking"),
                           tr("Counts in the ranking"))  # fmt: skip
        self.counts.chosen.connect(self._on_counts)
        self.places = UpDown(name, tr("Move the pipeline up"), tr("Move the pipeline down"))
        self.remove = trash(f"{name}-remove", tr("Delete the pipeline"), self._on_remove)
        top = inline(self.name, 1, self.counts, self.places, self.remove,
                     margins=(theme.S, theme.S, theme.S, 0))  # fmt: skip
        self.card.body.addWidget(top)
        self.card.body.addWidget(
            heads([("", _SWATCH), (tr("Stage"), 0), (tr("Kind"), _KIND),
                   (tr("Probability"), _PROBABILITY), (tr("Days, most"), _LIMIT),
                   (tr("Counts as"), _MILESTONE), (tr("Asks for"), ASKS), ("", ENDS)])
        )  # fmt: skip
        self.stages = Rows(lambda item: _Stage(section, item.id), self._reorder)
        self.card.body.addWidget(self.stages)
        self.add_stage = AddLine(f"{name}-stage", tr("Name of a new stage"), tr("Add stage"))
        self.add_stage.wanted.connect(self._on_add)
        self.card.body.addWidget(self.add_stage)
        self.add(self.card, 1)

    def fill(self, item: Any) -> None:
        pipeline, stages = item
        self.pipeline = pipeline
        self.name.set_value(pipeline.name)
        self.counts.set_value(pipeline.counts)
        self.stages.set_items([(stage.id, stage) for stage in stages])

    def _rename(self, name: str) -> None:
        self.section.do(
            pipelines.change_pipeline, self.key, {"name": name}, say=tr("Pipeline renamed"),
            cell=self.name,
        )  # fmt: skip

    def _on_counts(self, counts: bool) -> None:
        said = tr("The pipeline counts in the ranking") if counts else tr(
            "The pipeline no longer counts in the ranking"
        )  # fmt: skip
        self.section.do(pipelines.change_pipeline, self.key, {"counts": counts}, say=said)

    def _on_remove(self) -> None:
        said = tr("Pipeline {name} deleted", name=self.pipeline.name)
        self.section.do(pipelines.delete_pipeline, self.key, say=said, cell=self)

    def _reorder(self, ids: list[int]) -> None:
        self.section.do(pipelines.reorder_stages, self.key, ids, say=tr("Stages put in order"))

    def _on_add(self, name: str) -> None:
        self.section.do(
            pipelines.add_stage, self.key, name, say=tr("Stage {name} added", name=name),
            cell=self.add_stage, done=lambda _saved: self.add_stage.done(),
        )  # fmt: skip


class _Stage(Row):
    """One stage, every field edited in place."""

    def __init__(self, section: PipelinesSection, key: int) -> None:
        super().__init__(f"settings-stage-{key}")
        self.section, self.key = section, key
        name = self.objectName()
        self.colour = Swatch(f"{name}-colour", tr("Colour"))
        self.colour.set_opens(self._colours)
        self.name = Entry(TextKind(True, 80), f"{name}-name", tr("Name of the stage"))
        self.kind = Choice(f"{name}-kind", tr("Kind"), _KIND)
        self.kind.set_options([(kind, tr(text)) for kind, text in KINDS.items()], tr("Kind"))
        self.probability = Entry(NumberKind(0, 100, 0, True, "%"), f"{name}-probability",
                                 tr("Probability, %"), _PROBABILITY)  # fmt: skip
        self.limit = Entry(NumberKind(1, 3650), f"{name}-limit", tr("Time limit in days"), _LIMIT)
        self.milestone = Choice(f"{name}-milestone", tr("Counts as"), _MILESTONE)
        marks: list[tuple[Any, str]] = [(None, "—")]
        marks += [(mark, tr(text)) for mark, text in MILESTONES.items()]
        self.milestone.set_options(marks, tr("Counts as"))
        self.asks = AsksCell(f"{name}-asks", section.own_fields)
        for widget in (self.colour, self.name, self.kind, self.probability, self.limit,
                       self.milestone, self.asks):  # fmt: skip
            self.add(widget, 1 if widget is self.name else 0)
        self.add_places(UpDown(name, tr("Move the stage up"), tr("Move the stage down")))
        self.remove = trash(f"{name}-remove", tr("Delete the stage"), self._on_remove)
        self.add(self.remove)
        self._connect()

    def _connect(self) -> None:
        self.name.committed.connect(lambda value: self._change("name", value, self.name))
        self.kind.chosen.connect(lambda value: self._change("kind", value))
        self.probability.committed.connect(
            lambda value: self._change("probability", int(value), self.probability)
        )
        self.limit.committed.connect(
            lambda value: self._change("limit_days", None if value is None else int(value),
                                       self.limit)
        )  # fmt: skip
        self.milestone.chosen.connect(lambda value: self._change("milestone", value))
        self.asks.wanted.connect(self._on_asks)

    def fill(self, item: Any) -> None:
        stage: Stage = item
        self.stage = stage
        self.colour.set_colour(stage.colour)
        self.name.set_value(stage.name)
        self.kind.set_value(stage.kind)
        self.probability.set_value(Decimal(stage.probability))
        self.limit.set_value(None if stage.limit_days is None else Decimal(stage.limit_days))
        self.limit.setPlaceholderText("—")
        self.milestone.set_value(stage.milestone)
        self.asks.set_stage(stage)

    def _on_asks(self, required: tuple[str, ...], percent: int | None) -> None:
        said = tr("Stage {name} changed", name=self.stage.name)
        values = {"required": list(required), "paid_percent": percent}
        self.section.do(pipelines.change_stage, self.key, values, say=said, cell=self)

    def _change(self, field: str, value: Any, cell: Entry | None = None) -> None:
        said = tr("Stage {name} changed", name=self.stage.name)
        self.section.do(pipelines.change_stage, self.key, {field: value}, say=said,
                        cell=cell or self)  # fmt: skip

    def _on_remove(self) -> None:
        said = tr("Stage {name} deleted", name=self.stage.name)
        self.section.do(pipelines.delete_stage, self.key, say=said, cell=self)

    def _colours(self) -> Picker:
        options = [
            Option(colour, tr(COLOURS[colour]), icon=_dot(theme.current().stage(colour)))
            for colour in STAGE_COLOURS
        ]
        picker = Picker(options, f"{self.objectName()}-colours", tr("Colour"),
                        self.stage.colour, self.colour)  # fmt: skip
        picker.picked.connect(lambda colour: self._change("colour", colour))
        return picker


class Swatch(ComboButton):
    """A button that shows a stage's colour."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__("", name, "cell")
        self._what, self._colour = what, "slate"
        self.setFixedSize(_SWATCH, 28)

    def set_colour(self, colour: str) -> None:
        """Show a colour by its name."""
        self._colour = colour
        spoken = f"{self._what}: {tr(COLOURS.get(colour, colour))}"
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SWATCH, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = theme.current()
        if self.hasFocus() or self.underMouse():
            painter.setPen(now.accent if self.hasFocus() else now.line)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.stage(self._colour))
        painter.drawRoundedRect(QRectF(9, 6, 16, 16), theme.XS, theme.XS)


def _dot(colour: Any) -> QIcon:
    pixmap = QPixmap(QSize(32, 32))
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(2, 2, 12, 12), 3, 3)
    painter.end()
    return QIcon(pixmap)
