"""What tables and their fields are called, and what their values are: the words of a change.

``holds`` of a field says how its value is shown: ``text``, ``money``, ``points``, ``tenths`` (ten
thousandths of a plan or norm), ``rate``, ``day``, ``moment``, ``month``, ``percent``, ``number``,
``yes_no``, ``json``, ``secret`` (never shown), ``word`` (one of ``WORDS``), or a table whose record
it names. A field that is in neither ``FIELDS`` nor ``HIDDEN`` is told by a test.
"""

from salesdesk.services.dealevents import FIELDS as OF_DEAL
from salesdesk.services.dealfields import FIELD_NAMES
from salesdesk.text import N_

#: What one record of a table is called.
THINGS: dict[str, str] = {
    "deal": N_("Deal"), "task": N_("Task"), "client": N_("Client"), "note": N_("Note"),
    "payment": N_("Payment"), "deal_tag": N_("Tag"), "deal_person": N_("Participant"),
    "field_value": N_("Own field"), "client_contact": N_("Phone or e-mail"),
    "person": N_("Person"), "team": N_("Team"), "absence": N_("Absence"),
    "pipeline": N_("Pipeline"), "stage": N_("Stage"), "stage_points": N_("Points of a stage"),
    "task_kind": N_("Kind of task"), "task_rule": N_("Task rule"), "link_rule": N_("Link"),
    "custom_field": N_("Own field"), "source": N_("Source"), "industry": N_("Industry"),
    "lost_reason": N_("Reason of a loss"), "tag": N_("Tag"), "contractor": N_("Contractor"),
    "contractor_quote": N_("Contractor's price"), "contractor_service": N_("Contractor's service"),
    "contractor_contact": N_("Contact of a contractor"),
    "contractor_rating": N_("Contractor's rating"), "rate": N_("Rate"), "setting": N_("Setting"),
    "plan": N_("Plan"), "norm": N_("Norm"), "day_off": N_("Day off"),
    "calendar_year": N_("Calendar of a year"), "saved_filter": N_("Saved filter"),
    "closed_month": N_("Closed month"), "award": N_("Award"), "bonus_step": N_("Bonus"),
    "client_apart": N_("Different clients"),
    "digest_sent": N_("Digest"), "digest_target": N_("Where the digest goes"),
    "move_review": N_("Looked at"), "service": N_("Service"), "stage_move": N_("Stage"),
    "owner_change": N_("Responsible"), "task_change": N_("Task"), "reach_ruling": N_("Points"),
}  # fmt: skip

#: The column by which a record of a table is known.
TITLES: dict[str, str] = {
    "deal": "title", "task": "title", "client": "name", "note": "text", "person": "name",
    "team": "name", "pipeline": "name", "stage": "name", "task_kind": "name", "task_rule": "title",
    "link_rule": "title", "custom_field": "name", "source": "name", "industry": "name",
    "lost_reason": "name", "tag": "name", "contractor": "name", "rate": "currency",
    "saved_filter": "name", "day_off": "name", "client_contact": "value", "service": "name",
    "contractor_contact": "name", "digest_target": "name",
}  # fmt: skip

_NAME = (N_("Name"), "text")
_PERSON = (N_("Person"), "person")
_TEAM = (N_("Team"), "team")
_STAGE = (N_("Stage"), "stage")
_KIND = (N_("Kind"), "word")
_CLIENT = (N_("Client"), "client")
_DEAL = (N_("Deal"), "deal")
_MONTH = (N_("Month"), "month")
_CONTRACTOR = (N_("Contractor"), "contractor")
_SERVICE = (N_("Service"), "service")

