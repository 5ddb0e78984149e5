"""What a stage may hold: its milestones, and values judged before they are written."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from salesdesk.errors import Invalid, NotFound
from salesdesk.services.cards import STAGE_COLOURS, StageKind
from salesdesk.services.records import Asks, free_name
from salesdesk.text import N_

#: Said wherever something is to enter an archived stage.
ARCHIVED = N_("The stage “{name}” is archived: nothing moves there. Nothing was changed.")
KINDS: tuple[str, ...] = get_args(StageKind)

#: Milestones in the order of a sale, with their names.
MILESTONES: dict[str, str] = {
    "new": N_("New request"),
    "meeting_scheduled": N_("Meeting scheduled"),
    "meeting_held": N_("Meeting held"),
    "contract_signed": N_("Contract signed"),
    "advance_paid": N_("Advance paid"),
    "won": N_("Won"),
    "lost": N_("Lost"),
}

#: Fields that a stage may require, with their names; own fields may be required by name.
REQUIRABLE: dict[str, str] = {
    "amount": N_("Amount"),
    "cost": N_("Cost"),
    "company": N_("Company"),
    "contact": N_("Contact"),
    "source": N_("Source"),
    "industry": N_("Industry"),
    "start_day": N_("Start date"),
    "expected_close": N_("Expected close date"),
    "owner": N_("Responsible"),
}


def checked_stage(
    a: Asks, pipeline_id: int, stage_id: int | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns of a stage for these fields; raises ``Invalid`` with one sentence.

    A new stage of kind won or lost gets the milestone, the colour and the probability that go
    without saying unless they are given.
    """
    given = dict(values)
    if stage_id is None:
        given = {**_implied(given.get("kind", "open")), **given}
    row: dict[str, Any] = {}
    for name, value in given.items():
        if name == "name":
            row |= free_name(
                a, "stage", str(value), but=stage_id, within=("pipeline_id", pipeline_id)
            )
        elif name == "required":
            row["required"] = _required(a, value)
        else:
            _check(name, value)
            row[name] = value
    return row


def _implied(kind: str) -> dict[str, Any]:
    if kind == "won":
        return {"milestone": "won", "colour": "green", "probability": 100}
    return {"milestone": "lost", "colour": "red"} if kind == "lost" else {}


def _check(name: str, value: Any) -> None:
    if name in _WORDS:
        words, message = _WORDS[name]
        if value not in words and not (name == "milestone" and value is None):
            raise Invalid(message, value=value)
    elif name in _RANGES:
        low, high, message = _RANGES[name]
        if value is None and name != "probability":
            return
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Invalid(message, value=value)
    else:
        raise NotFound(N_("A stage has no field “{name}”."), name=name)


_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "kind": (KINDS, N_("“{value}” is no kind of stage: open, won or lost.")),
    "colour": (STAGE_COLOURS, N_("“{value}” is none of the colours of stages.")),
    "milestone": (tuple(MILESTONES), N_("“{value}” is no milestone.")),
}
_RANGES: dict[str, tuple[int, int, str]] = {
    "probability": (0, 100, N_("A probability lies between 0 and 100, not “{value}”.")),
    "limit_days": (1, 3650, N_("A time limit is a number of days from 1 on, not “{value}”.")),
    "paid_percent": (1, 100, N_("The share to be paid lies between 1 and 100 %, not “{value}”.")),
}  # fmt: skip


def _required(a: Asks, value: Any) -> str:
    if isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise Invalid(N_("The fields that a stage requires are a list of names."))
    own = {
        row[0]
        for row in a.rows(
            "SELECT name FROM custom_field WHERE subject = 'deal' AND deleted_at IS NULL"
        )
    }
    for name in value:
        if name not in REQUIRABLE and name not in own:
            raise Invalid(N_("A stage cannot require “{name}”: there is no such field."), name=name)
    return json.dumps(list(dict.fromkeys(value)), ensure_ascii=False)
