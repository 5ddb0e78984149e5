"""Words by which programs write that a cell holds nothing."""

#: Whatever the column holds, compared without case.
NOTHING = frozenset(("-", "--", "—", "–", "null", "none", "n/a"))

#: The same of values that no word can be: what pandas, MySQL and spreadsheets write.
NO_VALUE = NOTHING | {"nan", "#n/a", "\\n", "(null)", "<null>"}

#: More of them where people are named. Words of dates (``не закрыта``) are left out.
_NOBODY = NO_VALUE | {
    *("(пусто)", "(empty)", "(blank)", "не указан", "не указана", "не указано"),
}
#: A first name that differs from what programs write (``nan``, ``NaN``) by its capital alone.
_A_NAME = "Nan"


def is_nobody(text: str) -> bool:
    """Whether a whole cell says that there is no person or client."""
    return text.casefold() in _NOBODY and text != _A_NAME
