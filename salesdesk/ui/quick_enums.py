"""Qt's enumerations, made a tenth as dearly: a start needs two hundred with 3,500 members.

PySide makes a class of Python's ``enum`` when one of Qt's is first asked for, by the functional
interface. That costs 20 microseconds a member, for what enumerations written by hand may need:
values that are computed, members that hide attributes. Here plain ones (names with whole numbers)
are put together at once; they are what ``enum`` would have made, to the last attribute. Of each
kind that is tried on a sample first, and where it does not hold ``enum`` itself goes on.
"""

import enum
import sys
from typing import Any

_slow: Any = vars(enum.EnumType)["_create_"]
_SAMPLE = [("A", 1), ("B", 4), ("C", 1), ("D", 5), ("E", 0)]
_makers: "dict[type, _Maker | None]" = {
    enum.Enum: None, enum.IntEnum: None, enum.Flag: None, enum.IntFlag: None,
}  # fmt: skip


def install() -> None:
    """Make those that follow quickly, in the Python whose ``enum`` this knows."""
    if sys.version_info[:2] == (3, 11):
        setattr(enum.EnumType, "_create_", _create)  # noqa: B010 - it is not declared


def _create(
    cls: Any, class_name: str, names: Any, *, module: str | None = None,
    qualname: str | None = None, type: Any = None, start: int = 1, boundary: Any = None,
) -> Any:  # fmt: skip
    if module is None:  # as enum does: of whoever asked
        module = sys._getframe(2).f_globals.get("__name__")
    plain = boundary is enum.KEEP and qualname is None and type is None and names.__class__ is list
    if plain and cls in _makers:
        maker = _makers[cls] = _makers[cls] or _Maker(cls)
        made = maker.make(class_name, names, module) if maker.holds else None
        if made is not None:
            return made
    return _slow(
        cls, class_name, names, module=module, qualname=qualname, type=type, start=start,
        boundary=boundary,
    )  # fmt: skip


class _Maker:
    """Makes subclasses of one of ``enum``'s own classes after the pattern of a sample."""

    def __init__(self, base: Any) -> None:
        self._base = base
        self._flags = issubclass(base, enum.Flag)
        self._whole = issubclass(base, int)
        kinds: list[type] = [*base.__mro__, *enum.EnumType.mro(enum.EnumType)]
        self._taken = frozenset().union(*map(vars, kinds))
        sample = _slow(base, "Sample", _SAMPLE, module=__name__, boundary=enum.KEEP)
        of_sample = dict(vars(sample))
        order = list(of_sample)
        first, last = order.index(_SAMPLE[0][0]), order.index(_SAMPLE[-1][0])
        self._before = {name: of_sample[name] for name in order[:first]}
        self._after = [(name, of_sample[name]) for name in order[last + 1 :]]
        made = self.make("Sample", _SAMPLE, __name__)
        self.holds = made is not None and told(made) == told(sample)

    def make(self, class_name: str, names: list[Any], module: str | None) -> Any:
        """The enumeration; ``None`` where it is not a plain one."""
        pairs = dict(names)
        if len(pairs) < len(names) or not self._taken.isdisjoint(pairs):
            return None
        begins = {name[:1] for name in pairs}
        if not begins.isdisjoint(("_", "")) or not {int}.issuperset(map(type, pairs.values())):
            return None
        singles: list[int] = []
        if self._flags:
            singles = [v for v in dict.fromkeys(pairs.values()) if v > 0 and not v & v - 1]
            if singles != sorted(singles) or min(pairs.values(), default=0) < 0:
                return None
        members: dict[str, Any] = {}
        by_value: dict[int, Any] = {}
        listed: list[str] = []
        own = {
            "_member_names_": listed, "_member_map_": members, "_value2member_map_": by_value,
            "_unhashable_values_": [], "__module__": module,
        }  # fmt: skip
        made = type.__new__(type(self._base), class_name, (self._base,), self._before | own)
        put, new, whole = type.__setattr__, made._new_member_, self._whole
        for name, value in names:
            member = new(made, value) if whole else new(made)
            member._value_ = value
            member._name_ = name
            member.__objclass__ = made
            member._sort_order_ = len(listed)
            known = by_value.setdefault(value, member)
            if known is member and (not self._flags or (value and not value & value - 1)):
                listed.append(name)
            put(made, name, known)
            members[name] = known
        for name, thing in self._after:
            put(made, name, thing)
        if self._flags:
            self._set_masks(made, singles, pairs)
        return made

    def _set_masks(self, made: Any, singles: list[int], pairs: dict[str, int]) -> None:
        whole = 0
        for value in pairs.values():
            whole |= value
        put = type.__setattr__
        put(made, "_flag_mask_", whole)
        put(made, "_singles_mask_", sum(singles))
        put(made, "_all_bits_", 2 ** whole.bit_length() - 1)


def told(made: Any) -> list[Any]:
    """All that there is to know of an enumeration, to be compared."""
    found: list[Any] = [made.__name__, made.__qualname__, made.__bases__, type(made)]
    for name, thing in vars(made).items():
        if isinstance(thing, made):
            thing = _of_member(thing)
        elif isinstance(thing, dict):
            thing = [(key, _of_member(member)) for key, member in thing.items()]
        found.append((name, thing.__class__, thing))
    return found


def _of_member(member: Any) -> list[Any]:
    told = {name: thing for name, thing in vars(member).items() if name != "__objclass__"}
    own = member.__objclass__ is type(member)
    return [list(told.items()), own, hash(member), int(member) if isinstance(member, int) else None]
