"""Writing to a portal of Bitrix24: drafts as calls, answers as outcomes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from salesdesk.services.sync import bitrix24_people as people
from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync import bitrix24_setup as setup
from salesdesk.services.sync.bitrix24_portal import Call, Portal
from salesdesk.services.sync.bitrix24_rows import ENTITY_TYPES, LEAD, LEAD_TYPE, ORIGINATOR
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.remote import Draft, Entity, FarRecord, Outcome, Value

#: Reads an item that was answered: the kind of record, the item, the key it was asked by.
Read = Callable[[Entity, Mapping[str, Any], str], FarRecord]
_LINES = frozenset({"phones", "emails"})


class Writing:
    """Creates and updates through one portal."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.moves_field = ""
        self._choices: dict[str, dict[str, int]] | None = None

    # -- new ------------------------------------------------------------------------------------

    def create(self, entity: Entity, drafts: Sequence[Draft], read: Read) -> list[Outcome]:
        """Make objects; what is done already is made and then done."""
        answers = self.portal.many(
            {draft.uid: self._making(entity, draft) for draft in drafts}, writes=True
        )
        found = [_outcome(entity, draft, answers.get(draft.uid), read) for draft in drafts]
        if entity == "task":
            self._finish(drafts, found)
        return found

    def _making(self, entity: Entity, draft: Draft) -> Call:
        if entity == "task":
            return "tasks.task.add", {"fields": self._new_task(draft)}
        if entity == "note":
            return "crm.timeline.comment.add", {"fields": rows.note_fields(draft)}
        given = draft.fields
        if entity == "deal":  # a day that is not named is in a week there, and would come back
            given = {"expected_day": None, **given}
        fields = rows.item_fields(entity, given, self.moves_field)
        fields |= {"originatorId": ORIGINATOR, "originId": draft.uid}
        return "crm.item.add", {
            "entityTypeId": ENTITY_TYPES[entity], "useOriginalUfNames": "Y",
            "fields": {name: value for name, value in fields.items() if value != []},
        }  # fmt: skip

    def _new_task(self, draft: Draft) -> dict[str, Any]:
        """A task of somebody who is nobody there is that of the key's own person: the portal takes
        none without one, and gives a deal to that person by itself."""
        fields = rows.task_fields(draft, new=True)
        return fields if "RESPONSIBLE_ID" in fields else {
            **fields, "RESPONSIBLE_ID": self.portal.user
        }  # fmt: skip

    def _finish(self, drafts: Sequence[Draft], found: list[Outcome]) -> None:
        """End the tasks that were made as ended ones."""
        places = [
            place for place, draft in enumerate(drafts)
            if draft.fields.get("done") is True and found[place].failure is None
        ]  # fmt: skip
        calls: dict[str, Call] = {
            str(place): ("tasks.task.complete", {"taskId": int(found[place].far_id)})
            for place in places
        }
        if not calls:
            return
        try:
            answers = self.portal.many(calls, writes=True)
        except Failure as failure:
            answers = dict.fromkeys(calls, failure)
        for place in places:
            answer = answers.get(str(place), Failure(Kind.UNKNOWN))
            one = found[place]
            if isinstance(answer, Failure):  # it is there: looked up, adopted, and done then
                found[place] = Outcome(one.uid, failure=Failure(Kind.UNKNOWN, answer.detail))
            else:
                found[place] = Outcome(one.uid, one.far_id, _task_of(answer))

    # -- what is there --------------------------------------------------------------------------

    def update(self, entity: Entity, drafts: Sequence[Draft], read: Read) -> list[Outcome]:
        """Set fields of objects."""
        lines = self._lines(entity, drafts)
        steps: dict[str, list[Call]] = {
            draft.uid: self._changing(entity, draft, lines.get(draft.far_id, ()))
            for draft in drafts
        }
        calls = {
            f"{uid}.{place}": call
            for uid, each in steps.items() for place, call in enumerate(each)
        }  # fmt: skip
        answers = self.portal.many(calls, writes=True)
        found = []
        for draft in drafts:
            each = [answers.get(f"{draft.uid}.{place}") for place in range(len(steps[draft.uid]))]
            failed = next((one for one in each if isinstance(one, Failure)), None)
            if not each:
                answer: Any = Failure(Kind.INVALID, ", ".join(sorted(draft.fields)))
            else:
                answer = failed or (None if None in each else each[-1])
            found.append(_outcome(entity, draft, answer, read))
        return self._gone(found, drafts) if entity == "task" else found

    def _changing(
        self, entity: Entity, draft: Draft, lines: Sequence[Mapping[str, Any]]
    ) -> list[Call]:
        if entity == "task":
            return self._changing_task(draft)
        if entity == "note":
            text = rows.note_fields(draft)["COMMENT"]
            return [("crm.timeline.comment.update",
                     {"id": int(draft.far_id), "fields": {"COMMENT": text}})]  # fmt: skip
        is_lead = draft.far_id.startswith(LEAD)
        fields = rows.lead_fields(draft.fields) if is_lead else rows.item_fields(
            entity, draft.fields, self.moves_field, lines)  # fmt: skip
        return [("crm.item.update",
                 {"entityTypeId": LEAD_TYPE if is_lead else ENTITY_TYPES[entity],
                  "id": rows.number(draft.far_id), "fields": fields,
                  "useOriginalUfNames": "Y"})]  # fmt: skip

    def _changing_task(self, draft: Draft) -> list[Call]:
        key = int(draft.far_id)
        fields = rows.task_fields(draft, new=False)
        calls: list[Call] = [("tasks.task.update", {"taskId": key, "fields": fields})]
        if not fields:
            calls = []
        if "done" in draft.fields:
            verb = "complete" if draft.fields["done"] else "renew"
            calls.append((f"tasks.task.{verb}", {"taskId": key}))
        return calls

    def _lines(
        self, entity: Entity, drafts: Sequence[Draft]
    ) -> dict[str, Sequence[Mapping[str, Any]]]:
        """Phones and e-mails as they stand, with the ids of their rows: a value is changed or
        deleted by its row's id alone."""
        keys = [draft.far_id for draft in drafts if draft.fields.keys() & _LINES]
        if not keys or entity not in ("company", "contact"):
            return {}
        calls: dict[str, Call] = {
            key: ("crm.item.get", {"entityTypeId": ENTITY_TYPES[entity], "id": int(key)})
            for key in keys
        }
        answers = self.portal.many(calls, writes=False)
        found: dict[str, Sequence[Mapping[str, Any]]] = {}
        for key, answer in answers.items():
            if not isinstance(answer, Failure):
                block = ((answer or {}).get("item") or {}).get("fm")
                found[key] = block if isinstance(block, list) else ()
        return found

    def _gone(self, found: list[Outcome], drafts: Sequence[Draft]) -> list[Outcome]:
        """A task that is not there any more is refused with a code that says nothing: look."""
        doubted = [
            draft.far_id for draft, one in zip(drafts, found, strict=True)
            if one.failure is not None and one.failure.kind is Kind.INVALID
        ]  # fmt: skip
        there = self.tasks(doubted) if doubted else {}
        return [
            Outcome(one.uid, failure=Failure(Kind.GONE))
            if draft.far_id in doubted and draft.far_id not in there
            else one
            for draft, one in zip(drafts, found, strict=True)
        ]

    def tasks(self, far_ids: Sequence[str]) -> dict[str, FarRecord]:
        """Tasks as they stand; one that is not there is answered with an empty list."""
        calls: dict[str, Call] = {
            key: ("tasks.task.get", {"taskId": int(key), "select": list(rows.TASK_SELECT)})
            for key in far_ids
        }
        found = {}
        for key, answer in self.portal.many(calls, writes=False).items():
            if isinstance(answer, Failure):
                if answer.kind in (Kind.GONE, Kind.INVALID):
                    continue
                raise answer
            record = _task_of(answer)
            if record is not None:
                found[key] = record
        return found

    # -- results --------------------------------------------------------------------------------

    def publish(self, results: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking into the fields of deals and users."""
        people.publish(self.portal, [row for row in results if row.get("entity") == "person"])
        deals = [row for row in results if row.get("entity") == "deal"]
        if deals:
            self._publish_deals(deals)

    def _publish_deals(self, results: Sequence[Mapping[str, Value]]) -> None:
        """A deal that is refused alone, or is gone, holds up no other."""
        if self._choices is None:
            self._choices = setup.choices(self.portal)
        calls: dict[str, Call] = {
            str(place): (
                "crm.item.update",
                {"entityTypeId": ENTITY_TYPES["deal"], "id": int(str(row["far_id"])),
                 "fields": rows.results(row, self._choices), "useOriginalUfNames": "Y"},
            )
            for place, row in enumerate(results)
            if not str(row["far_id"]).startswith(LEAD)
        }  # fmt: skip
        answers = self.portal.many(calls, writes=True).values()
        failed = [one for one in answers if isinstance(one, Failure)]
        alone = setup.REFUSED_ALONE if len(failed) < len(calls) else (Kind.GONE,)
        for failure in failed:
            if failure.kind not in alone:
                raise failure


def _task_of(answer: Any) -> FarRecord | None:
    item = answer.get("task") if isinstance(answer, dict) else None
    return rows.task(item) if isinstance(item, dict) else None


def _outcome(entity: Entity, draft: Draft, answer: Any, read: Read) -> Outcome:
    """What became of a draft; an answer that tells no key leaves a new object unknown."""
    if isinstance(answer, Failure):
        return Outcome(draft.uid, failure=answer)
    record: FarRecord | None = None
    if entity == "task":
        record = _task_of(answer)
    elif entity != "note":
        item = answer.get("item") if isinstance(answer, dict) else None
        if isinstance(item, dict) and item.get("id"):
            record = read(entity, item, draft.far_id)
    elif answer is not None and not draft.far_id:
        return Outcome(draft.uid, str(answer))
    key = record.far_id if record is not None else draft.far_id
    if answer is None or not key:
        return Outcome(draft.uid, failure=Failure(Kind.UNKNOWN))
    return Outcome(draft.uid, key, record)
