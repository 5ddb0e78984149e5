"""What was typed to find a line of a list, read in both keyboard layouts."""

from salesdesk.names import folded
from salesdesk.ui import shortcuts


class Typed:
    """``finds(text)``: whether a folded text (``names.folded``) holds every typed word, as typed or
    as the same keys give them in the other layout. Nothing typed finds everything."""

    def __init__(self, typed: str = "") -> None:
        self.words = folded(typed).split()
        self._other = folded("".join(map(shortcuts.other_layout, typed))).split()

    def __bool__(self) -> bool:
        return bool(self.words)

    def finds(self, text: str) -> bool:
        """Whether a folded text is one that was meant."""
        return all(word in text for word in self.words) or all(word in text for word in self._other)
