"""A portal of Bitrix24 on loopback, as strict as the vendor's documentation: envelopes, codes of
errors, pages of fifty, batches, silently dropped fields, the leaky bucket, a history of stages that
nobody can write. A colleague edits through ``Portal.edit``."""

import threading
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.emulators import bitrix24_offline, bitrix24_people
from tests.emulators.bitrix24_http import running
from tests.emulators.bitrix24_methods import FIELDS, METHODS, Refusal
from tests.emulators.bitrix24_oauth import NOBODY, Caller, OAuth
from tests.emulators.bitrix24_offline import Offline
from tests.emulators.bitrix24_v3 import Replays
from tests.emulators.faults import Faults

SECRET = "canary0s3cr3t"
_ZONE = timezone(timedelta(hours=3))
_METHODS = ChainMap(METHODS, bitrix24_offline.METHODS, bitrix24_people.METHODS)
_READ_ONLY = {"id", "createdTime", "updatedTime", "createdBy", "updatedBy", "movedTime", "movedBy",
              "stageSemanticId"}  # fmt: skip


@dataclass
class Portal:
    """The state of the portal. ``clock`` answers seconds; ``limits``: whether the bucket counts."""

    clock: Callable[[], float]
    secret: str = SECRET
    limits: bool = False
    drops: frozenset[str] = frozenset()
    refuses: str = ""
    scopes: tuple[str, ...] = ("crm", "task", "user_brief")
    admins: frozenset[int] = frozenset({1})
    features: frozenset[str] = frozenset({"rest_offline_extended", "rest_auth_connector"})
    items: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"lead": {}, "deal": {}, "contact": {}, "company": {}}
    )
    tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    #: The same by the deals and leads that they are of.
    lines: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    userfields: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Who works there, by their keys, their custom fields, and whom ``user.update`` has changed.
    people: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "1": {"ACTIVE": True, "NAME": "Anna", "LAST_NAME": "Orlova", "EMAIL": ""},
            "7": {"ACTIVE": True, "NAME": "Maria", "LAST_NAME": "Kim", "EMAIL": ""},
        }
    )
    people_fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    #: Seconds that methods have taken lately, what each call of one takes, methods that say no.
    operating: dict[str, float] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    requests: int = 0
    refused: int = 0
    port: int = 0
    #: Who makes the call that is being answered; a colleague at the screen is nobody.
    caller: Caller = NOBODY
    oauth: OAuth = field(init=False, repr=False)
    offline: Offline = field(init=False, repr=False)
    replays: Replays = field(init=False, repr=False)
    _level: float = 0.0
    _level_at: float = 0.0
    _last: int = 100
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.oauth, self.offline, self.replays = OAuth(self), Offline(self), Replays(self)

    @property
    def home(self) -> str:
        """The address of the portal."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def webhook(self) -> str:
        """The address of the incoming webhook."""
        return f"{self.home}/rest/1/{self.secret}/"

    # -- what a colleague does ----------------------------------------------------------------

    def add(self, kind: str, by: int = 7, **fields: Any) -> int:
        """Somebody makes an object in the CRM."""
        with self.lock:
            return int(self.made(kind, fields, by)["id"])

    def edit(self, kind: str, key: int, by: int = 7, **fields: Any) -> None:
        """Somebody changes an object in the CRM."""
        with self.lock:
            self.changed(kind, key, fields, by)

    def comment(self, deal: int, text: str, by: int = 7) -> int:
        """Somebody comments on a deal in the CRM."""
        key = self.key()
        if deal in self.items["deal"]:  # that is no change of the deal
            self.items["deal"][deal]["lastActivityTime"] = self.text()
        self.comments[key] = {"ID": str(key), "ENTITY_ID": deal, "ENTITY_TYPE": "deal",
                              "COMMENT": text, "CREATED": self.text(),
                              "AUTHOR_ID": str(by)}  # fmt: skip
        return key

    # -- items ----------------------------------------------------------------------------------

    def text(self, at: float | None = None) -> str:
        """A moment as it is written there."""
        moment = int(self.clock() if at is None else at)
        return datetime.fromtimestamp(moment, UTC).astimezone(_ZONE).isoformat()

    def key(self) -> int:
        self._last += 1
        return self._last

    def _known(self, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields that it knows; others are dropped without a word, as the real one does."""
        known = FIELDS[kind] - _READ_ONLY - self.drops
        own = set(self.userfields) if kind == "deal" else set()
        return {
            name: value for name, value in fields.items()
            if name in known or (name in own and name not in self.drops)
        }  # fmt: skip

    def made(self, kind: str, fields: Mapping[str, Any], by: int) -> dict[str, Any]:
        now = self.text()
        item: dict[str, Any] = {
            "id": self.key(), "assignedById": by, "createdBy": by, "updatedBy": by,
            "createdTime": now, "updatedTime": now, "originatorId": None, "originId": None,
        }  # fmt: skip
        if kind == "deal":
            item |= {"title": f"Deal #{item['id']}", "categoryId": 0, "opportunity": 0,
                     "currencyId": "RUB", "companyId": None, "contactId": None, "contactIds": [],
                     "movedTime": now, "movedBy": by, "begindate": None, "lastActivityTime": now,
                     "closedate": f"{self.text(self.clock() + 7 * 86_400)[:10]}T03:00:00+03:00",
                     }  # fmt: skip
        elif kind == "lead":
            item |= {"title": f"Lead #{item['id']}", "opportunity": 0, "currencyId": "RUB",
                     "companyId": None, "contactId": None, "contactIds": [], "movedTime": now,
                     "movedBy": by, "categoryId": None}  # fmt: skip
        elif kind == "contact":
            item |= {"name": "", "secondName": "", "lastName": "", "companyId": None, "fm": []}
        else:
            item |= {"title": "", "fm": []}
        item |= self._typed(kind, self._known(kind, fields), item)
        if "movedTime" in item:
            item.setdefault("stageId", self.first(item["categoryId"]))
            self._check_stage(item)
        self.items[kind][item["id"]] = item
        if "movedTime" in item:
            self._tell(item, 1)
        self.offline.happened(f"ONCRM{kind.upper()}ADD", item["id"])
        return item

    def changed(self, kind: str, key: int, fields: Mapping[str, Any], by: int) -> dict[str, Any]:
        item = self.items[kind].get(key)
        if item is None:
            raise Refusal(400, "NOT_FOUND", "Элемент не найден")
        news = self._typed(kind, self._known(kind, fields), item)
        changed = {name: value for name, value in news.items() if item.get(name) != value}
        if not changed:
            return item  # the save is skipped: nothing is bumped
        before = (item.get("categoryId"), item.get("stageId"))
        made = {**item, **changed}
        if "movedTime" in item:
            self._check_stage(made)
        item.update(made)
        item |= {"updatedTime": self.text(), "updatedBy": by}
        if "movedTime" in item and before != (item["categoryId"], item["stageId"]):
            item |= {"movedTime": self.text(), "movedBy": by}
            self._tell(item, 5 if before[0] != item["categoryId"] else 2)
        self.offline.happened(f"ONCRM{kind.upper()}UPDATE", key)
        if kind == "deal" and before[0] != item["categoryId"]:
            where = {"CATEGORY_ID": str(item["categoryId"]), "STAGE_ID": item["stageId"]}
            self.offline.happened("ONCRMDEALMOVETOCATEGORY", key, **where)
        return item

    def _typed(self, kind: str, fields: dict[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the kinds that the item methods answer with."""
        made = dict(fields)
        for name in ("categoryId", "assignedById", "companyId", "contactId"):
            if name in made:
                number = int(made[name] or 0)
                made[name] = number if number or name == "categoryId" else None
        if "contactIds" in made:
            if not isinstance(made["contactIds"], list):
                raise Refusal(400, "100", "contactIds must be array")
            made["contactIds"] = [int(each) for each in made["contactIds"]]
            made["contactId"] = made["contactIds"][0] if made["contactIds"] else None
        if "opportunity" in made:
            made["opportunity"] = float(made["opportunity"] or 0)
        if "closedate" in made and not made["closedate"]:
            made["closedate"] = None
        elif "closedate" in made:
            made["closedate"] = f"{str(made['closedate'])[:10]}T03:00:00+03:00"
        if "fm" in made:
            made["fm"] = self._lines(made["fm"], item.get("fm") or [])
        for name in ("originId", "originatorId"):
            if name in made:
                made[name] = made[name] or None
        return made

    def _lines(self, given: Any, there: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Phones and e-mails: rows with an id are changed or, emptied, deleted; others are new;
        those that are not named stay."""
        if not isinstance(given, list):
            raise Refusal(400, "100", "fm must be array")
        rows = {int(one["id"]): dict(one) for one in there}
        for one in given:
            key = int(one.get("id") or 0)
            if key and key not in rows:
                raise Refusal(400, "INVALID_ARG_VALUE", "fm")
            if key and not one.get("value"):
                del rows[key]
            elif one.get("value"):
                key = key or self.key()
                rows[key] = {**rows.get(key, {}), **one, "id": key}
        return list(rows.values())

    def _check_stage(self, item: dict[str, Any]) -> None:
        stages = {stage["STATUS_ID"]: stage for stage in self.stages(item["categoryId"])}
        if item["stageId"] not in stages:
            raise Refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "stageId")
        item["stageSemanticId"] = stages[item["stageId"]]["SEMANTICS"] or "P"

    def _tell(self, item: Mapping[str, Any], kind: int) -> None:
        line = {"ID": len(self.history) + 9001, "TYPE_ID": kind, "OWNER_ID": item["id"],
                "CREATED_TIME": self.text(), "CATEGORY_ID": item["categoryId"]}  # fmt: skip
        what = "STATUS" if item["categoryId"] is None else "STAGE"
        line |= {f"{what}_SEMANTIC_ID": item["stageSemanticId"], f"{what}_ID": item["stageId"]}
        self.history.append(line)
        self.lines.setdefault(item["id"], []).append(line)

    def stages(self, category: int | None) -> list[dict[str, Any]]:
        """The stages of a pipeline, those of a fresh portal; of leads for None."""
        if category is None:
            return [
                {"ENTITY_ID": "STATUS", "STATUS_ID": code, "NAME": code, "SORT": str(place * 10),
                 "SEMANTICS": semantics, "CATEGORY_ID": None, "SYSTEM": "N"}
                for place, (code, semantics) in enumerate(
                    (("NEW", None), ("IN_PROCESS", None), ("CONVERTED", "S"), ("JUNK", "F")), 1
                )
            ]  # fmt: skip
        prefix = f"C{category}:" if category else ""
        named = (
            ("NEW", "New request", None), ("PREPARATION", "Meeting scheduled", None),
            ("HELD", "Meeting held", None), ("CONTRACT", "Contract signed", None),
            ("PREPAYMENT_INVOICE", "Advance paid", None), ("WON", "Won", "S"),
            ("LOSE", "Lost", "F"), ("APOLOGY", "Apology", "F"),
        )  # fmt: skip
        return [
            {"ENTITY_ID": f"DEAL_STAGE_{category}" if category else "DEAL_STAGE",
             "STATUS_ID": prefix + code, "NAME": name, "SORT": str(place * 10),
             "SEMANTICS": semantics, "CATEGORY_ID": None, "SYSTEM": "N"}
            for place, (code, name, semantics) in enumerate(named, 1)
        ]  # fmt: skip

    def first(self, category: int | None) -> str:
        """The first stage of a pipeline."""
        return str(self.stages(category)[0]["STATUS_ID"])

    # -- requests -------------------------------------------------------------------------------

    def takes(self) -> bool:
        """Whether the leaky bucket takes one more request."""
        if not self.limits:
            return True
        now = self.clock()
        self._level = max(0.0, self._level - 2 * (now - self._level_at))
        self._level_at = now
        if self._level > 50:
            self.refused += 1
            return False
        self._level += 1
        return True

    def answer(self, method: str, params: Mapping[str, Any], by: int) -> Any:
        """What a method answers; raises ``Refusal``."""
        name = method.lower()
        found = _METHODS.get(name)
        if found is None:
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        if name in self.refusals:
            raise self.refusals[name]
        if self.operating.get(name, 0.0) > 480:
            raise Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time")
        self.operating[name] = self.operating.get(name, 0.0) + self.costs.get(name, 0.0)
        with self.offline.asked(params):
            return found(self, params, by)

    def time(self) -> dict[str, Any]:
        """The block of times of every answer."""
        at = self.clock()
        return {"start": at, "finish": at, "duration": 0.0, "processing": 0.0,
                "date_start": self.text(), "date_finish": self.text(),
                "operating_reset_at": int(at) + 600, "operating": 0}  # fmt: skip


__all__ = ["SECRET", "Portal", "Refusal", "running"]
