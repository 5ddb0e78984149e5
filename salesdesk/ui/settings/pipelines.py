"""Pipelines and their stages: put in order, renamed, coloured, archived and merged."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtGui import QResizeEvent

from salesdesk.services import lists, pipelines, settings, stage_uses
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Entry, UpDown, trash
from salesdesk.ui.settings.dragging import DragRows
from salesdesk.ui.settings.section import Row, Rows, Section, card, inline
from salesdesk.ui.settings.stage_row import ROOMY, ArchivedRow, StageRow, stage_heads
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.kinds import NumberKind, TextKind
from salesdesk.ui.widgets.labels import label


@dataclass(frozen=True)
class _Found:
    """Pipelines, their stages (archived ones, too), the deals that stay in archived ones."""

    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    left: dict[int, int]
    warn: Decimal


class PipelinesSection(Section):
    """All pipelines, each with its stages; the order is that of the board."""

    tables = frozenset({"pipeline", "stage", "setting", "custom_field", "deal"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("Stages are the columns of the board, in this order. What a stage asks for must be "
               "there before a deal enters it."),
        )  # fmt: skip
        self.narrow = False
        self.found: _Found | None = None
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
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r, archived=True)),
            stage_uses.left_behind(r), settings.get(r, settings.STUCK_WARN),
        )  # fmt: skip

    def fill(self, found: _Found) -> None:
        self.found = found
        self.blocks.set_items(
            [
                (one.id, (one, [s for s in found.stages if s.pipeline_id == one.id], found.left))
                for one in found.pipelines
            ]
        )
        self.warn.set_value(found.warn * 100)

    def takers(self, stage: Stage) -> list[Stage]:
        """The stages that can take the place of one."""
        assert self.found is not None
        return [
            other
            for other in self.found.stages
            if other.pipeline_id == stage.pipeline_id and other.kind == stage.kind
            and other.id != stage.id and not other.archived
        ]  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < ROOMY
        if narrow != self.narrow:
            self.narrow = narrow
            for block in self.blocks.rows().values():
                if isinstance(block, _Pipeline):
                    block.set_narrow(narrow)

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
        self._heads = [stage_heads(narrow) for narrow in (False, True)]
        for each in self._heads:
            self.card.body.addWidget(each)
        self.stages = DragRows(lambda item: StageRow(section, item.id), self._reorder)
        self.card.body.addWidget(self.stages)
        self.archived = Rows(lambda item: ArchivedRow(section, item[0].id))
        self.add_stage = AddLine(f"{name}-stage", tr("Name of a new stage"), tr("Add stage"))
        self.add_stage.wanted.connect(self._on_add)
        self.card.body.addWidget(self.add_stage)
        self.card.body.addWidget(self.archived)
        self.add(self.card, 1)
        self.set_narrow(section.narrow)

    def set_narrow(self, narrow: bool) -> None:
        """Each stage in one line, or in two."""
        self._heads[0].setVisible(not narrow)
        self._heads[1].setVisible(narrow)
        for row in self.stages.rows().values():
            if isinstance(row, StageRow):
                row.set_narrow(narrow)

    def fill(self, item: Any) -> None:
        pipeline, stages, left = item
        self.pipeline = pipeline
        self.name.set_value(pipeline.name)
        self.counts.set_value(pipeline.counts)
        living = [stage for stage in stages if not stage.archived]
        self.stages.set_items([(stage.id, stage) for stage in living])
        gone = [stage for stage in stages if stage.archived]
        self.archived.set_items([(stage.id, (stage, left.get(stage.id, 0))) for stage in gone])

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
