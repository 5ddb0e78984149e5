"""Text typed in the wrong keyboard layout: the same keys in the other one (English and Russian)."""

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_LATIN_UP = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_TO_CYRILLIC = str.maketrans(_LATIN + _LATIN_UP, _CYRILLIC + _CYRILLIC.upper())
_TO_LATIN = str.maketrans(_CYRILLIC + _CYRILLIC.upper(), _LATIN + _LATIN_UP)
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


def switched(text: str) -> str:
    """What the same keys give in the other layout: Russian for what is mostly Latin letters, else
    English; empty when there is no letter of either."""
    small = text.casefold()
    latin = sum(char in _LETTERS for char in small)
    cyrillic = sum(char in _CYRILLIC for char in small)
    if not latin and not cyrillic:
        return ""
    return text.translate(_TO_CYRILLIC if latin >= cyrillic else _TO_LATIN)
