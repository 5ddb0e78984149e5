"""Whether a deal, or a task of it, is more than looked at (what may not be done is not offered),
and whether a change concerns it."""

from collections.abc import Collection, Mapping

from salesdesk.services.dealview import DealView, OpenedDeal
from salesdesk.services.tasks import TaskLine
from salesdesk.ui.context import Context

#: Tables whose rows tell no deal: what they change may stand in the panel.
AROUND = frozenset(
    (
        "client", "client_contact", "custom_field", "deal_tag", "field_value", "industry",
        "lost_reason", "note", "payment", "person", "pipeline", "setting", "source", "stage",
        "stage_points", "tag", "task_kind",
    )
)  # fmt: skip


def is_now(deal: DealView) -> bool:
    """Neither deleted nor one of a past moment."""
    return not deal.deleted and deal.as_of is None


def changeable(context: Context, deal: DealView) -> bool:
    """Whether the person may change the deal as it is shown."""
    return is_now(deal) and sees(context, deal.owner_id)


def task_changeable(context: Context, deal: DealView, task: TaskLine) -> bool:
    """Whether the person may work on a task: one of a deal of theirs, or one that they have."""
    if not is_now(deal):
        return False
    return sees(context, deal.owner_id) or sees(context, task.assignee_id)


def sees(context: Context, person_id: int | None) -> bool:
    """Whether what somebody has is the person's business too; what nobody has is everybody's."""
    seen = context.seen
    return seen is None or person_id is None or person_id in seen


def concerns(
    opened: OpenedDeal | None, deal_id: int, tables: Mapping[str, Collection[int]]
) -> bool:
    """Whether the deal that is shown changed, a task of it, or one that it is linked with."""
    deals, tasks = tables.get("deal", ()), tables.get("task", ())
    if deal_id in deals or opened is None:
        return deal_id in deals
    linked, listed = opened.deal.linked, opened.deal.tasks
    return any(one.id in deals for one in linked) or any(one.id in tasks for one in listed)
