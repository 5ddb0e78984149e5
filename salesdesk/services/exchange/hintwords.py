"""How a field is recognised by the heading of a column, and words that several fields share.

Headings are compared folded: lower case, words divided by single blanks, ``ё`` as ``е``, without
signs (``Бюджет, ₽`` is ``бюджет``, ``case:concept:name`` is ``case concept name``). ``names`` are
whole headings, best first. ``stems`` are beginnings of words, all of which must occur. A heading
with a word that begins with one of ``never`` is another field's.
"""

from dataclasses import dataclass
from typing import Literal

Look = Literal["any", "id", "repeated", "few", "date", "number", "name", "currency"]


@dataclass(frozen=True, slots=True)
class Hint:
    """How a field is recognised. ``look`` is what its values look like, ``weight`` how much it
    tells about the kind of file."""

    names: tuple[str, ...]
    stems: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    look: Look = "any"
    weight: float = 1.0


def hint(
    names: str, stems: str = "", never: str = "", look: Look = "any", weight: float = 1.0
) -> Hint:
    """A hint out of texts whose parts are divided by ``|`` (``never`` by blanks)."""
    parts = [
        tuple(one.strip() for one in text.split("|") if one.strip()) for text in (names, stems)
    ]
    return Hint(parts[0], parts[1], tuple(never.split()), look, weight)


CONTACT_DETAILS = "телефон phone email e-mail почт адрес address"
PERSON_NEVER = f"контакт contact компани compan {CONTACT_DETAILS} созда creat role team id reg"
EXTERNAL = "external id|external number|внешний номер|внешний id"
OWNER = (
    "owner|deal owner|opportunity owner|responsible|responsible person|responsible user"
    "|ответственный|ответственный за сделку|ответственный менеджер|ответственный пользователь"
    "|sales agent|sales rep|sales representative|salesperson|sales person|account executive"
    "|account owner|account manager|assigned to|assigned by|assigned by id|assigned user|менеджер"
    "|менеджер по продажам|ответственное лицо|owner name|sales owner|seller|rep|agent|manager"
    "|продавец|owned by|user|hubspot owner id|owner id|responsible user id|пользователь"
)
COMPANY = (
    "company|company name|компания|account name|account|client|client name|customer"
    "|customer name|organization|organisation|organization name|клиент|контрагент|заказчик"
    "|название компании|компания название компании|associated company|associated company primary"
    "|associated company names|company title|организация|покупатель|компания клиента"
    "|компания контакта|основная компания|company id"
)
CONTACT = (
    "contact|contact name|contact person|контакт|основной контакт|полное имя контакта"
    "|контактное лицо|имя контакта|фио контакта|primary contact|associated contact"
    "|associated contacts|main contact|person|фио|контакт фио|контакт полное имя|contact id"
)
CREATED = (
    "created at|created|create date|created date|date created|created time|creation date"
    "|date create|createdate|дата создания|дата создания сделки|создана|создано|created on"
    "|deal created|deal creation date|add time|дата и время создания|engage date|date opened"
    "|opened|open date|opened at|дата открытия|дата обращения|дата заявки|дата регистрации"
    "|дата поступления|start date|begin date|begindate|дата начала|date entered|deal date|date|дата"
)
CLOSED = (
    "closed at|close date|closed date|date closed|closedate|closed on|deal closed on"
    "|дата закрытия|дата закрытия сделки|actual close date|closing date|closed time|close time"
    "|фактическая дата закрытия|дата завершения|дата завершения сделки|закрыта|closed"
    "|won time|won date|дата продажи|дата выигрыша|completed at|end date|finish date"
    "|дата окончания|дата успешной реализации"
)
EXPECTED = (
    "expected close date|expected close|expected closing date|expected closed date"
    "|предполагаемая дата закрытия|ожидаемая дата закрытия|планируемая дата закрытия"
    "|плановая дата закрытия|estimated close date|est close date|forecast close date"
    "|forecast date|plan close date|план дата закрытия"
)
SOURCE = (
    "source|lead source|источник|источник сделки|deal source|original source|original source type"
    "|original traffic source|источник лида|источник клиента|канал|канал привлечения|source id"
    "|канал продаж|источник заявки|источник обращения|source channel|traffic source|utm source"
)
INDUSTRY = "industry|sector|отрасль|сфера деятельности|company industry|сфера|vertical"
EMAIL = (
    "email|e mail|email address|почта|электронная почта|рабочий email|work email|mail|личный email"
)
PHONE = (
    "phone|phone number|телефон|рабочий телефон|мобильный телефон|work phone|mobile phone|mobile"
    "|номер телефона"
)
NOTES = (
    "notes|note|comment|comments|примечание|примечания|комментарий|комментарии|description|описание"
)
TAX = "tax number|инн|inn|tax id|vat|vat number|vat id|инн компании|реквизит инн|ein"
STAGE_NEVER = (
    "date дата time врем групп group entered days дней day previous предыд forecast payment оплат"
    " from из old change смен измен history category pipeline"
)
