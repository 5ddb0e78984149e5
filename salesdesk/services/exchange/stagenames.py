"""What the name of a stage says by itself: won or lost, a milestone, its place in the order."""

import re
from collections.abc import Iterable

from salesdesk.names import folded
from salesdesk.services.exchange.mapping import StageKindText, StageRule


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_WON = _words(
    "won|closed won|close won|closedwon|deal won|win|success|successful|successfully completed"
    "|closed successfully|закрыто успешно|успешно реализовано|успешно завершено|успешно закрыто"
    "|успешно|успех|успешная|успешная сделка|сделка успешна|сделка закрыта успешно|выиграна"
    "|выиграно|выигран|сделка выиграна|завершена успешно|завершено успешно|реализовано|продано"
    "|закрыта успешно|сделка завершена|успешная реализация|142"
)
_LOST = _words(
    "lost|closed lost|close lost|closedlost|deal lost|lose|loss|failed|failure|closed failed"
    "|refusal|refused|declined|disqualified|unqualified|abandoned|rejected|cancelled|canceled"
    "|apology|analyze failure"
    "|закрыто и не реализовано|не реализовано|отказ|отказы|отказался|сделка провалена|провал"
    "|провалена|провалено|проиграна|проиграно|проигран|сделка проиграна|потеряна|потеряно"
    "|закрыто неуспешно"
    "|закрыта неуспешно|неуспешно|анализ причины провала|анализ причин провала|отменена|отменено"
    "|отмена|не состоялась|сделка отменена|некачественный лид|143"
)
_CODE = re.compile(r"(?:c\d+:)?(won|lose|apology)", re.IGNORECASE)

_MILESTONES = {
    "meeting_scheduled": "встреча назначена|назначена встреча|meeting scheduled"
    "|appointment scheduled|meeting set|meeting booked|demo scheduled|appointmentscheduled",
    "meeting_held": "встреча проведена|проведена встреча|meeting held|meeting completed"
    "|meeting done|demo held|demo completed",
    "contract_signed": "договор подписан|подписан договор|contract signed|договор заключен",
    "advance_paid": "аванс внесен|аванс получен|аванс оплачен|advance paid|advance received"
    "|предоплата получена|предоплата внесена|prepayment received|deposit paid",
}
_MILESTONE_OF = {
    name: milestone for milestone, names in _MILESTONES.items() for name in names.split("|")
}

#: Beginnings of words, in the order in which a sale goes through them; the latest match counts.
_ORDER = (
    "неразобран|unsorted|incoming|входящ",
    "new|нов|lead|лид|заявк|prospect|первичн|open|cold",
    "contact|контакт|связ|engag|qualif|квалиф|взят|interest|созвон|дозвон|warm",
    "meeting|встреч|appoint|demo|present|презент|needs|analys|замер|выявлен|потребност|discover",
    "propos|quote|предложен|кп|оценк|value|buyer|решени|decision|perception|price|смет|расч",
    "negot|переговор|соглас|review|торг|evaluat",
    "contract|договор|подпис|commit|verbal",
    "аванс|оплат|invoice|pay|счет|предоплат|deposit|advance",
    "исполн|производ|deliver|отгруз|монтаж|execut|доставк|работы|акт",
)
_STEPS = tuple(tuple(stems.split("|")) for stems in _ORDER)


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^\w:]+", " ", folded(name)).split())


def kind_of_stage(name: str) -> StageKindText | None:
    """``won`` or ``lost`` when the name says so beyond doubt, else nothing."""
    code = _CODE.fullmatch(name.strip())
    if code:
        return "won" if code.group(1).lower() == "won" else "lost"
    plain = _plain(name)
    if plain in _WON or plain.startswith("closed won "):  # and why: ``Closed Lost to Competition``
        return "won"
    return "lost" if plain in _LOST or plain.startswith("closed lost ") else None


def stage_rules(
    values: Iterable[str], kinds: dict[str, StageKindText] | None = None
) -> list[StageRule]:
    """Rules for the stages named by ``values`` (in the order of first appearance).

    Open ones are put into the order of a sale if every one of them can be placed, else they stay
    as they appeared; then won, then lost. ``kinds`` are kinds known from another column.
    """
    rules = []
    for value in dict.fromkeys(values):
        kind = kind_of_stage(value) or (kinds or {}).get(value)
        milestone = _MILESTONE_OF.get(_plain(value)) if kind is None else None
        rules.append(StageRule(value, value, kind, milestone))
    still = [rule for rule in rules if rule.kind is None]
    steps = {rule.value: _step(rule.value) for rule in still}
    if all(step is not None for step in steps.values()):
        still.sort(key=lambda rule: steps[rule.value] or 0)
    won = [rule for rule in rules if rule.kind == "won"]
    return still + won + [rule for rule in rules if rule.kind == "lost"]


def _step(name: str) -> int | None:
    words = _plain(name).split()
    found = [
        step
        for step, stems in enumerate(_STEPS)
        if any(word.startswith(stem) for word in words for stem in stems)
    ]
    return max(found) if found else None
