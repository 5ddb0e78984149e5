"""Who calls the emulated portal: its webhook, or an application with tokens of OAuth 2.0. Access
ends after an hour, a pair is renewed once, and a code from the browser lives half a minute."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.emulators.bitrix24_methods import Refusal

if TYPE_CHECKING:
    from tests.emulators.bitrix24 import Portal

CLIENT = "local.5e1f"
CLIENT_SECRET = "canary0client"
#: Where the settings of the application send the browser; a request cannot choose.
REDIRECT = "http://127.0.0.1/salesdesk"
CODE_LIVES = 30.0
ACCESS_LIVES = 3_600.0
REFRESH_LIVES = 180 * 86_400.0


@dataclass(frozen=True)
class Caller:
    """On whose behalf a call is made, and by which application (empty: the webhook)."""

    user: int
    app: str = ""


NOBODY = Caller(0)


@dataclass(frozen=True)
class _Grant:
    user: int
    until: float


class OAuth:
    """The vendor's server of tokens; here it answers at the portal's own address."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self._codes: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}
        self._access: dict[str, _Grant] = {}

    def code(self, user: int = 1) -> str:
        """Somebody lets the application in, in the browser; the code it then gets."""
        return self._granted(self._codes, user, CODE_LIVES)

    def pair(self, user: int = 1) -> dict[str, Any]:
        """A fresh pair of tokens, as the server answers with it."""
        portal = self._portal
        home = f"{portal.home}/rest/"
        return {
            "access_token": self._granted(self._access, user, ACCESS_LIVES),
            "refresh_token": self._granted(self._refresh, user, REFRESH_LIVES),
            "expires_in": int(ACCESS_LIVES), "expires": int(portal.clock() + ACCESS_LIVES),
            "client_endpoint": home, "server_endpoint": home, "domain": f"127.0.0.1:{portal.port}",
            "member_id": "m3mb3r", "scope": ",".join(portal.scopes), "status": "L",
            "user_id": user,
        }  # fmt: skip

    def authorized(self, query: Mapping[str, Any]) -> str:
        """Where the browser is sent once its user has agreed."""
        if query.get("client_id") != CLIENT:
            raise Refusal(400, "invalid_client", "")
        back = {"code": self.code(), "state": query.get("state") or "", "member_id": "m3mb3r",
                "domain": f"127.0.0.1:{self._portal.port}", "server_domain": "127.0.0.1",
                "scope": ",".join(self._portal.scopes)}  # fmt: skip
        return f"{REDIRECT}?{urlencode(back)}"

    def answer(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """A pair for a code or for the refresh token of the pair before; either serves once."""
        if (query.get("client_id"), query.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            raise Refusal(400, "invalid_client", "")
        kinds = {"authorization_code": ("code", self._codes),
                 "refresh_token": ("refresh_token", self._refresh)}  # fmt: skip
        name, grants = kinds.get(str(query.get("grant_type")), ("", {}))
        if not query.get(name):
            raise Refusal(400, "invalid_request", "")
        grant = grants.pop(str(query[name]), None)
        if grant is None or grant.until < self._portal.clock():
            raise Refusal(400, "invalid_grant", "")
        return self.pair(grant.user)

    def caller(self, token: object) -> Caller:
        """Whose access token this is; raises ``Refusal``."""
        grant = self._access.get(str(token))
        if grant is None:
            raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")
        if grant.until <= self._portal.clock():
            raise Refusal(401, "expired_token", "The access token provided has expired.")
        return Caller(grant.user, CLIENT)

    def _granted(self, grants: dict[str, _Grant], user: int, lives: float) -> str:
        made = secrets.token_hex(16)
        grants[made] = _Grant(user, self._portal.clock() + lives)
        return made
