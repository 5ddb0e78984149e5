"""How a stage ends: archived, or merged into another one, without anything being lost; and how an
archived one comes back.

An archived stage keeps its points, milestone and past, and whoever asks about the past finds it.
"""

from dataclasses import dataclass, replace

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.services import pipelines, stage_uses
from salesdesk.services.people import require_admin
from salesdesk.services.pipelines import Stage
from salesdesk.services.records import Saved, free_name, mark_dependents
from salesdesk.services.stage_rows import ARCHIVED
from salesdesk.text import N_, tr


@dataclass(frozen=True, slots=True)
class StageEnded:
    """What archiving or merging did: so many deals moved, so many rules led elsewhere."""

    command_id: int
    id: int
    deals: int
    rules: int


def archive_stage(
    store: Store,
    stage_id: int,
    to_stage_id: int | None = None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> StageEnded:
    """Archive a stage: nothing enters it any more, its points, milestone, rules and past stay.

    Its open deals go to ``to_stage_id``, an open stage of the pipeline (real moves, which make no
    tasks, set off no links and earn nothing); closed deals stay. Rules elsewhere that point to it
    point there then. Raises ``Refused`` when deals or such rules need a stage and there is none.
    """
    with store.command("stage.archive", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        stage = _living(tx, stage_id)
        reason = tr("The stage “{name}” was archived.", name=stage.name)
        ended = _end(tx, stage, to_stage_id, reason, merge=False)
    return replace(ended, command_id=tx.command_id)


def merge_stages(
    store: Store,
    stage_id: int,
    to_stage_id: int,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> StageEnded:
    """Merge a stage into another one of the pipeline and of its kind: as ``archive_stage``, and its
    task rules and links are the other's from now on."""
    with store.command("stage.merge", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        stage = _living(tx, stage_id)
        other = pipelines.stage_of(tx, to_stage_id)
        reason = tr("The stage “{name}” was merged into “{other}”.", name=stage.name,
                    other=other.name)  # fmt: skip
        ended = _end(tx, stage, to_stage_id, reason, merge=True)
    return replace(ended, command_id=tx.command_id)


def restore_stage(
    store: Store, stage_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """Take an archived stage back, behind the other open ones; deals that left it stay where they
    are. Raises ``Invalid`` when another stage has its name now."""
    with store.command("stage.restore", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        stage = pipelines.stage_of(tx, stage_id)
        if stage.archived:
            within = ("pipeline_id", stage.pipeline_id)
            free_name(tx, "stage", stage.name, but=stage_id, within=within)
            tx.update("stage", [{"id": stage_id, "archived": 0}])
            mark_dependents(tx, "stage", [stage_id], ["archived"])
            pipelines.put_among(tx, stage.pipeline_id, stage_id)
    return Saved(tx.command_id, stage_id)


def _living(tx: Transaction, stage_id: int) -> Stage:
    stage = pipelines.stage_of(tx, stage_id)
    if stage.archived:
        raise Refused(N_("“{name}” is archived already; nothing was changed."), name=stage.name)
    return stage


def _end(
    tx: Transaction, stage: Stage, to_stage_id: int | None, reason: str, *, merge: bool
) -> StageEnded:
    use = stage_uses.use_of(tx, stage.id)
    to = None if to_stage_id is None else _taker(tx, stage, to_stage_id)
    deals = rules = 0
    if to is None:
        if stage.kind == "open":
            pipelines.refuse_with_deals(tx, [stage.id], stage.name)
        stage_uses.refuse_pointed(use, stage.name)
    else:
        rules = stage_uses.turn_pointers(tx, use, stage.id, to.id)
        if merge:
            rules += stage_uses.hand_over(tx, use, stage.id, to.id)
        if stage.kind == "open":
            deals = stage_uses.move_out(tx, stage.id, to.id, reason)
    tx.update("stage", [{"id": stage.id, "archived": tx.now}])
    mark_dependents(tx, "stage", [stage.id], ["archived"])
    tx.set_detail(title=stage.name, count=deals, stage=to.name if to else None)
    return StageEnded(0, stage.id, deals, rules)


def _taker(tx: Transaction, stage: Stage, to_stage_id: int) -> Stage:
    """The stage that takes the place of another one; raises ``Invalid`` or ``Refused``."""
    to = pipelines.stage_of(tx, to_stage_id)
    if to.id == stage.id or to.pipeline_id != stage.pipeline_id:
        raise Invalid(
            N_("Another stage of the same pipeline takes the place of “{name}”."), name=stage.name
        )
    if to.archived:
        raise Refused(ARCHIVED, name=to.name)
    if to.kind != stage.kind:
        raise Refused(
            N_("“{name}” and “{other}” are of different kinds: deals that are open, won or lost "
               "stay so. Nothing was changed."),
            name=stage.name, other=to.name,
        )  # fmt: skip
    return to