#: What the fields are called and hold, by table.
FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "deal": {
        **{name: (FIELD_NAMES[name], holds) for name, holds in OF_DEAL.items()},
        "number": (N_("Number"), "number"), "merged_into_id": (N_("Merged into"), "deal"),
    },
    "task": {
        "title": (N_("Title"), "text"), "kind_id": (N_("Kind"), "task_kind"), "deal_id": _DEAL,
        "client_id": _CLIENT, "supervisor_id": (N_("Supervisor"), "person"),
        "stage_id": _STAGE, "must_be_done": (N_("Must be done"), "yes_no"),
        "asks_result": (N_("Asks for a result"), "yes_no"), "result": (N_("Result"), "text"),
        "remark": (N_("Remark"), "text"), "accepted": (N_("Accepted"), "yes_no"),
        "description": (N_("Text"), "text"), "checklist": (N_("Checklist"), "json"),
        "external_id": (N_("External number"), "text"),
    },
    "client": {
        "kind": _KIND, "name": _NAME, "company_id": (N_("Company"), "client"),
        "source_id": (N_("Source"), "source"), "industry_id": (N_("Industry"), "industry"),
        "tax_number": (N_("Tax number"), "text"), "notes": (N_("Notes"), "text"),
        "external_id": (N_("External number"), "text"),
        "merged_into_id": (N_("Merged into"), "client"),
    },
    "client_contact": {
        "client_id": _CLIENT, "kind": _KIND, "value": (N_("Phone or e-mail"), "text"),
    },
    "client_apart": {"client_id": _CLIENT, "other_id": (N_("Another client"), "client")},
    "note": {"text": (N_("Note"), "text"), "deal_id": _DEAL, "client_id": _CLIENT,
             "person_id": _PERSON},
    "payment": {
        "deal_id": _DEAL, "direction": (N_("Direction"), "word"), "amount": (N_("Amount"), "money"),
        "currency": (N_("Currency"), "text"), "planned_day": (N_("Planned for"), "day"),
        "actual_day": (N_("Paid on"), "day"), "contractor_id": (N_("Contractor"), "contractor"),
        "note": (N_("Note"), "text"),
    },
    "deal_tag": {"deal_id": _DEAL, "tag_id": (N_("Tag"), "tag")},
    "deal_person": {"deal_id": _DEAL, "person_id": _PERSON},
    "field_value": {"field_id": (N_("Field"), "custom_field"), "value": (N_("Value"), "text")},
    "contractor": {
        "name": _NAME, "phone": (N_("Phone"), "text"), "email": (N_("E-mail"), "text"),
        "tax_number": (N_("Tax number"), "text"), "rating": (N_("Rating"), "number"),
        "notes": (N_("Notes"), "text"), "external_id": (N_("External number"), "text"),
    },
    "contractor_service": {"contractor_id": _CONTRACTOR, "service_id": _SERVICE},
    "contractor_contact": {
        "contractor_id": _CONTRACTOR, "name": _NAME, "duty": (N_("Duty"), "text"),
        "phone": (N_("Phone"), "text"), "email": (N_("E-mail"), "text"),
    },
    "contractor_quote": {
        "contractor_id": _CONTRACTOR, "deal_id": _DEAL, "service_id": _SERVICE,
        "price": (N_("Price"), "money"), "currency": (N_("Currency"), "text"),
        "day": (N_("Day"), "day"), "accepted": (N_("Accepted"), "yes_no"),
        "planned_day": (N_("Planned for"), "day"), "actual_day": (N_("Done on"), "day"),
        "person_id": _PERSON, "note": (N_("Note"), "text"),
    },
    "contractor_rating": {
        "contractor_id": _CONTRACTOR, "criterion": (N_("Criterion"), "word"),
        "score": (N_("Score"), "number"),
        "why": (N_("Why"), "text"), "person_id": _PERSON, "day": (N_("Day"), "day"),
    },
    "person": {
        "name": _NAME, "role": (N_("Role"), "word"), "team_id": _TEAM,
        "supervisor_id": (N_("Supervisor"), "person"), "email": (N_("E-mail"), "text"),
        "phone": (N_("Phone"), "text"), "in_ranking": (N_("In the ranking"), "yes_no"),
        "first_day": (N_("First day"), "day"), "last_day": (N_("Last day"), "day"),
        "pin_hash": (N_("PIN"), "secret"), "external_id": (N_("External number"), "text"),
    },
    "team": {"name": _NAME, "parent_id": (N_("Inside"), "team"), "lead_id": (N_("Lead"), "person")},
    "absence": {
        "person_id": _PERSON, "first_day": (N_("From"), "day"), "last_day": (N_("Until"), "day"),
        "substitute_id": (N_("Substitute"), "person"),
    },
    "pipeline": {"name": _NAME, "counts": (N_("Counts in the ranking"), "yes_no")},
    "stage": {
        "pipeline_id": (N_("Pipeline"), "pipeline"), "name": _NAME,
        "colour": (N_("Colour"), "text"), "kind": _KIND,
        "probability": (N_("Probability"), "percent"),
        "limit_days": (N_("Time limit, days"), "number"), "milestone": (N_("Milestone"), "text"),
        "required": (N_("Required fields"), "json"), "paid_percent": (N_("Paid share"), "percent"),
        "archived": (N_("Archived"), "yes_no"),
    },
    "stage_points": {
        "stage_id": _STAGE, "valid_from": (N_("From"), "day"), "points": (N_("Points"), "points"),
    },
    "task_kind": {
        "name": _NAME, "icon": (N_("Icon"), "text"),
        "asks_result": (N_("Asks for a result"), "yes_no"),
    },
    "task_rule": {
        "stage_id": _STAGE, "title": (N_("Title"), "text"), "kind_id": (N_("Kind"), "task_kind"),
        "due_rule": (N_("Due"), "text"), "amount": (N_("Time"), "number"),
        "unit": (N_("Unit"), "text"), "date_field": (N_("Date"), "text"),
        "fixed_day": (N_("Day"), "day"),
        "due_minute": (N_("Minute of the day"), "number"), "event": (N_("Waits for"), "text"),
        "event_stage_id": _STAGE, "event_rule_id": (N_("Task rule"), "task_rule"),
        "event_field": (N_("Field"), "text"), "shift": (N_("To a working day"), "yes_no"),
        "assignee_rule": (N_("For whom"), "text"), "assignee_id": _PERSON, "team_id": _TEAM,
        "leave_policy": (N_("When the stage is left"), "text"),
        "must_be_done": (N_("Must be done"), "yes_no"),
        "asks_result": (N_("Asks for a result"), "yes_no"),
        "description": (N_("Text"), "text"), "checklist": (N_("Checklist"), "json"),
    },
    "link_rule": {
        "stage_id": _STAGE, "kind": _KIND, "target_stage_id": (N_("To the stage"), "stage"),
        "title": (N_("Title"), "text"), "assignee_rule": (N_("For whom"), "text"),
        "assignee_id": _PERSON, "team_id": _TEAM, "copied": (N_("Copied fields"), "json"),
        "filled": (N_("Filled fields"), "json"),
        "keeps_in_step": (N_("Keeps the fields in step"), "yes_no"),
        "allows_back": (N_("Moves the parent back, too"), "yes_no"),
    },
    "custom_field": {
        "subject": (N_("Of"), "text"), "name": _NAME, "kind": _KIND,
        "options": (N_("Choices"), "json"), "on_card": (N_("Shown on the card"), "yes_no"),
    },
    "source": {"name": _NAME}, "industry": {"name": _NAME}, "tag": {"name": _NAME},
    "service": {"name": _NAME},
    "lost_reason": {"name": _NAME, "not_refusal": (N_("Not a refusal"), "yes_no")},
    "rate": {"currency": (N_("Currency"), "text"), "valid_from": (N_("From"), "day"),
             "rate": (N_("Rate"), "rate")},
    "setting": {"name": _NAME, "value": (N_("Value"), "json")},
    "plan": {"metric": (N_("Metric"), "text"), "kind_id": (N_("Kind"), "task_kind"),
             "person_id": _PERSON, "team_id": _TEAM,
             "month": _MONTH, "value": (N_("Plan"), "tenths")},
    "norm": {"metric": (N_("Metric"), "text"), "person_id": _PERSON, "team_id": _TEAM,
             "month": _MONTH, "value": (N_("Norm"), "tenths")},
    "day_off": {"day": (N_("Day"), "day"), "name": _NAME, "origin": (N_("Origin"), "text")},
    "calendar_year": {"year": (N_("Year"), "number"), "country": (N_("Country"), "text")},
    "saved_filter": {"page": (N_("Page"), "text"), "name": _NAME, "person_id": _PERSON,
                     "content": (N_("Filter"), "json")},
    "closed_month": {"month": _MONTH, "person_id": _PERSON},
    "award": {"person_id": _PERSON, "first_month": _MONTH, "last_month": _MONTH,
              "place": (N_("Place"), "number"), "points": (N_("Points"), "points"),
              "confirmed_by_id": _PERSON, "reason": (N_("Reason"), "text")},
    "move_review": {"person_id": _PERSON, "note": (N_("Note"), "text")},
    "digest_target": {"kind": _KIND, "name": _NAME, "address": (N_("Address"), "text"),
                      "thread": (N_("Topic"), "number"), "active": (N_("In use"), "yes_no")},
    "bonus_step": {"from_percent": (N_("From"), "percent"), "percent": (N_("Bonus"), "percent")},
    "digest_sent": {"kind": _KIND, "day": (N_("Day"), "day"), "state": (N_("State"), "word"),
                    "person_id": _PERSON},
}  # fmt: skip

