"""Points: what entering a stage earns, from a date on or for all time, and how it was before."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.services import pipelines, settings, stage_points
from salesdesk.services.pipelines import Pipeline, Stage
from salesdesk.services.stage_points import Points
from salesdesk.services.stage_rows import MILESTONES
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.cells import Choice, Entry
from salesdesk.ui.settings.section import Row, Rows, Section, card, heads, inline, words
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.kinds import DateKind, NumberKind
from salesdesk.ui.widgets.labels import Card, label

_POINTS, _MILESTONE, _STAGE = 96, 160, 220


@dataclass(frozen=True)
class Found:
    """Stages with what they earn today, and everything set for any day."""

    pipelines: tuple[Pipeline, ...]
    stages: tuple[Stage, ...]
    history: tuple[Points, ...]
    skipped: bool
    today: int


class PointsSection(Section):
    """Stage by stage; first one chooses from when on a change holds."""

    tables = frozenset({"stage_points", "stage", "pipeline", "setting"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("What a deal earns the first time that it enters a stage, and which metric counts "
               "it. Points of days gone by stay, unless a change holds for all time."),
        )  # fmt: skip
        self.since = ChipRow(
            [("day", tr("From a date on")), ("always", tr("For all time"))],
            "settings-points-since", tr("A change holds"),
        )  # fmt: skip
        self.since.chosen.connect(lambda _key: self._on_since())
        self.day = Entry(DateKind(self.today), "settings-points-day", tr("From this day on"), 130,
                         "inline")  # fmt: skip
        self.day.set_value(self.today())
        self.day_wrong = label("", "problem")
        self.day.problem.connect(self.day_wrong.setText)
        self.inside.addWidget(
            inline(label(tr("A change holds:"), "muted"), self.since, self.day, self.day_wrong, 1)
        )
        self.blocks = Rows(lambda item: _Pipeline(self, item[0].id))
        self.inside.addWidget(self.blocks)
        self.skipped = Flag("settings-skipped", tr("Count skipped stages"),
                            tr("Count skipped stages"))  # fmt: skip
        self.skipped.chosen.connect(self._on_skipped)
        below = Card()
        below.body.addWidget(self.skipped)
        below.body.addWidget(label(tr(settings.COUNT_SKIPPED.description), "muted", wrap=True))
        self.inside.addWidget(below)

    def question(self, r: Any) -> Found:
        today = self.today()
        return Found(
            tuple(pipelines.pipelines(r)), tuple(pipelines.stages(r, day=today)),
            tuple(stage_points.points_history(r)), settings.get(r, settings.COUNT_SKIPPED), today,
        )  # fmt: skip

    def fill(self, found: Found) -> None:
        blocks = []
        for one in found.pipelines:
            stages = [
                (stage, tuple(each for each in found.history if each.stage_id == stage.id))
                for stage in found.stages
                if stage.pipeline_id == one.id
            ]
            blocks.append((one.id, (one, stages)))
        self.blocks.set_items(blocks)
        self.skipped.set_value(found.skipped)
        self.say_no_pipeline(bool(found.pipelines))

    def set_points(self, stage: Stage, points: Decimal, cell: Entry) -> None:
        """Set the points of a stage, from the chosen day on."""
        always = self.since.value() == "always"
        if not always and (not self.day.commit() or self.day.value() is None):
            self.refresh(anyway=True)  # the cell took what was typed; nothing is saved
            cell.show_problem(tr("First say from which day on it holds."))
            return
        day = None if always else self.day.value()
        if day is None:
            said = tr("{stage} earns {points} for all time", stage=stage.name,
                      points=formats.decimal(points))  # fmt: skip
        else:
            said = tr("{stage} earns {points} from {day} on", stage=stage.name,
                      points=formats.decimal(points), day=formats.day(day))  # fmt: skip
        # What is shown is what holds today: a change for a later day shows in the history only.
        self.do(stage_points.set_points, stage.id, points, valid_from=day, say=said, cell=cell,
                done=lambda _command: self.refresh(anyway=True))  # fmt: skip

    def _on_since(self) -> None:
        self.day.setVisible(self.since.value() == "day")
        self.day_wrong.setVisible(self.since.value() == "day")

    def _on_skipped(self, on: bool) -> None:
        said = tr("Skipped stages count now") if on else tr("Skipped stages no longer count")
        self.do(settings.change, {settings.COUNT_SKIPPED.name: on}, say=said)


class _Pipeline(Row):
    def __init__(self, section: PointsSection, key: int) -> None:
        super().__init__(f"settings-points-pipeline-{key}", line_below=False)
        self.cells.setContentsMargins(0, 0, 0, theme.M)
        made = card()
        self.name = label("", "strong")
        self.outside = label(tr("Does not count in the ranking: these points earn nothing."),
                             "muted")  # fmt: skip
        top = inline(self.name, self.outside, 1, margins=(theme.M + 2, theme.M, theme.M, 0))
        made.body.addWidget(top)
        made.body.addWidget(
            heads([(tr("Stage"), _STAGE), (tr("Counts as"), _MILESTONE), (tr("Points"), _POINTS),
                   (tr("History"), 0)])
        )  # fmt: skip
        self.stages = Rows(lambda item: _Stage(section, item[0].id), last=True)
        made.body.addWidget(self.stages)
        self.add(made, 1)

    def fill(self, item: Any) -> None:
        pipeline, stages = item
        self.name.setText(pipeline.name)
        self.outside.setVisible(not pipeline.counts)
        self.stages.set_items([(each[0].id, each) for each in stages])


class _Stage(Row):
    def __init__(self, section: PointsSection, key: int) -> None:
        super().__init__(f"settings-points-{key}")
        self.section = section
        self.name, self.history = words(_STAGE), words(0, "muted")
        self.milestone = Choice(f"settings-points-{key}-milestone", tr("Counts as"), _MILESTONE)
        marks = [(mark, tr(text)) for mark, text in MILESTONES.items()]
        self.milestone.set_options([(None, "—"), *marks], tr("Counts as"))
        self.milestone.chosen.connect(self._on_milestone)
        self.add(self.name)
        self.add(self.milestone)
        self.points = Entry(NumberKind(-999_999, 999_999, 6, True), f"settings-points-{key}-value",
                            tr("Points"), _POINTS)  # fmt: skip
        self.points.committed.connect(self._on_points)
        self.add(self.points)
        self.add(self.history, 1)

    def fill(self, item: Any) -> None:
        self.stage, history = item
        stage: Stage = self.stage
        self.name.set_text(stage.name)
        self.milestone.set_value(stage.milestone)
        self.points.setAccessibleName(tr("Points of {stage}", stage=stage.name))
        self.points.set_value(stage.points)
        self.history.set_text(_history(history) if len(history) > 1 or _dated(history) else "")

    def _on_milestone(self, milestone: str | None) -> None:
        said = tr("{stage} counts as something else, for all time", stage=self.stage.name)
        self.section.do(pipelines.change_stage, self.stage.id, {"milestone": milestone}, say=said,
                        cell=self)  # fmt: skip

    def _on_points(self, points: Decimal) -> None:
        self.section.set_points(self.stage, points, self.points)


def _dated(history: tuple[Points, ...]) -> bool:
    return any(each.valid_from is not None for each in history)


def _history(history: tuple[Points, ...]) -> str:
    """What was earned, in order: ``0.1; from 1 Mar 2026: 1``."""
    parts = []
    for each in history:
        points = formats.decimal(each.points)
        if each.valid_from is None:
            parts.append(points)
        else:
            parts.append(tr("from {day}: {points}", day=formats.day(each.valid_from),
                            points=points))  # fmt: skip
    return "; ".join(parts)
