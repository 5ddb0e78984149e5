"""What the sales of the sample story set off: the work of logistics, engineering and service, and
the payments that are collected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal

from salesdesk.moments import money_of
from salesdesk.services import deals
from salesdesk.services.pipelines import Stage
from salesdesk.services.story_cast import Offer, Seller
from salesdesk.services.story_contractors import Hired
from salesdesk.services.story_desk import Desk

#: Working days in each stage of a child deal, by its place in the pipeline.
_DAYS: dict[str, tuple[tuple[int, int], ...]] = {
    "logistics": ((0, 2), (1, 4), (4, 10), (3, 10)),
    "engineering": ((1, 3), (3, 9), (1, 4)),
    "service": ((2, 6), (5, 15), (2, 5)),
    "payments": ((0, 1), (3, 8), (2, 12)),
}
_OTHER = (2, 6)
#: From this place on the work waits: the goods for the contract, the balance for the win.
_WAITS = {"logistics": 2, "payments": 2}


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
    """A child deal: of what ``kind``, who does it, its way, and the sale it belongs to."""

    deal: int
    kind: str
    owner: int | None
    sale: Sale
    way: list[Stage]
    cancelled: Stage
    place: int = 0
    over: bool = False

    def days(self) -> tuple[int, int]:
        """How many working days it takes from here to its next stage."""
        known = _DAYS.get(self.kind, ())
        return known[self.place] if self.place < len(known) else _OTHER


class Works:
    """Child deals and payments, played on a desk. ``arrived`` takes note of a sale that a link rule
    has moved to a place of ``way``."""

    def __init__(
        self, desk: Desk, way: list[Stage], arrived: Callable[[int, Sale, int], None]
    ) -> None:
        self.desk = desk
        self.store, self.rng, self.time = desk.store, desk.rng, desk.time
        self.way = way
        self.hired = Hired(desk)
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
            kind = self.desk.cast.works.get(pipeline, "")
            work = Work(deal, kind, owner, sale, way, cancelled)
            sale.works.append(work)
            self.desk.look_at_tasks(at, deal)
            self._go_on(at, work)

    def answers(self, stage: Stage) -> bool:
        """Whether a child that this stage opens moves the sale on by itself."""
        return stage.id in self.desk.cast.answered

    def _go_on(self, at: int, work: Work) -> None:
        if not work.over and work.place + 1 < len(work.way):
            self.desk.at(self.time.later(at, *work.days()), self._step, work)

    def _step(self, at: int, work: Work) -> None:
        """The next stage of the work, once what it waits for has come."""
        if work.over:
            return
        if work.place >= _WAITS.get(work.kind, len(work.way)) and not self._may_go_on(work):
            self.desk.at(self.time.later(at, 2, 4), self._step, work)
            return
        target = work.way[work.place + 1]
        self._before(at, work)
        self.desk.finish_duties(at, work.deal)
        deals.move(self.store, [work.deal], target.id, person=work.owner, now=at)
        work.place += 1
        work.over = target.kind != "open"
        self.desk.look_at_tasks(at, work.deal, every=work.over)
        self._answer(at, work.sale)
        self.desk.look_at_tasks(at, work.sale.deal)
        if work.over and work.kind == "logistics":
            self.hired.deliver(at, work.deal, work.owner)
        self._go_on(at, work)

    def _may_go_on(self, work: Work) -> bool:
        """Goods leave once the contract is signed, the balance comes after the win."""
        milestone = "won" if work.kind == "payments" else "contract_signed"
        places = [n for n, stage in enumerate(self.way) if stage.milestone == milestone]
        return not places or work.sale.place >= places[0]

    def _before(self, at: int, work: Work) -> None:
        """What is done before the child goes on to its next stage."""
        if work.kind == "logistics" and work.place == 1:
            self._estimate(at, work)
        elif work.kind == "payments" and work.place >= 1:
            self._pay_in(at, work.sale, ("advance", "balance")[work.place - 1])

    def _estimate(self, at: int, work: Work) -> None:
        """Contractors name their prices; the one accepted is the cost of the transport."""
        share = Decimal(self.rng.randint(10, 17)) / 100
        about = (work.sale.amount * share).quantize(Decimal(1))
        price = self.hired.ask(at, work.deal, work.owner, about)
        values: dict[str, object] = {"amount": price or about}
        if price is None:
            values["cost"] = about
        deals.change(self.store, work.deal, values, person=work.owner, now=at)

    def _answer(self, at: int, sale: Sale) -> None:
        """When a link rule has moved the sale on, its seller goes on from there."""
        with self.store.read() as r:
            stands = r.value("SELECT stage_id FROM deal WHERE id = ?", (sale.deal,))
        place = next((n for n, stage in enumerate(self.way) if stage.id == stands), 0)
        if not sale.over and sale.place < place:
            self.desk.finish_duties(at, sale.deal)
            self._arrived(at, sale, place)

    def cancel(self, at: int, sale: Sale) -> None:
        """A lost sale needs no estimate any more."""
        for work in sale.works:
            if not work.over:
                work.over = True
                self.desk.at(self.time.soon(at, 10, 120), self._cancel, work)

    def _cancel(self, at: int, work: Work) -> None:
        self.hired.call_off(at, work.deal, work.owner)
        deals.move(self.store, [work.deal], work.cancelled.id, person=work.owner, now=at)

    # -- payments -------------------------------------------------------------------------------

    def pay(self, at: int, sale: Sale, milestone: str | None) -> None:
        """The client's payments: planned with the contract, made at the advance and after the
        win; where a pipeline collects them it does so in its own time."""
        if milestone == "contract_signed":
            self._plan(at, sale)
        elif milestone == "advance_paid":
            self._pay_in(at, sale, "advance")
        elif milestone == "won" and self._collecting(sale) is None:
            self.desk.at(self.time.later(at, 1, 15), self._pay_in, sale, "balance")

    def prepare(self, at: int, sale: Sale, stage: Stage) -> None:
        """What a stage asks for before the sale may enter it: its share is paid."""
        if stage.paid_percent:
            deal, _ = self._till(sale)
            with self.store.read() as r:
                planned = r.value("SELECT 1 FROM payment WHERE deal_id = ?", (deal,))
            if not planned:
                self._plan(at, sale)
            self._pay_in(at, sale, "advance")

    @staticmethod
    def _collecting(sale: Sale) -> Work | None:
        return next((work for work in sale.works if work.kind == "payments"), None)

    def _till(self, sale: Sale) -> tuple[int, int | None]:
        """The deal that the client's payments are noted in, and who does it."""
        work = self._collecting(sale)
        return (sale.deal, sale.seller.id) if work is None else (work.deal, work.owner)

    def _plan(self, at: int, sale: Sale) -> None:
        deal, person = self._till(sale)
        day = self.store.zone.day_of(at)
        share = Decimal(self.rng.choice((30, 40, 50))) / 100
        if any((stage.paid_percent or 0) > 30 for stage in self.way):
            share = Decimal(1) / 2
        advance = (sale.amount * share).quantize(Decimal(1), ROUND_UP)
        words = self.desk.cast.words
        rows: list[dict[str, object]] = [
            {"direction": "in", "amount": money_of(part), "planned_day": due, "note": note}
            for part, due, note in (
                (advance, day + 7, words["advance"]),
                (sale.amount - advance, day + 35, words["balance"]),
            )
        ]
        with self.store.command("payment.add", now=at, person=person) as tx:
            currency = tx.value("SELECT currency FROM deal WHERE id = ?", (deal,))
            tx.insert("payment", [{"deal_id": deal, "currency": currency, **row} for row in rows])
            tx.touch("deal", [deal])

    def _pay_in(self, at: int, sale: Sale, what: str) -> None:
        deal, person = self._till(sale)
        with self.store.read() as r:
            rows = r.rows(
                "SELECT id FROM payment WHERE deal_id = ? AND note = ? AND actual_day IS NULL",
                (deal, self.desk.cast.words[what]),
            )
        if not rows:
            return
        with self.store.command("payment.change", now=at, person=person) as tx:
            day = tx.zone.day_of(at)
            tx.update("payment", [{"id": row[0], "actual_day": day} for row in rows])
            tx.touch("deal", [deal])
