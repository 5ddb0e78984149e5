"""What a move did, told in the chosen language."""

from salesdesk.services.cards import MoveResult
from salesdesk.text import ntr, tr


def moved(result: MoveResult) -> str:
    """What a move did, for the toast: ``Moved to Meeting held · 2 tasks created``."""
    count = len(result.deal_ids)
    if count == 1:
        parts = [tr("Moved to {stage}", stage=result.to_stage)]
    else:
        parts = [
            ntr(
                "{n} deal moved to {stage}", "{n} deals moved to {stage}", count,
                stage=result.to_stage,
            )
        ]  # fmt: skip
    if n := len(result.tasks_created):
        parts.append(ntr("{n} task created", "{n} tasks created", n))
    if n := len(result.tasks_closed):
        parts.append(ntr("{n} task closed", "{n} tasks closed", n))
    if n := len(result.deals_created):
        parts.append(ntr("{n} linked deal created", "{n} linked deals created", n))
    if n := len(result.deals_moved):
        parts.append(ntr("{n} linked deal moved", "{n} linked deals moved", n))
    return " · ".join(parts)