#: Fields that are not told: keys, places, what follows from other fields.
HIDDEN = frozenset(
    {
        "id", "uid", "deleted_at", "name_key", "title_key", "value_key", "position", "pos", "at",
        "created_at", "content", "subject_id", "event", "event_stage_id", "event_task_id",
        "event_field", "event_days", "note", "rule_id", "origin", "confirmed_by_id",
        "quote_id", "move_id", "target_id", "detail",
        # derived
        "pipeline_id", "stage_id", "owner_id", "since", "closed_at", "open_tasks", "next_due",
        "next_task_id", "assignee_id", "due_at", "state", "postponed",
    }
)  # fmt: skip

#: Words that a field may hold, as people say them.
WORDS: dict[str, str] = {
    "manager": N_("Manager"), "team_lead": N_("Team lead"), "admin": N_("Administrator"),
    "company": N_("Company"), "contact": N_("Contact"), "phone": N_("Phone"), "email": N_("E-mail"),
    "open": N_("Open"), "won": N_("Won"), "lost": N_("Lost"), "done": N_("Done"),
    "cancelled": N_("Cancelled"), "in": N_("from the client"), "out": N_("to a contractor"),
    "open_child": N_("Opens a deal"), "move_parent": N_("Moves the parent deal"),
    "text": N_("Text"), "number": N_("Number"), "money": N_("Amount"), "date": N_("Date"),
    "yes_no": N_("Yes or no"), "choice": N_("Choice"),
    "telegram": N_("Chat of Telegram"), "folder": N_("Folder or file"),
    "days": N_("Last seven days"), "month": N_("Month to date"),
    "month_before": N_("Month before"), "sending": N_("Being sent"), "sent": N_("Sent"),
    "failed": N_("Failed"), "unknown": N_("It may have arrived"), "skipped": N_("Skipped"),
    "price": N_("Price"), "quality": N_("Quality"), "deadlines": N_("Deadlines"),
}  # fmt: skip
