"""The other way into an account of amoCRM: codes that are good once, tokens that end, and tokens to
refresh them with, of which each kills the one before."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from tests.emulators.amocrm_lists import Refusal

CLIENT = {"client_id": "app", "client_secret": "canary.client.s3cret",
          "redirect_uri": "https://app.example/back"}  # fmt: skip
CODE_LIVES, ACCESS_LIVES, REFRESH_LIVES = 20 * 60, 86_400, 90 * 86_400


class Revoked(Refusal):
    """A token to refresh with that was used, or is none."""

    def told(self) -> dict[str, Any]:
        """What the vendor says of it."""
        return {
            "hint": "Token has been revoked", "title": "Некорректный запрос", "status": 401,
            "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
            "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
        }  # fmt: skip


@dataclass
class OAuth:
    """Codes and tokens by when they end. ``clock`` answers seconds."""

    clock: Callable[[], float]
    codes: dict[str, float] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def code(self) -> str:
        """An administrator lets the application in: its code."""
        made = f"code-{next(self._numbers)}"
        self.codes[made] = self.clock() + CODE_LIVES
        return made

    def lets_in(self, token: str) -> bool:
        """Whether a token to ask with is good."""
        return self.access.get(token, 0) > self.clock()

    def answer(self, kind: str, body: bytes) -> dict[str, Any]:
        """What the token endpoint answers; the body is JSON or a form."""
        given = _given(kind, body)
        if any(given.get(name) != value for name, value in CLIENT.items()):
            raise Refusal(401, "Client authentication failed")
        grants = {"authorization_code": (self.codes, "code"),
                  "refresh_token": (self.refresh, "refresh_token")}  # fmt: skip
        if given.get("grant_type") not in grants:
            raise Refusal(400, "grant_type")
        known, name = grants[str(given["grant_type"])]
        ends = known.pop(str(given.get(name)), 0)
        if ends <= self.clock():
            raise Revoked(401, "Token has been revoked")
        return self._tokens()

    def _tokens(self) -> dict[str, Any]:
        number, now = next(self._numbers), self.clock()
        access, refresh = f"access-{number}", f"refresh-{number}"
        self.access[access], self.refresh[refresh] = now + ACCESS_LIVES, now + REFRESH_LIVES
        return {"token_type": "Bearer", "expires_in": ACCESS_LIVES, "server_time": int(now),
                "access_token": access, "refresh_token": refresh}  # fmt: skip


def _given(kind: str, body: bytes) -> dict[str, Any]:
    """What was posted."""
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name: values[-1] for name, values in parse_qs(body.decode()).items()}
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
