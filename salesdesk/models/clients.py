"""Clients with their contacts, and the lists that describe them."""

from sqlalchemy import Index, text
from sqlmodel import Field

from salesdesk.models.columns import Record, big, flag, must, must_ref, ref


class Source(Record, table=True):
    """Where a first contact came from."""

    __tablename__ = "source"
    name: str
    name_key: str = Field(index=True)
    position: int = Field(default=0)


class Industry(Record, table=True):
    """A company's line of business."""

    __tablename__ = "industry"
    name: str
    name_key: str = Field(index=True)
    position: int = Field(default=0)


class Client(Record, table=True):
    """A company or a contact person; ``kind`` is ``company`` or ``contact``."""

    __tablename__ = "client"
    __table_args__ = (
        Index(
            "ux_client_external",
            "kind",
            "external_id",
            unique=True,
            sqlite_where=text("external_id IS NOT NULL AND deleted_at IS NULL"),
            postgresql_where=text("external_id IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index(
            "ix_client_tax",
            "tax_number",
            sqlite_where=text("tax_number IS NOT NULL"),
            postgresql_where=text("tax_number IS NOT NULL"),
        ),
    )
    kind: str
    name: str
    name_key: str = Field(index=True)
    company_id: int | None = ref("client.id", index=True)
    source_id: int | None = ref("source.id")
    industry_id: int | None = ref("industry.id")
    tax_number: str | None = None
    notes: str | None = None
    external_id: str | None = None
    merged_into_id: int | None = ref("client.id")


class ClientContact(Record, table=True):
    """A phone or an e-mail of a client; ``value_key`` is digits or the folded address."""

    __tablename__ = "client_contact"
    client_id: int = must_ref("client.id", index=True)
    kind: str
    value: str
    value_key: str = Field(index=True)
    position: int = Field(default=0)


class ClientApart(Record, table=True):
    """Two clients that look alike and are not the same, said by a person."""

    __tablename__ = "client_apart"
    client_id: int = must_ref("client.id", index=True)
    other_id: int = must_ref("client.id", index=True)


class Tag(Record, table=True):
    """A word that deals carry."""

    __tablename__ = "tag"
    name: str
    name_key: str = Field(index=True)


class LostReason(Record, table=True):
    """Why a deal was lost; ``not_refusal`` (duplicate, spam) keeps it out of the metric."""

    __tablename__ = "lost_reason"
    name: str
    name_key: str = Field(index=True)
    not_refusal: int = flag()
    position: int = Field(default=0)


class Rate(Record, table=True):
    """Units of the workspace's currency for one unit of ``currency``, in hundred-millionths."""

    __tablename__ = "rate"
    currency: str = Field(index=True)
    valid_from: int | None = big()
    rate: int = must()


class SavedFilter(Record, table=True):
    """A filter of a page that was given a name (JSON)."""

    __tablename__ = "saved_filter"
    page: str
    name: str
    person_id: int | None = ref("person.id")
    content: str
