"""Names of clients without what tells nobody apart, and an index of them to look names up in.

The core of a name is folded, without quotes and without its legal form (ООО, LLC, GmbH ...); the
words of a person's name are sorted, because people are written both ways. The index is kept for an
open workspace and brought up to date from the log before it answers.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from salesdesk import names
from salesdesk.models.store import Reader, Store
from salesdesk.names import folded

_FORMS = frozenset((
    "ооо", "оао", "ао", "зао", "пао", "нао", "ип", "чп", "тоо", "фгуп", "гуп", "муп", "мку", "мбу",
    "ано", "нко", "кфх", "спк", "гк", "пк", "тд", "пбоюл", "ooo", "oao", "ao", "zao", "pao", "ip",
    "llc", "llp", "lp", "ltd", "limited", "inc", "incorporated", "corp", "corporation", "co",
    "company", "plc", "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "sa", "sas", "sarl", "srl",
    "spa", "sl", "bv", "nv", "oy", "oyj", "ab", "as", "aps", "sro", "spzoo", "kft", "pty", "pte",
    "jsc", "ojsc", "cjsc", "pjsc",
))  # fmt: skip
_LONG_FORMS = re.compile(
    r"\b(?:обществ\w* с ограниченной ответственностью|(?:публичн\w+ |закрыт\w+ |открыт\w+ |"
    r"непубличн\w+ )?акционерн\w+ обществ\w+|индивидуальн\w+ предпринимател\w+|"
    r"товариществ\w+ с ограниченной ответственностью|limited liability company|"
    r"sp\.? ?z ?o\.? ?o\.?|gmbh (?:&|und|and) co\.?(?: kg)?)(?=\W|$)"
)
_DOTS = re.compile(r"(?<=\b\w)\.\s?(?=\w\b)")
_WORDS = re.compile(r"[^\W_]+")
#: Read so many names at a time, so that other threads come in between.
_CHUNK = 2_000
#: So many letters of a name's beginning or end are right when the rest is mistyped.
_ENDS = 3


def core(name: str, kind: str = "company") -> str:
    """What is left of a name when it is compared; of a name that is all legal form, the name."""
    text = _LONG_FORMS.sub(" ", folded(name))
    words = _WORDS.findall(_DOTS.sub("", text))
    kept = [word for word in words if word not in _FORMS] or words
    return " ".join(sorted(kept) if kind == "contact" else kept)


def initials(name: str) -> str:
    """Two letters of a company's name, without its legal form."""
    return names.initials(name, _FORMS)


@dataclass(slots=True)
class NameIndex:
    """Clients of a workspace by the core of their names and by its words."""

    cores: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    by_core: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    starts: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    ends: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    read_to: int = 0
    lock: Lock = field(default_factory=Lock)

    def named(self, name: str) -> set[int]:
        """Clients whose names are the same without legal forms and the order of words."""
        found: set[int] = set()
        for kind in ("company", "contact"):
            found |= self.by_core.get(core(name, kind), set())
        return found

    def alike(self, name: str) -> Iterator[dict[int, str]]:
        """Cores that begin or end as ``name`` does, by client: whatever may be nearly the same,
        if not mistyped at both ends."""
        yield self.starts.get(name[:_ENDS], {})
        yield self.ends.get(name[-_ENDS:], {})

    def load(self, key: int, kind: str, name: str) -> None:
        """Take a client in while nobody reads yet."""
        made = core(name, kind)
        self.cores[key], self.kinds[key] = made, kind
        self.by_core[made].add(key)
        self.starts[made[:_ENDS]][key] = self.ends[made[-_ENDS:]][key] = made
        for word in made.split():
            self.by_word[word].add(key)

    def put(self, key: int, kind: str, name: str) -> None:
        """Take a client in, or its new name; sets that others may be reading are not changed."""
        self.drop(key)
        made = core(name, kind)
        self.by_core[made] = self.by_core[made] | {key}
        for ends, part in ((self.starts, made[:_ENDS]), (self.ends, made[-_ENDS:])):
            ends[part] = {**ends[part], key: made}
        for word in made.split():
            self.by_word[word] = self.by_word[word] | {key}
        self.kinds[key], self.cores[key] = kind, made

    def drop(self, key: int) -> None:
        """Forget a client."""
        was = self.cores.pop(key, None)
        if was is None:
            return
        self.by_core[was] = self.by_core[was] - {key}
        for ends, part in ((self.starts, was[:_ENDS]), (self.ends, was[-_ENDS:])):
            ends[part] = {each: name for each, name in ends[part].items() if each != key}
        for word in was.split():
            self.by_word[word] = self.by_word[word] - {key}


_indexes: "WeakKeyDictionary[Store, NameIndex]" = WeakKeyDictionary()
_making = Lock()


def index_of(r: Reader) -> NameIndex:
    """The index of the workspace, as the reader sees it (the first time all names are read)."""
    with _making:
        found = _indexes.setdefault(r.store, NameIndex())
    with found.lock:
        _bring_up(r, found)
    return found


def _bring_up(r: Reader, index: NameIndex) -> None:
    newest = int(r.value("SELECT coalesce(max(id), 0) FROM change"))
    if newest == index.read_to:
        return
    if index.read_to == 0:
        last = 0
        while rows := r.rows(
            "SELECT id, kind, name FROM client WHERE deleted_at IS NULL AND id > ? "
            "ORDER BY id LIMIT ?",
            (last, _CHUNK),
        ):
            for row in rows:
                index.load(*row)
            last = rows[-1][0]
    else:
        _take_changes(r, index)
    index.read_to = newest


def _take_changes(r: Reader, index: NameIndex) -> None:
    changed = r.rows(
        "SELECT DISTINCT row_id FROM change WHERE id > ? AND tbl = 'client'", (index.read_to,)
    )
    ids = [row[0] for row in changed]
    there: dict[int, tuple[Any, ...]] = {
        row[0]: row
        for row in r.rows_of(
            "SELECT id, kind, name FROM client WHERE deleted_at IS NULL AND id IN ({ids})", ids
        )
    }
    for key in ids:
        if key in there:
            index.put(*there[key])
        else:
            index.drop(key)
