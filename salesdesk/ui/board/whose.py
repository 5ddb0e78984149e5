"""Whose deals the board shows: what the role may see, and the people that the filter means."""

from dataclasses import replace
from typing import Any

from salesdesk.services.cards import BoardFilter
from salesdesk.ui.board.filters import FilterBar
from salesdesk.ui.context import Context


class Whose:
    """The filter of a ``FilterBar`` as it is asked for."""

    def __init__(self, context: Context, bar: FilterBar) -> None:
        self._context, self._bar = context, bar
        #: Whose deals may be seen (and nobody's); ``None`` for all.
        self.seen: frozenset[int] | None = None

    def set_person(self, with_team: bool) -> None:
        """Take the person who works here; the team is asked for when it is needed."""
        context = self._context
        person = context.person_id
        self.seen = None
        if person is not None and context.role != "admin":
            self.seen = context.seen
        mine = frozenset() if person is None else frozenset({person})
        team = mine
        if person is not None and (with_team or self._bar.wants_team()):
            team = context.ask(_team_of, person)
        if self.seen is not None:
            team &= self.seen | mine
        self._bar.set_people(mine, team)

    def resolved(self) -> BoardFilter:
        """The filter with its people, limited to what may be seen."""
        chosen = self._bar.chosen()
        if chosen.who or chosen.people or chosen.teams or chosen.clients:
            from salesdesk.services import filters

            chosen = self._context.ask(filters.resolved, chosen, self._context.person_id)
        return chosen if self.seen is None else replace(chosen, seen=self.seen)

    def owners(self) -> frozenset[int] | None:
        """Whose deals a past board shows; 0 stands for nobody, ``None`` for everybody."""
        from salesdesk.services.timeline import owners_of

        return owners_of(self.seen, self.resolved().owner_ids)

    def for_counts(self) -> BoardFilter:
        """The filter without all but the people, for the numbers beside the chips."""
        chosen = self.resolved()
        return BoardFilter(owner_ids=chosen.owner_ids, seen=chosen.seen)


def _team_of(r: Any, person_id: int) -> frozenset[int]:
    from salesdesk.services import filters

    return filters.team_of(r, person_id)
