"""The fields that an import can feed, by kind of file, and how each is read."""

from typing import Literal, get_args

from salesdesk.text import N_, tr

Kind = Literal["deals", "moves", "tasks", "people", "companies", "contacts", "contractors"]
Shape = Literal["text", "date", "amount", "percent", "currency", "tags", "state", "role", "whole"]

KINDS: tuple[Kind, ...] = get_args(Kind)

#: Fields of each kind, in the order in which they are offered; deals may also feed own fields by
#: name. ``pipeline`` is a column that names the pipeline of each row (amoCRM's ``Воронка``).
FIELDS: dict[Kind, tuple[str, ...]] = {
    "deals": (
        *("external_id", "title", "owner", "company", "contact", "stage", "created_at"),
        *("stage_entered_at", "closed_at", "amount", "cost", "currency", "source", "industry"),
        *("expected_close", "probability", "parent", "lost_reason", "tags", "pipeline"),
    ),
    "moves": ("deal", "stage", "at", "by", "from", "owner", "pipeline"),
    "tasks": (
        *("external_id", "title", "deal", "assignee", "created_at", "due", "closed_at", "state"),
    ),
    "people": ("name", "team", "role", "supervisor", "email"),
    "companies": (
        *("external_id", "name", "industry", "source", "tax_number", "phone", "email", "notes"),
    ),
    "contacts": (
        *("external_id", "name", "company", "source", "tax_number", "phone", "email", "notes"),
    ),
    "contractors": (
        *("external_id", "name", "services", "tax_number", "phone", "email", "rating", "notes"),
    ),
}  # fmt: skip

#: Fields that must have a column or a constant, and a value in every row.
REQUIRED: dict[Kind, tuple[str, ...]] = {
    "deals": (),
    "moves": ("deal", "stage", "at"),
    "tasks": ("title",),
    "people": ("name",),
    "companies": ("name",),
    "contacts": ("name",),
    "contractors": ("name",),
}

_SHAPES: dict[str, Shape] = {
    "created_at": "date",
    "stage_entered_at": "date",
    "closed_at": "date",
    "expected_close": "date",
    "at": "date",
    "due": "date",
    "amount": "amount",
    "cost": "amount",
    "probability": "percent",
    "currency": "currency",
    "tags": "tags",
    "state": "state",
    "role": "role",
    "rating": "whole",
}

#: Fields that name people and clients, of any kind of file.
_NAMES = frozenset(("owner", "by", "assignee", "supervisor", "contact", "company"))

#: What stands between the columns that are joined into one field.
_JOINERS = {
    "title": " · ", "tags": ", ", "phone": ", ", "email": ", ", "notes": "\n", "services": "\n",
}  # fmt: skip

MILESTONES = (
    *("new", "meeting_scheduled", "meeting_held", "contract_signed", "advance_paid"),
    *("won", "lost"),
)

#: Names of the fields for people.
LABELS: dict[str, str] = {
    "external_id": N_("External number"),
    "title": N_("Title"),
    "owner": N_("Responsible person"),
    "company": N_("Client"),
    "contact": N_("Contact person"),
    "stage": N_("Stage"),
    "created_at": N_("Created"),
    "stage_entered_at": N_("In the stage since"),
    "closed_at": N_("Closed"),
    "amount": N_("Amount"),
    "cost": N_("Own cost"),
    "currency": N_("Currency"),
    "source": N_("Source"),
    "industry": N_("Industry"),
    "expected_close": N_("Expected close"),
    "probability": N_("Probability"),
    "parent": N_("Parent deal"),
    "lost_reason": N_("Lost reason"),
    "tags": N_("Tags"),
    "pipeline": N_("Pipeline"),
    "deal": N_("Deal"),
    "at": N_("Moment"),
    "by": N_("Moved by"),
    "from": N_("From stage"),
    "assignee": N_("Assignee"),
    "due": N_("Due"),
    "state": N_("State"),
    "name": N_("Name"),
    "team": N_("Team"),
    "role": N_("Role"),
    "supervisor": N_("Supervisor"),
    "email": N_("E-mail"),
    "tax_number": N_("Tax number"),
    "phone": N_("Phone"),
    "notes": N_("Notes"),
    "services": N_("Services"),
    "rating": N_("Rating"),
}


class FieldName:
    """A field as a value of a message: what people call it, in the language chosen by then, and
    its name in mapping files."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __str__(self) -> str:
        return f"{tr(LABELS[self._name])} ({self._name})"


def is_kind(text: str) -> bool:
    """Whether there is such a kind of file."""
    return text in KINDS


def kind_of(text: str) -> Kind:
    """``text`` as a kind; raises ``ValueError`` for none."""
    if text not in KINDS:
        raise ValueError(text)
    return text


def shape_of(field: str, kind: Kind) -> Shape:
    """How the values of a field are read; own fields are texts."""
    return _SHAPES.get(field, "text") if field in FIELDS[kind] else "text"


def names_someone(field: str, kind: Kind) -> bool:
    """Whether the values of a field are people or clients."""
    return field in FIELDS[kind] and (
        field in _NAMES or (field == "name" and kind in ("people", "companies", "contacts"))
    )


def joiner_of(field: str) -> str:
    """What stands between the columns joined into ``field``."""
    return _JOINERS.get(field, " ")
