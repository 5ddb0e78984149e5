"""The ways into the emulated account of amoCRM, as the vendor documents them."""

from typing import Any

import httpx
import pytest

from tests.emulators.amocrm import Account
from tests.emulators.amocrm_oauth import ACCESS_LIVES, CLIENT, CODE_LIVES, REFRESH_LIVES
from tests.sync.seats import SECOND, Clock


def asked(account: Account, token: str) -> int:
    """The status of a question with this token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{account.url}/api/v4/account", headers=headers).status_code


def exchanged(account: Account, form: bool = False, **given: str) -> httpx.Response:
    """The answer of the token endpoint to JSON, or to a form."""
    body: dict[str, Any] = {"data" if form else "json": {**CLIENT, **given}}
    return httpx.post(f"{account.url}/oauth2/access_token", **body)


def by_code(account: Account, code: str, form: bool = False) -> httpx.Response:
    return exchanged(account, form, grant_type="authorization_code", code=code)


def again(account: Account, token: str) -> httpx.Response:
    return exchanged(account, grant_type="refresh_token", refresh_token=token)


def passes(clock: Clock, seconds: int) -> None:
    clock.at += seconds * SECOND


def test_a_long_lived_token_ends(account: Account, clock: Clock) -> None:
    assert asked(account, account.token) == 200
    account.token_ends = account.clock() + 1
    passes(clock, 1)
    assert asked(account, account.token) == 401
    assert httpx.get(f"{account.url}/api/v4/account").status_code == 401


@pytest.mark.parametrize("form", [False, True])
def test_a_code_is_good_once_and_not_for_long(account: Account, clock: Clock, form: bool) -> None:
    code, late = account.oauth.code(), account.oauth.code()
    made = by_code(account, code, form).json()
    assert (made["token_type"], made["expires_in"]) == ("Bearer", ACCESS_LIVES)
    assert asked(account, made["access_token"]) == 200
    assert by_code(account, code, form).status_code == 401
    passes(clock, CODE_LIVES)
    assert by_code(account, late, form).status_code == 401


def test_each_refresh_kills_the_token_before(account: Account, clock: Clock) -> None:
    first = by_code(account, account.oauth.code()).json()
    passes(clock, ACCESS_LIVES)
    assert asked(account, first["access_token"]) == 401
    second = again(account, first["refresh_token"]).json()
    assert asked(account, second["access_token"]) == 200
    spent = again(account, first["refresh_token"])
    assert (spent.status_code, spent.json()["hint"]) == (401, "Token has been revoked")
    assert spent.headers["Content-Type"] == "application/problem+json"
    passes(clock, REFRESH_LIVES)
    assert again(account, second["refresh_token"]).status_code == 401


def test_another_application_gets_nothing(account: Account) -> None:
    code = account.oauth.code()
    wrong = exchanged(account, grant_type="authorization_code", code=code, client_secret="x")
    assert wrong.status_code == 401
    assert exchanged(account, grant_type="password").status_code == 400
    assert by_code(account, code).status_code == 200
