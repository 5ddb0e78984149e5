"""What a task has to say of itself: why somebody else got it than its rule meant.

A task keeps a code and a name (``["person_left", "Boris"]``); the words are made when it is read,
in the language of whoever reads.
"""

import json

from salesdesk.text import N_, tr

#: Codes with what they say.
NOTES: dict[str, str] = {
    "person_left": N_("Meant for {name}, who does not work here any more."),
    "person_deleted": N_("Meant for {name}, who was deleted."),
    "person_unknown": N_("Its rule names a person who is not there any more."),
    "team_deleted": N_("Meant for the team {name}, which was deleted."),
    "team_empty": N_("Meant for the team {name}, in which nobody works."),
    "kind_deleted": N_("Its rule names the kind “{name}”, which was deleted."),
    "stage_deleted": N_("It would wait for the stage “{name}”, which was deleted."),
    "stage_archived": N_("It would wait for the stage “{name}”, which is archived."),
    "field_deleted": N_("Its rule names the field “{name}”, which was deleted."),
    "task_deleted": N_("It would wait for the task “{name}”, whose rule was deleted."),
}


def kept(code: str, name: str = "") -> str:
    """What a task keeps of a note."""
    if code not in NOTES:
        raise KeyError(code)
    return json.dumps([code, name], ensure_ascii=False)


def words(note: str | None) -> str | None:
    """A kept note in the chosen language; a text that is none of ours stays as it is."""
    if not note:
        return None
    try:
        code, name = json.loads(note)
        return tr(NOTES[code], name=name)
    except (KeyError, TypeError, ValueError):
        return note
