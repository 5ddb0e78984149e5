"""Clients that nobody here wrote, at work on the emulators; each prints what it saw as JSON.

Run as ``python foreign_clients.py WHICH ADDRESS [TOKEN]``, in a process of its own: they bring
their own event loops, sessions and warnings.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

Seen = dict[str, Any]


def fast_bitrix24(webhook: str) -> Seen:
    """Walks by pages inside batches, and makes many at once."""
    from fast_bitrix24 import Bitrix

    portal = Bitrix(webhook)
    deals = portal.get_all("crm.item.list", {"entityTypeId": 2})
    new = [{"entityTypeId": 2, "fields": {"title": f"F{n}", "stageId": "NEW"}} for n in range(60)]
    made = portal.call("crm.item.add", new)
    return {
        "deals": sorted(one["title"] for one in deals),
        "history": len(portal.get_all("crm.stagehistory.list", {"entityTypeId": 2})),
        "people": sorted(one["LAST_NAME"] for one in portal.get_all("user.get")),
        "made": sorted(one["id"] for one in made),
    }


def amocrm_api(url: str, token: str) -> Seen:
    """Walks by pages; reads the pipelines with their stages; makes a lead and a task."""
    from datetime import datetime

    from amocrm.v2 import Lead, Pipeline, Task, User, interaction, tokens

    setattr(interaction.BaseInteraction, "_get_url", lambda _self, path: f"{url}/api/v4/{path}")  # noqa: B010
    setattr(tokens.default_token_manager, "get_access_token", lambda: token)  # noqa: B010
    leads = list(Lead.objects.all())
    task = Task(text="Call", complete_till=datetime.fromisoformat("2030-01-02T10:00"),
                entity_id=leads[0].id, entity_type="leads", task_type_id=1)  # fmt: skip
    task.save()
    return {
        "leads": sorted(one.name for one in leads),
        "stages": [len(list(one.statuses)) for one in Pipeline.objects.all()],
        "people": sorted(one.name for one in User.objects.all()),
        "made": [task.id],
    }


CLIENTS: dict[str, Callable[..., Seen]] = {"fast_bitrix24": fast_bitrix24, "amocrm_api": amocrm_api}

if __name__ == "__main__":
    print(json.dumps(CLIENTS[sys.argv[1]](*sys.argv[2:])))
