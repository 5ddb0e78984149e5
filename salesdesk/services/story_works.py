"""What the sales of the sample story set off: payments, and the work of logistics and service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from salesdesk.moments import money_of
from salesdesk.services import deals
from salesdesk.services.pipelines import Stage
from salesdesk.services.story_cast import Offer, Seller
from salesdesk.services.story_desk import Desk

#: Working days in each stage of a child deal, by its place in the pipeline.
_LOGISTICS = ((0, 2), (1, 4), (4, 10), (3, 10))
_SERVICE = ((2, 6), (5, 15), (2, 5))


@dataclass
class Sale:
    """A deal of the sales pipeline on its way; ``place`` counts the stages of the way."""

    deal: int
    seller: Seller
    offer: Offer
    amount: Decimal
    place: int = 0
    over: bool = False
    works: list["Work"] = field(default_factory=list)


@dataclass
class Work:
    """A child deal: who does it, its way with the days it takes, and the sale it belongs to."""

    deal: int
    owner: int | None
    sale: Sale
    way: list[Stage]
    cancelled: Stage
    days: tuple[tuple[int, int], ...]
    place: int = 0
    over: bool = False

    def is_logistics(self) -> bool:
        """Whether it goes through logistics, else it is a job of the service."""
        return self.days is _LOGISTICS


class Works:
    """Child deals and payments, played on a desk. ``arrived`` takes note of a sale that a link rule
    has moved to a place of ``way``."""

    def __init__(
        self, desk: Desk, way: list[Stage], arrived: Callable[[int, Sale, int], None]
    ) -> None:
        self.desk = desk
        self.store, self.rng, self.time = desk.store, desk.rng, desk.time
        self.way = way
        self._arrived = arrived

    # -- work -----------------------------------------------------------------------------------

    def begin(self, at: int, sale: Sale) -> None:
        """Take up the child deals that the last move has opened."""
        with self.store.read() as r:
            found = r.rows(
                "SELECT id, owner_id, pipeline_id FROM deal WHERE parent_id = ? ORDER BY id",
                (sale.deal,),
            )
        known = {work.deal for work in sale.works}
        for deal, owner, pipeline in found:
            if deal in known:
                continue
            stages = self.desk.cast.stages[pipeline]
            way = [stage for stage in stages if stage.kind != "lost"]
            cancelled = next(stage for stage in stages if stage.kind == "lost")
            days = _LOGISTICS if len(way) > len(_SERVICE) + 1 else _SERVICE
            work = Work(deal, owner, sale, way, cancelled, days)
            sale.works.append(work)
            self.desk.look_at_tasks(at, deal)
            self._go_on(at, work)

    def _go_on(self, at: int, work: Work) -> None:
        if not work.over and work.place < len(work.days):
            low, high = work.days[work.place]
            self.desk.at(self.time.later(at, low, high), self._step, work)

    def _step(self, at: int, work: Work) -> None:
        """The next stage of the work; the way of the goods waits for the contract."""
        if work.over:
            return
        target = work.way[work.place + 1]
        answers = any(target.name == stage.name for stage in self.way)
        if work.is_logistics() and work.place >= 2 and not self._is_signed(work.sale):
            self.desk.at(self.time.later(at, 2, 4), self._step, work)
            return
        if work.place == 1:
            self._estimate(at, work)
        deals.move(self.store, [work.deal], target.id, person=work.owner, now=at)
        work.place += 1
        work.over = target.kind != "open"
        self.desk.look_at_tasks(at, work.deal)
        if answers:
            self._answer(at, work.sale, target)
        if work.over and work.is_logistics():
            self._pay_carrier(at, work)
        self._go_on(at, work)

    def _is_signed(self, sale: Sale) -> bool:
        places = [n for n, stage in enumerate(self.way) if stage.milestone == "contract_signed"]
        return not places or sale.place >= places[0]

    def _estimate(self, at: int, work: Work) -> None:
        share = Decimal(self.rng.randint(18, 32)) / 100
        amount = (work.sale.amount * share).quantize(Decimal(1))
        values = {"cost": amount, "amount": amount}
        deals.change(self.store, work.deal, values, person=work.owner, now=at)

    def _answer(self, at: int, sale: Sale, target: Stage) -> None:
        """The link rule moved the sale on: its seller goes on from there."""
        place = next(n for n, stage in enumerate(self.way) if stage.name == target.name)
        with self.store.read() as r:
            stands = r.value("SELECT stage_id FROM deal WHERE id = ?", (sale.deal,))
        if stands == self.way[place].id and not sale.over and sale.place < place:
            self.desk.finish_duties(at, sale.deal)
            self._arrived(at, sale, place)

    def cancel(self, at: int, sale: Sale) -> None:
        """A lost sale needs no estimate any more."""
        for work in sale.works:
            if not work.over:
                work.over = True
                self.desk.at(self.time.soon(at, 10, 120), self._cancel, work)

    def _cancel(self, at: int, work: Work) -> None:
        deals.move(self.store, [work.deal], work.cancelled.id, person=work.owner, now=at)

    # -- payments -------------------------------------------------------------------------------

    def pay(self, at: int, sale: Sale, milestone: str | None) -> None:
        """The client's payments: planned with the contract, made at the advance and after the
        win."""
        day = self.store.zone.day_of(at)
        if milestone == "contract_signed":
            share = Decimal(self.rng.choice((30, 40, 50))) / 100
            advance = (sale.amount * share).quantize(Decimal(1))
            words = self.desk.cast.words
            rows: list[dict[str, object]] = [
                {"direction": "in", "amount": money_of(part), "planned_day": due, "note": note}
                for part, due, note in (
                    (advance, day + 7, words["advance"]),
                    (sale.amount - advance, day + 35, words["balance"]),
                )
            ]
            self._add_payments(at, sale.deal, sale.seller.id, rows)
        elif milestone == "advance_paid":
            self._make_payment(at, sale, "advance")
        elif milestone == "won":
            self.desk.at(self.time.later(at, 1, 15), self._make_payment, sale, "balance")

    def _make_payment(self, at: int, sale: Sale, what: str) -> None:
        with self.store.command("payment.change", now=at, person=sale.seller.id) as tx:
            rows = tx.rows(
                "SELECT id FROM payment WHERE deal_id = ? AND note = ? AND actual_day IS NULL",
                (sale.deal, self.desk.cast.words[what]),
            )
            day = tx.zone.day_of(at)
            tx.update("payment", [{"id": row[0], "actual_day": day} for row in rows])
            tx.touch("deal", [sale.deal])

    def _pay_carrier(self, at: int, work: Work) -> None:
        day = self.store.zone.day_of(at)
        with self.store.read() as r:
            cost = r.value("SELECT cost FROM deal WHERE id = ?", (work.deal,))
        row = {"direction": "out", "amount": cost or 0, "planned_day": day, "actual_day": day,
               "note": self.desk.cast.words["carrier"]}  # fmt: skip
        self._add_payments(at, work.deal, work.owner, [row])

    def _add_payments(
        self, at: int, deal: int, person: int | None, rows: list[dict[str, object]]
    ) -> None:
        with self.store.command("payment.add", now=at, person=person) as tx:
            currency = tx.value("SELECT currency FROM deal WHERE id = ?", (deal,))
            tx.insert("payment", [{"deal_id": deal, "currency": currency, **row} for row in rows])
            tx.touch("deal", [deal])
