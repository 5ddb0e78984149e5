"""What the keys of a pivot's dimensions are called, and in which order they stand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from salesdesk.models.store import Reader
from salesdesk.services import pivot_dates
from salesdesk.services.pivot_fields import LISTS
from salesdesk.services.pivot_spec import Axis, Raw
from salesdesk.text import N_, tr, trp

#: Lists that people put in an order themselves: a process, not a competition.
_IN_ORDER: Final = ("stage", "pipeline")
#: How nothing is called: nobody, no team.
_NOTHING: Final = {
    "person": N_("Nobody"), "team": N_("Without a team"), "client": N_("No client"),
    "moment": N_("No date"), "day": N_("No date"), "iso": N_("No date"), "tag": N_("No tag"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of the keys of one axis. ``places``: where they stand, if they have an order of their
    own; else the larger number stands first. ``colours``: those of stages, for charts."""

    labels: Mapping[Raw, str]
    places: Mapping[Raw, int] | None
    colours: Mapping[Raw, str]

    def order(self, key: Raw, size: Any) -> tuple[Any, ...]:
        """A sort key among the axis' keys; nothing stands last."""
        if self.places is not None:
            return (key is None, self.places.get(key, len(self.places)), str(key))
        return (key is None, -size, self.labels[key].casefold(), str(key))


def names_of(r: Reader, axis: Axis, keys: Collection[Raw]) -> Names:
    """The names of these keys, in the chosen language."""
    dimension = axis.dimension
    nothing = tr(_NOTHING.get(dimension.kind, N_("Not set")))
    known: list[Raw] = [key for key in keys if key is not None]
    found: dict[Raw, str]
    if dimension.is_date:
        found = {key: _dated(key, axis.by) for key in known}
        order = sorted(known, key=lambda key: (isinstance(key, str), key))
        return Names({**found, None: nothing}, _places(order), {})
    if dimension.kind == "word":
        words = dimension.words
        found = {key: trp("pivot", words[str(key)]) if key in words else str(key) for key in known}
        return Names({**found, None: nothing}, _places([*words, *known]), {})
    if dimension.kind in LISTS:
        found, order, colours = _listed(r, dimension.kind, known)
        places = _places(order) if dimension.kind in _IN_ORDER else None
        return Names({**found, None: nothing}, places, colours)
    return Names({**{key: str(key) for key in known}, None: nothing}, None, {})


def _places(order: Collection[Raw]) -> dict[Raw, int]:
    found: dict[Raw, int] = {}
    for key in order:
        found.setdefault(key, len(found))
    return found


def _dated(key: Raw, by: str) -> str:
    return pivot_dates.name(key, by) if isinstance(key, int) else str(key)


def _listed(
    r: Reader, kind: str, keys: list[Raw]
) -> tuple[dict[Raw, str], list[Raw], dict[Raw, str]]:
    """Names by key, the keys in the list's order, colours."""
    if kind == "stage":
        return _stages(r, keys)
    table, column = LISTS[kind], "title" if kind == "deal" else "name"
    order = "position, id" if kind == "pipeline" else "id"
    rows = r.rows_of(
        f"SELECT id, {column} FROM {table} WHERE id IN ({{ids}}) ORDER BY {order}", keys
    )
    found: dict[Raw, str] = {key: f"#{key}" for key in keys}
    found.update(rows)
    return found, [row[0] for row in rows], {}


def _stages(r: Reader, keys: list[Raw]) -> tuple[dict[Raw, str], list[Raw], dict[Raw, str]]:
    """Stages; those of one name in several pipelines say in which."""
    rows = r.rows(
        "SELECT s.id, s.name, p.name, s.colour FROM stage s "
        "JOIN pipeline p ON p.id = s.pipeline_id ORDER BY p.position, p.id, s.position, s.id"
    )
    wanted = set(keys)
    shown = [row for row in rows if row[0] in wanted]
    names = [row[1] for row in shown]
    found: dict[Raw, str] = {key: f"#{key}" for key in keys}
    for key, name, pipeline, _colour in shown:
        found[key] = f"{name} · {pipeline}" if names.count(name) > 1 else name
    return found, [row[0] for row in rows], {row[0]: row[3] for row in shown}
