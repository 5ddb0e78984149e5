"""Writing to amoCRM (Kommo): arrays of drafts, refused elements, batches that were too heavy, and
links between leads, contacts and companies.

Whether an array that was refused, cut off or too much was applied in part is not documented: what
is new is looked up by our identifier before any of it is sent again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from salesdesk.services.sync import amocrm_rows as rows
from salesdesk.services.sync.amocrm_account import PAGE, AmoAccount, Refusals
from salesdesk.services.sync.amocrm_rows import PATHS
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.remote import Draft, Entity, FarRecord, Outcome, Value

#: Recommended; 250 are allowed.
BATCH = 50
_TRIES = 4
#: Refusals of an array that may be about one element.
_REFUSED = (Kind.INVALID, Kind.GONE)
_LINKS = {"company": "companies", "contact": "contacts"}
#: Looks up what carries our identifiers: kind, identifiers.
Find = Callable[[Entity, Sequence[str]], Mapping[str, FarRecord]]


class Writing:
    """Creates and updates in one account. ``batch`` is what it takes at once as of now."""

    def __init__(self, account: AmoAccount, clock: Clock, find: Find) -> None:
        self.account = account
        self.codes: Mapping[str, str] = {}
        self.batch = BATCH
        #: Whether contacts can be linked with companies; None as long as nothing has told.
        self.links_contacts: bool | None = None
        self._clock = clock
        self._find = find

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> list[Outcome]:
        """Make objects, and see that those they belong to are linked with them."""
        found = self._write("POST", entity, drafts)
        if entity in ("deal", "contact"):
            self._see_links(entity, drafts, found)
        return found

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> list[Outcome]:
        """Set fields of objects; what they belong to is linked, not written."""
        lines = self._lines(entity, drafts)
        found = self._write("PATCH", entity, drafts, lines)
        if entity in ("deal", "contact"):
            for place, draft in enumerate(drafts):
                if draft.fields.keys() & _LINKS.keys() and found[place].failure is None:
                    found[place] = self._relink(entity, draft, found[place])
        return found

    # -- arrays ---------------------------------------------------------------------------------

    def _write(
        self, verb: str, entity: Entity, drafts: Sequence[Draft],
        lines: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> list[Outcome]:  # fmt: skip
        """Send an array: what is refused by name is set aside, the rest is sent again."""
        found: dict[str, Outcome] = {}
        left = list(drafts)
        tries = _TRIES
        while left:
            tries -= 1
            try:
                items = self._sent(verb, entity, left, lines or {})
            except Refusals as failure:
                left = self._refused(verb, entity, left, failure, found)
            except Failure as failure:
                if failure.kind is Kind.RATE and tries:
                    self._pause(failure)
                    left = self._not_there(verb, entity, left, found)
                    continue
                self._lighter(failure)
                found |= {one.uid: Outcome(one.uid, failure=failure) for one in left}
                break
            else:
                found |= _outcomes(left, items, verb == "POST")
                if len(left) >= self.batch:
                    self.batch = min(BATCH, self.batch + 1)
                break
        return [found[one.uid] for one in drafts]

    def _pause(self, failure: Failure) -> None:
        until = failure.retry_at or 0
        self._clock.sleep(max(0, until - self._clock.now()) / 1_000_000)

    def _sent(
        self, verb: str, entity: Entity, drafts: Sequence[Draft],
        lines: Mapping[str, Mapping[str, Any]],
    ) -> Sequence[Mapping[str, Any]]:  # fmt: skip
        new = verb == "POST"
        content = [
            rows.body(entity, one, self.codes, new=new, there=lines.get(one.far_id))
            for one in drafts
        ]
        path = "/leads/notes" if entity == "note" else f"/{PATHS[entity]}"
        if not new and all(set(one) <= {"id", "request_id"} for one in content):
            return [{"id": one["id"]} for one in content]  # links alone have changed
        found = self.account.call(verb, path, content, writes=True, repeats=not new) or {}
        items = (found.get("_embedded") or {}).get(path.rpartition("/")[2]) or ()
        for one in items:
            self.account.newest = max(self.account.newest, int(one.get("updated_at") or 0))
        return list(items)

    def _refused(
        self, verb: str, entity: Entity, left: list[Draft], failure: Refusals,
        found: dict[str, Outcome],
    ) -> list[Draft]:  # fmt: skip
        """Set aside what was named (alone, or by its place); the others go again."""
        named = {
            one.uid: said
            for place, one in enumerate(left)
            for key in (one.uid, str(place))
            if (said := failure.by_request.get(key)) is not None
        }
        if len(left) == 1 or failure.kind not in _REFUSED:
            found |= {one.uid: Outcome(one.uid, failure=failure) for one in left}
            return []
        if not named:  # nobody is named: each on its own
            for one in self._not_there(verb, entity, left, found):
                found[one.uid] = self._write(verb, entity, [one])[0]
            return []
        for uid, said in named.items():
            found[uid] = Outcome(uid, failure=Failure(Kind.INVALID, said))
        rest = [one for one in left if one.uid not in named]
        return self._not_there(verb, entity, rest, found)

    def _not_there(
        self, verb: str, entity: Entity, left: list[Draft], found: dict[str, Outcome]
    ) -> list[Draft]:
        """Those that are to be sent again: of what is new, what is not there yet."""
        if verb != "POST" or not left:
            return left
        there = self._find(entity, [one.uid for one in left])
        for uid, record in there.items():
            found[uid] = Outcome(uid, record.far_id)
        return [one for one in left if one.uid not in there]

    def _lighter(self, failure: Failure) -> None:
        """Too heavy a batch: half of it from now on (it grows again by one each time)."""
        if failure.field == "504":
            self.batch = max(1, self.batch // 2)

    # -- links ----------------------------------------------------------------------------------

    def _see_links(self, entity: Entity, drafts: Sequence[Draft], found: list[Outcome]) -> None:
        """See that what was made is linked with what it belongs to; link it where it is not."""
        linking = {
            found[place].far_id: place for place, draft in enumerate(drafts)
            if found[place].failure is None
            and any(draft.fields.get(name) for name in _LINKS if name in rows.HOLDS[entity])
        }  # fmt: skip
        if not linking:
            return
        there = self.rows(entity, list(linking))
        for key, place in linking.items():
            draft = replace(drafts[place], far_id=key)
            record = rows.record(entity, there[key], self.codes) if key in there else None
            fields = {
                name: draft.fields[name] for name in _LINKS
                if draft.fields.get(name)
                and (record is None or record.fields.get(name) != draft.fields[name])
            }  # fmt: skip
            if fields:
                found[place] = self._relink(entity, replace(draft, fields=fields), found[place])

    def _relink(self, entity: Entity, draft: Draft, done: Outcome) -> Outcome:
        """Have an object linked with what a draft says, and with that alone: links that are there
        are not made again, for that is answered with an error."""
        if entity == "contact" and self.links_contacts is False:
            return done
        path = f"/{PATHS[entity]}/{draft.far_id}"
        try:
            there = self._links(path)
            for name, kind in _LINKS.items():
                if name in draft.fields:
                    self._relink_one(path, kind, str(draft.fields[name] or ""), there.get(kind, {}))
        except Failure as failure:
            if entity == "contact" and failure.kind is Kind.GONE and self._stands(draft.far_id):
                self.links_contacts = False
                return done
            if failure.kind in (Kind.UNKNOWN, Kind.INVALID, Kind.GONE):
                return Outcome(done.uid, failure=failure)
            raise
        if entity == "contact":
            self.links_contacts = True
        return done

    def _stands(self, far_id: str) -> bool:
        """Whether a contact is there."""
        return far_id in self.rows("contact", [far_id])

    def see_contact(self, far_id: str) -> None:
        """Learn once, by a contact that is there, whether contacts have links of their own: only
        those of leads are documented everywhere."""
        if self.links_contacts is not None:
            return
        try:
            self._links(f"/contacts/{far_id}")
        except Failure as failure:
            if failure.kind is not Kind.GONE:
                raise
            self.links_contacts = False
        else:
            self.links_contacts = True

    def _relink_one(self, path: str, kind: str, wanted: str, there: Mapping[str, bool]) -> None:
        main = next((key for key, is_main in there.items() if is_main), next(iter(there), ""))
        if wanted == main:
            return
        to_go = [key for key in there if key == wanted or (key == main and kind == "companies")
                 or (key == main and not wanted)]  # fmt: skip
        if to_go:
            self.account.call("POST", f"{path}/unlink", [_link(kind, key) for key in to_go],
                              writes=True)  # fmt: skip
        if not wanted:
            return
        one = _link(kind, wanted)
        if kind == "contacts":
            one["metadata"] = {"is_main": True}
        try:
            self.account.call("POST", f"{path}/link", [one], writes=True)
        except Failure as failure:
            if failure.kind is not Kind.UNKNOWN or wanted not in self._links(path).get(kind, {}):
                raise

    def _links(self, path: str) -> dict[str, dict[str, bool]]:
        """What an object is linked with: by kind, whether each is the main one."""
        found: dict[str, dict[str, bool]] = {}
        for one in self.account.all(f"{path}/links", "links", {"limit": PAGE}):
            kind = found.setdefault(str(one.get("to_entity_type")), {})
            kind[str(one.get("to_entity_id"))] = bool(
                (one.get("metadata") or {}).get("main_contact")
                or (one.get("metadata") or {}).get("is_main")
            )
        return found

    # -- rows as they stand ---------------------------------------------------------------------

    def rows(self, entity: Entity, far_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Objects as the account tells them, by their keys."""
        path = "/leads/notes" if entity == "note" else f"/{PATHS[entity]}"
        more = {"with": rows.WITH[entity]} if entity in rows.WITH else {}
        if entity in rows.FILTERED and not self.account.filters:
            return self._each(path, far_ids, more)
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(far_ids), BATCH):
            part = list(far_ids[start : start + BATCH])
            chosen: dict[str, Any] = {"limit": PAGE, **more}
            chosen |= {f"filter[id][{place}]": key for place, key in enumerate(part)}
            for one in self.account.all(path, path.rpartition("/")[2], chosen):
                if str(one["id"]) in part:
                    found[str(one["id"])] = one
                if found.keys() >= set(part):
                    break
        return found

    def _each(
        self, path: str, far_ids: Sequence[str], more: Mapping[str, Any]
    ) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for key in far_ids:
            try:
                one = self.account.get(f"{path}/{key}", more)
            except Failure as failure:
                if failure.kind is not Kind.GONE:
                    raise
                continue
            if one.get("id"):
                found[key] = one
        return found

    def _lines(self, entity: Entity, drafts: Sequence[Draft]) -> dict[str, Mapping[str, Any]]:
        """Clients whose phones or e-mails change, as they stand: each value keeps its kind."""
        keys = [one.far_id for one in drafts if one.fields.keys() & {"phones", "emails"}]
        return self.rows(entity, keys) if keys else {}

    def publish(self, results: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking into the deals' fields. A deal that is refused alone holds up no
        other."""
        deals = [row for row in results if row.get("entity") == "deal"]
        for start in range(0, len(deals), BATCH):
            self._publish([rows.results(row, self.codes) for row in deals[start : start + BATCH]])

    def _publish(self, content: list[dict[str, Any]]) -> None:
        try:
            self.account.call("PATCH", "/leads", content, writes=True)
        except Failure as failure:
            if failure.kind not in _REFUSED or len(content) == 1:
                raise
            refused = [one for one in content if self._is_refused(one)]
            if len(refused) == len(content):
                raise

    def _is_refused(self, one: dict[str, Any]) -> bool:
        try:
            self.account.call("PATCH", "/leads", [one], writes=True)
        except Failure as failure:
            if failure.kind not in _REFUSED:
                raise
            return True
        return False


def _link(kind: str, key: str) -> dict[str, Any]:
    return {"to_entity_id": int(key), "to_entity_type": kind}


def _outcomes(
    drafts: Sequence[Draft], items: Sequence[Mapping[str, Any]], new: bool
) -> dict[str, Outcome]:
    """The outcome of each: by the request's id where it is new, by its key where it is not."""
    if new:
        by_uid = {str(one.get("request_id") or ""): str(one["id"]) for one in items if "id" in one}
    else:
        keys = {str(one.get("id")) for one in items}
        by_uid = {draft.uid: draft.far_id for draft in drafts if draft.far_id in keys}
    return {
        draft.uid: Outcome(draft.uid, by_uid[draft.uid])
        if draft.uid in by_uid
        else Outcome(draft.uid, failure=Failure(Kind.UNKNOWN))
        for draft in drafts
    }
