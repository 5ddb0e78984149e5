"""The contractors of the sample story: what they ask over the year, who gets the work, how late
they deliver, what they are paid and how they are rated."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesdesk.models.store import Store
from salesdesk.services import contractors, payments, quotes, ratings
from salesdesk.services.contractors import NewContact, NewContractor

if TYPE_CHECKING:
    from salesdesk.services.story_desk import Desk

#: How much dearer transport becomes over the year, and over what time, in days.
_DEARER, _YEAR = Decimal("0.22"), 365
_DAY = 86_400_000_000


@dataclass(frozen=True)
class Carrier:
    """A contractor of the story: its price against the others', how often it is late and how well
    it works, 1 to 5; ``services`` are names, the first one is its main one."""

    id: int
    services: tuple[str, ...]
    factor: Decimal
    late: float
    quality: int


def hire(store: Store, told: list[dict[str, Any]], person: int, now: int) -> list[Carrier]:
    """Put the contractors into the directory."""
    found = []
    for place, one in enumerate(told):
        phone = f"+7 912 555-02-{10 + place}"
        new = NewContractor(
            one["name"], tuple(one["services"]), phone=phone,
            email=f"office@contractor{place + 1}.example.com",
            contacts=(NewContact(one["contact"], one["duty"], f"+7 912 555-03-{10 + place}"),),
        )  # fmt: skip
        made = contractors.add(store, new, person=person, now=now, origin="demo")
        factor = Decimal(str(one["factor"]))
        found.append(Carrier(made.id, tuple(one["services"]), factor, one["late"], one["quality"]))
    return found


class Hired:
    """Asking, accepting, paying and rating, played on a desk."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self.store, self.rng, self.time = desk.store, desk.rng, desk.time
        self._accepted: dict[int, tuple[int, Carrier, int]] = {}

    def ask(self, at: int, deal: int, person: int | None, about: Decimal) -> Decimal | None:
        """Two contractors, lately three, name their price for the transport; the best is accepted.
        Returns that price, None where nobody does it."""
        service = self.desk.cast.transport
        able = [one for one in self.desk.cast.carriers if service in one.services]
        if not able:
            return None
        unit = Decimal(1000) if about > 50_000 else Decimal(10)
        offers: list[tuple[Decimal, int, Carrier]] = []
        most = 3 if self.desk.is_late(at) else 2
        for one in self.rng.sample(able, min(len(able), most)):
            chance = Decimal(self.rng.randint(94, 107)) / 100
            price = about * one.factor * chance * self._dearness(at)
            price = max((price / unit).quantize(Decimal(1)) * unit, unit)
            new = quotes.NewQuote(price, contractor_id=one.id, service=service, deal_id=deal)
            made = quotes.add(self.store, new, person=person, now=at)
            offers.append((price, made.id, one))
        price, quote, carrier = min(offers, key=lambda offer: (offer[0], offer[1]))
        day = self.store.zone.day_of(self.time.later(at, 10, 16))
        quotes.accept(self.store, quote, planned_day=day, person=person, now=at)
        self._accepted[deal] = (quote, carrier, day)
        return price

    def _dearness(self, at: int) -> Decimal:
        ago = max(0, (self.desk.now - at) // _DAY)
        return 1 + _DEARER * (1 - Decimal(min(ago, _YEAR)) / _YEAR)

    def deliver(self, at: int, deal: int, person: int | None) -> None:
        """The goods have arrived: the day is noted, the work paid and rated."""
        if deal not in self._accepted:
            return
        quote, carrier, planned = self._accepted.pop(deal)
        today = self.store.zone.day_of(at)
        late = self.desk.chance(carrier.late)
        done = today if late else min(today, planned)
        quotes.finish(self.store, quote, done, person=person, now=at)
        made = quotes.plan_payment(self.store, quote, planned_day=today + 10, person=person, now=at)
        self.desk.at(self.time.later(at, 3, 12), self._pay, made.id, person)
        if self.desk.chance(0.7):
            score = {
                "quality": max(1, min(5, carrier.quality + self.rng.randint(-1, 1))),
                "deadlines": ratings.proposed(planned, done) or 3,
                "price": 4 if carrier.factor <= 1 else 3,
            }
            self.desk.at(self.time.later(at, 0, 2), self._rate, quote, score, person)

    def call_off(self, at: int, deal: int, person: int | None) -> None:
        """The goods are not to be moved any more: nobody waits for the contractor."""
        if deal in self._accepted:
            quote, _, _ = self._accepted.pop(deal)
            quotes.decline(self.store, quote, person=person, now=at)

    def _pay(self, at: int, payment: int, person: int | None) -> None:
        payments.pay(self.store, payment, person=person, now=at)

    def _rate(self, at: int, quote: int, score: dict[str, int], person: int | None) -> None:
        words = self.desk.cast.praise
        why = words[0] if min(score.values()) >= 4 else words[1] if score["deadlines"] < 4 else ""
        ratings.rate(self.store, quote, score, why, person=person, now=at)
