"""Contractors: who works for us from outside, what they do, asked for it, and how it went."""

from sqlmodel import Field

from salesdesk.models.columns import Record, big, flag, must, must_ref, ref


class Service(Record, table=True):
    """A kind of work that contractors do: the admin's list."""

    __tablename__ = "service"
    name: str
    name_key: str = Field(index=True)
    position: int = Field(default=0)


class Contractor(Record, table=True):
    """Someone outside who does work. ``rating`` is what a file brought in, 1 to 5; the ratings
    given for work are ``ContractorRating``."""

    __tablename__ = "contractor"
    name: str
    name_key: str = Field(index=True)
    phone: str | None = None
    email: str | None = None
    tax_number: str | None = None
    rating: int | None = None
    notes: str | None = None
    external_id: str | None = None


class ContractorService(Record, table=True):
    """A contractor does this kind of work."""

    __tablename__ = "contractor_service"
    contractor_id: int = must_ref("contractor.id", index=True)
    service_id: int = must_ref("service.id", index=True)


class ContractorContact(Record, table=True):
    """A person to talk to at a contractor."""

    __tablename__ = "contractor_contact"
    contractor_id: int = must_ref("contractor.id", index=True)
    name: str
    duty: str | None = None
    phone: str | None = None
    email: str | None = None
    position: int = Field(default=0)


class ContractorQuote(Record, table=True):
    """What a contractor asked for a service in a deal, on ``day``. Once ``accepted`` it is work:
    ``planned_day`` and ``actual_day`` are its deadlines."""

    __tablename__ = "contractor_quote"
    contractor_id: int = must_ref("contractor.id", index=True)
    deal_id: int | None = ref("deal.id", index=True)
    service_id: int | None = ref("service.id", index=True)
    price: int = must()
    currency: str
    day: int = must()
    accepted: int = flag()
    planned_day: int | None = big()
    actual_day: int | None = big()
    person_id: int | None = ref("person.id")
    note: str | None = None


class ContractorRating(Record, table=True):
    """How work went by one criterion (``price``, ``quality``, ``deadlines``), 1 to 5: who said so,
    when and why."""

    __tablename__ = "contractor_rating"
    contractor_id: int = must_ref("contractor.id", index=True)
    quote_id: int | None = ref("contractor_quote.id", index=True)
    criterion: str
    score: int
    why: str | None = None
    person_id: int | None = ref("person.id")
    day: int = must()
