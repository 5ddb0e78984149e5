"""What a card and a column head say, in the chosen language."""

from functools import lru_cache

from salesdesk.moments import Zone
from salesdesk.services.cards import (
    Age,
    CardChild,
    CardField,
    DealCard,
    StageColumn,
    TaskState,
)
from salesdesk.text import N_, language, ntr, tr
from salesdesk.ui.formats import (
    DASH,
    NO_BREAK,
    clock,
    day_short,
    money,
    own_text,
    short_money,
    sign,
)

_CHILDREN_TOLD = 6

_STATES: dict[TaskState, str] = {
    "overdue": N_("Overdue"),
    "today": N_("Today"),
    "planned": N_("Planned"),
    "waiting": N_("Waiting"),
    "none": N_("No task"),
}
_AGES: dict[Age, str] = {
    "fresh": "",
    "warn": N_("half of the stage's limit is over"),
    "stuck": N_("stuck: beyond the stage's limit"),
}


def state(task_state: TaskState) -> str:
    """The state of a card in a word."""
    return tr(_STATES[task_state])


def days(n: int) -> str:
    """``3 d``, for the badge."""
    return _days(n, language())


@lru_cache(maxsize=1000)
def _days(n: int, _language: str) -> str:
    return tr("{n} d", n=n).replace(" ", NO_BREAK)


def probability(percent: int) -> str:
    """``30%`` as the language writes it."""
    return tr("{n}%", n=percent)


def child(one: CardChild) -> str:
    """``Logistics · Estimate ready``."""
    return f"{one.pipeline} · {one.stage}"


def _told(one: CardChild) -> str:
    return f"{child(one)} · {tr('overdue task')}" if one.late else child(one)


class Wording:
    """Words that depend on the workspace: its zone, its currency and the present moment.

    ``now`` (a moment) is set by the page before it repaints.
    """

    def __init__(self, zone: Zone, currency: str, now: int) -> None:
        self.zone = zone
        self.currency = currency
        self.now = now
        self._day = (now, zone.day_of(now))

    def due(self, moment: int) -> str:
        """A due moment beside today: ``yesterday``, ``today 18:00``, ``25 Nov``."""
        day = self.zone.day_of(moment)
        distance = day - self._today()
        if distance == 0:
            return tr("today {time}", time=clock(self.zone, moment))
        if distance == -1:
            return tr("yesterday")
        if distance == 1:
            return tr("tomorrow")
        return day_short(day)

    def _today(self) -> int:
        if self._day[0] != self.now:
            self._day = (self.now, self.zone.day_of(self.now))
        return self._day[1]

    def task(self, card: DealCard) -> tuple[str, str]:
        """The next task's title and when it is due; ``No task`` and nothing without one."""
        if card.task_state == "none" or card.next_task is None:
            return tr("No task"), ""
        if card.next_due is None:
            waits = card.task_state == "waiting"
            return card.next_task, tr("waiting") if waits else tr("no date")
        return card.next_task, self.due(card.next_due)

    def tooltip(self, card: DealCard) -> str:
        """All of the card in full, a line each."""
        title, due = self.task(card)
        lines = [f"{card.title} · #{card.number}"]
        lines.append(f"{card.company or DASH} · {money(card.amount, card.currency)}")
        if card.task_state == "none":
            lines.append(title)
        else:
            lines.append(" · ".join(filter(None, (state(card.task_state), title, due))))
        lines.append(self._stay(card))
        if card.owner:
            lines.append(card.owner)
        lines += [f"{one.name}: {self.own(one, card)}" for one in card.fields]
        lines += [f"↳ {_told(one)}" for one in card.children[:_CHILDREN_TOLD]]
        if (more := len(card.children) - _CHILDREN_TOLD) > 0:
            lines.append(ntr("and {n} more linked deal", "and {n} more linked deals", more))
        return "\n".join(lines)

    def spoken(self, card: DealCard, column: StageColumn) -> str:
        """The card for a screen reader: title, company, amount, task, days, owner, column."""
        title, due = self.task(card)
        parts = [card.title, card.company or "", money(card.amount, card.currency)]
        if card.task_state == "none":
            parts.append(title)
        else:
            parts.append(f"{state(card.task_state)}: {title} {due}".rstrip())
        parts += [self._stay(card), card.owner or ""]
        parts += [f"{one.name} {self.own(one, card)}" for one in card.fields]
        parts += [_told(one) for one in card.children[:_CHILDREN_TOLD]]
        return ", ".join(part for part in (*parts, column.name) if part)

    @staticmethod
    def own(field: CardField, card: DealCard) -> str:
        """The value of an own field."""
        return own_text(field.kind, field.value, card.currency)

    def _stay(self, card: DealCard) -> str:
        stay = ntr("{n} day in this stage", "{n} days in this stage", card.days_in_stage)
        age = tr(_AGES[card.age])
        return f"{stay}, {age}" if age else stay

    def sums(self, column: StageColumn) -> str:
        """The second line of a column head: ``9.2 M ₽ · ~2.8 M``."""
        if not column.summed:
            return ""
        total = short_money(column.amount, self.currency)
        if column.kind != "open" or not column.weighted:
            return total
        weighted = short_money(column.weighted, self.currency)
        return f"{total} · ~{weighted.removesuffix(NO_BREAK + sign(self.currency))}"

    def head_tooltip(self, column: StageColumn) -> str:
        """A column in full, a line each."""
        lines = [
            f"{column.name} · {ntr('{n} deal', '{n} deals', column.count)}",
            tr("Sum: {sum}", sum=money(column.amount, self.currency)),
            tr(
                "Weighted by {percent}: {sum}",
                percent=probability(column.probability),
                sum=money(column.weighted, self.currency),
            ),
        ]
        if column.unrated:
            lines.append(tr("Left out, no rate: {names}", names=", ".join(column.unrated)))
        if column.limit_days is not None:
            lines.append(ntr("Limit: {n} day", "Limit: {n} days", column.limit_days))
        return "\n".join(lines)
