"""What happens to the deals of the sample story: requests come, meetings are held, some are won."""

from decimal import Decimal

from salesdesk.services import dealfields, deals, people, tasks
from salesdesk.services.pipelines import Stage
from salesdesk.services.story_cast import Seller
from salesdesk.services.story_desk import Desk
from salesdesk.services.story_works import Sale, Works

#: By what is left behind: how much easier the step is than others, and its working days.
_STEPS: dict[str | None, tuple[float, int, int]] = {
    "new": (1.06, 1, 6),
    "meeting_scheduled": (1.12, 2, 7),
    "meeting_held": (1.06, 2, 6),
    None: (1.12, 3, 8),
    "contract_signed": (1.24, 3, 9),
    "advance_paid": (1.28, 5, 15),
}
_EARLY = ("new", "meeting_scheduled")


class Sales:
    """The sales of the story, played on a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.store, self.rng, self.time = desk.store, desk.rng, desk.time
        inside = next(iter(desk.cast.stages.values()))
        for stages in desk.cast.stages.values():
            if any(stage.milestone == "won" for stage in stages):
                inside = stages
                break
        self.way: list[Stage] = [stage for stage in inside if stage.kind == "open"]
        self.way.append(next(stage for stage in inside if stage.kind == "won"))
        self.lost = next(stage for stage in inside if stage.kind == "lost")
        self.sales: dict[int, Sale] = {}
        self.works = Works(desk, self.way, self.arrived)

    # -- the way of a deal ----------------------------------------------------------------------

    def arrive(self, at: int, seller: Seller) -> None:
        """A request comes in."""
        offer = self.rng.choice(self.desk.cast.offers)
        customer = self.rng.choice(self.desk.cast.customers)
        steps = int((offer.high - offer.low) / offer.step)
        amount = offer.low + offer.step * self.rng.randint(0, steps)
        day = self.store.zone.day_of(at)
        new = deals.NewDeal(
            offer.title,
            self.way[0].id,
            owner_id=seller.id,
            client_id=customer.company_id,
            contact_id=customer.contact_id,
            amount=amount if self.desk.chance(0.9) else None,
            source_id=self.rng.choice(self.desk.cast.sources) if self.desk.cast.sources else None,
            expected_day=day + self.rng.randint(25, 70),
        )
        made = deals.create(self.store, new, person=seller.id, now=at)
        sale = Sale(made.deal_ids[0], seller, offer, amount)
        self.sales[sale.deal] = sale
        self.desk.look_at_tasks(at, sale.deal)
        self.go_on(at, sale)

    def go_on(self, at: int, sale: Sale) -> None:
        """Decide how the deal leaves the stage where it stands now."""
        stage = self.way[sale.place]
        ease, low, high = _STEPS.get(stage.milestone, _STEPS[None])
        if self.desk.chance(min(sale.seller.steps * ease, 0.97)):
            if not self._waits_for_helpers(sale):
                self.desk.at(self.time.later(at, low, high), self.advance, sale, sale.place + 1)
            if stage.milestone == "meeting_scheduled" and self.desk.chance(0.06):
                self.desk.at(self.time.later(at, 0, 1), self.fall_back, sale)
        elif self.desk.chance(0.35):
            self.desk.at(self.time.later(at, 14, 32), self.lose, sale)
        else:
            self.desk.at(self.time.later(at, 4, 14), self.lose, sale)
        if self.desk.chance(0.3) and self.desk.is_late(at):
            self.desk.at(self.time.later(at, 0, 3), self.note, sale)

    def _waits_for_helpers(self, sale: Sale) -> bool:
        """Some stages open a child deal whose answer moves the sale on (a link rule)."""
        return bool(sale.works) and self.works.answers(self.way[sale.place])

    def advance(self, at: int, sale: Sale, place: int) -> None:
        """The deal goes on to a place of its way."""
        if sale.over or place <= sale.place:
            return
        target = self.way[place]
        self.desk.finish_duties(at, sale.deal)
        self._fill_in(at, sale, target)
        self.works.prepare(at, sale, target)
        deals.move(self.store, [sale.deal], target.id, person=sale.seller.id, now=at)
        self.arrived(at, sale, place)

    def _fill_in(self, at: int, sale: Sale, target: Stage) -> None:
        """What the next stage asks for; before the estimate, where it goes and what it weighs."""
        if "amount" in target.required:
            values = {"amount": sale.amount}
            deals.change(self.store, sale.deal, values, person=sale.seller.id, now=at)
        cast = self.desk.cast
        if cast.route_field is None or cast.weight_field is None or not self.works.answers(target):
            return
        if target.milestone is None:
            route, weight = self.rng.choice(cast.routes), Decimal(self.rng.randint(6, 90)) / 2
            fields = ((cast.route_field, route), (cast.weight_field, weight))
            for key, value in fields[: 2 if self.desk.is_late(at) else 1]:
                dealfields.set_own_field(
                    self.store, sale.deal, key, value, person=sale.seller.id, now=at
                )

    def arrived(self, at: int, sale: Sale, place: int) -> None:
        """The deal stands in a new place, moved by hand or by a rule."""
        sale.place = place
        milestone = self.way[place].milestone
        if milestone == "meeting_scheduled":
            self._settle_amount(at, sale)
        self.works.begin(at, sale)
        self.works.pay(at, sale, milestone)
        self.desk.look_at_tasks(at, sale.deal)
        if milestone == "won":
            sale.over = True
        else:
            self.go_on(at, sale)

    def _settle_amount(self, at: int, sale: Sale) -> None:
        """Talking to the client changes the amount of some deals, and fills in what was open."""
        if self.desk.chance(0.3):
            factor = Decimal(self.rng.randint(85, 120)) / 100
            sale.amount = (sale.amount * factor / sale.offer.step).quantize(1) * sale.offer.step
        cost = sale.amount * Decimal(self.rng.randint(12, 20)) / 100
        deals.change(
            self.store,
            sale.deal,
            {"amount": sale.amount, "cost": cost.quantize(Decimal(1))},
            person=sale.seller.id,
            now=at,
        )

    def fall_back(self, at: int, sale: Sale) -> None:
        """The client put the meeting off: back, and forward again a little later."""
        if sale.over or self.way[sale.place].milestone != "meeting_scheduled":
            return
        back = sale.place - 1
        deals.move(self.store, [sale.deal], self.way[back].id, person=sale.seller.id, now=at)
        self.desk.look_at_tasks(at, sale.deal)
        self.desk.at(self.time.soon(at, 90, 700), self._again, sale)

    def _again(self, at: int, sale: Sale) -> None:
        if not sale.over:
            stage = self.way[sale.place]
            deals.move(self.store, [sale.deal], stage.id, person=sale.seller.id, now=at)
            self.desk.look_at_tasks(at, sale.deal)

    def lose(self, at: int, sale: Sale) -> None:
        """The client says no, or nothing any more."""
        if sale.over:
            return
        sale.over = True
        cast = self.desk.cast
        early = self.way[sale.place].milestone == "new"
        excused = early and cast.excuses and self.desk.chance(0.2)
        reasons = cast.excuses if excused else cast.reasons
        blocked = any(must for *_, must in self.desk.open_tasks(sale.deal))
        deals.move(
            self.store,
            [sale.deal],
            self.lost.id,
            person=cast.heir if blocked else sale.seller.id,
            now=at,
            lost_reason_id=self.rng.choice(reasons) if reasons else None,
            override=cast.words["refused"] if blocked else None,
        )
        self.works.cancel(at, sale)

    def note(self, at: int, sale: Sale) -> None:
        """The seller writes something down."""
        if not sale.over:
            text = self.rng.choice(self.desk.cast.notes)
            deals.add_note(self.store, sale.deal, text, person=sale.seller.id, now=at)

    # -- someone leaves -------------------------------------------------------------------------

    def leave(self, at: int, seller: Seller) -> None:
        """A seller leaves; deals and tasks go to the others in turn."""
        lead = self.desk.cast.heir
        others = [other for other in self.desk.cast.sellers if other.leaves is None]
        mine = [sale for sale in self.sales.values() if sale.seller is seller and not sale.over]
        for turn, heir in enumerate(others):
            part = mine[turn :: len(others)]
            if not part:
                continue
            ids = [sale.deal for sale in part]
            deals.assign(self.store, ids, heir.id, person=lead, now=at)
            for sale in part:
                sale.seller = heir
            with self.store.read() as r:
                held = r.rows_of(
                    "SELECT id FROM task WHERE state = 'open' AND deal_id IN ({ids})", ids
                )
            if held:
                tasks.reassign(self.store, [row[0] for row in held], heir.id, person=lead, now=at)
        day = self.store.zone.day_of(at)
        with self.store.read() as r:
            admin = r.value("SELECT id FROM person WHERE role = 'admin'")
        people.remove_person(self.store, seller.id, last_day=day, person=admin, now=at)
