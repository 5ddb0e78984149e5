"""What the import page says of a file, in the chosen language."""

from salesdesk.services.exchange.fields import LABELS
from salesdesk.services.exchange.table import Found
from salesdesk.services.stage_rows import MILESTONES
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui.formats import whole
from salesdesk.ui.imports.trial import CLIENTS, PEOPLE, FieldFound, Trial

KINDS = {
    "deals": N_("deals"),
    "moves": N_("stage moves"),
    "tasks": N_("tasks"),
    "people": N_("people"),
    "companies": N_("companies"),
    "contacts": N_("contact persons"),
    "contractors": N_("contractors"),
}
_DELIMITERS = {
    "comma": N_("comma"),
    "semicolon": N_("semicolon"),
    "tab": N_("tab"),
    "bar": N_("vertical bar"),
    "none": N_("one column"),
}
_ORIGINS = {
    "amocrm": N_("amoCRM export, {kind}"),
    "bitrix24": N_("Bitrix24 export, {kind}"),
    "generic": N_("{kind}"),
}
STAGE_KINDS = {"open": N_("Open"), "won": N_("Won"), "lost": N_("Lost")}


def dates(label: str) -> str:
    """How dates are written (``D.M.Y``), with the letters of the chosen language."""
    letters = {"D": trp("date", "D"), "M": trp("date", "M"), "Y": trp("date", "Y")}
    if set(label) - set("DMY./- "):
        return label  # a format of the file's own
    return "".join(letters.get(char, char) for char in label)


def kind(name: str) -> str:
    """What the rows are: ``deals``."""
    return tr(KINDS[name])


def field_label(name: str | None) -> str:
    """The name of a field for people; own fields have their own."""
    if name is None:
        return tr("— not imported")
    return tr(LABELS[name]) if name in LABELS else name


def recognised(origin: str, name: str) -> str:
    """Whose export it is and of what: ``amoCRM export, deals``."""
    return tr(_ORIGINS[origin], kind=kind(name)) if origin != "generic" else kind(name)


def encoding(found: Found) -> str:
    """``UTF-8``, ``Windows-1251``; the kind of file for others than CSV."""
    names = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1251": "Windows-1251"}
    return names.get(found.encoding.lower(), found.encoding) or found.kind.upper()


def delimiter(found: Found) -> str:
    """The delimiter in a word; for a workbook its sheet."""
    if found.delimiter in _DELIMITERS:
        return tr(_DELIMITERS[found.delimiter])
    return found.sheet or found.kind.upper()


def milestone(name: str | None) -> str:
    """The milestone of a stage, or that it has none."""
    return tr(MILESTONES[name]) if name else tr("no milestone")


def stage_kind(name: str | None) -> str:
    """``Open``, ``Won`` or ``Lost``."""
    return tr(STAGE_KINDS[name or "open"])


def found_text(name: str, found: FieldFound, trial: Trial) -> str:
    """What the rows hold for a field: ``30 people, 30 new``, ``dates M/D/Y, 500 empty``."""
    if not found.rows:
        return ""
    parts: list[str] = []
    different = whole(found.different)
    if name in PEOPLE:
        parts.append(ntr("{count} person", "{count} people", found.different, count=different))
    elif name in CLIENTS:
        parts.append(ntr("{count} client", "{count} clients", found.different, count=different))
    elif name == "stage":
        parts.append(ntr("{count} stage", "{count} stages", found.different, count=different))
    elif name == "deal":
        parts.append(ntr("{count} deal", "{count} deals", found.different, count=different))
    elif name == "external_id":
        known = trial.updated + trial.unchanged
        parts.append(tr("{n} known", n=whole(known)) if known else tr("{n} new", n=different))
    elif found.dates:
        parts.append(tr("dates {format}", format=dates(found.dates)))
    elif found.numbers:
        parts.append(tr("numbers"))
    if found.new >= 0 and found.different:
        parts.append(tr("{n} new", n=whole(found.new)))
    if found.bad:
        parts.append(tr("{n} cannot be read", n=whole(found.bad)))
    if found.empty:
        empty = tr("{n} empty", n=whole(found.empty))
        rows = ntr("{count} row empty", "{count} rows empty", found.empty, count=whole(found.empty))
        parts.append(empty if parts else rows)
    return ", ".join(parts)
