"""Signing in: password and one-time code, lockout, what is kept, what is written down."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from twin.access import one_time_code
from twin.access.password import Cost
from twin.central.audit_log import AuditLog
from twin.central.credentials import LOCKED, TRIES, Credentials
from twin.central.register import Account, Register
from twin.central.schema import CREDENTIAL
from twin.central.service_keys import kept, made, verifier
from twin.errors import AccessError, KeyringError

PASSWORD = "correct horse battery"  # noqa: S105  a test's
QUICK = Cost(4, 8, 1)


class Clock:
    def __init__(self):
        self.at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def credentials(database, clock):
    keys = made(secrets.token_bytes)
    register = Register(database, clock)
    register.add(Account("li", "handler"))
    register.add(Account("root", "admin"))
    audit = AuditLog(database, clock, keys.sign)
    made_ = Credentials(database, register, audit, keys, clock, secrets.token_bytes, QUICK)
    made_.set_password("li", PASSWORD, by="root")
    return made_


def told(credentials):
    return [
        (entry.told["who"], entry.told["what"], entry.told.get("why", "")) for entry in reversed(credentials.audit.newest(99))
    ]


def test_the_right_password_signs_in(credentials):
    assert credentials.signed_in("li", PASSWORD).role == "handler"
    assert told(credentials)[-1] == ("li", "sign in", "")


@pytest.mark.parametrize(("account", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("root", PASSWORD), ("", "")])
def test_anything_else_does_not_and_is_not_told_apart(credentials, account, password):
    with pytest.raises(AccessError, match="The account, the password or the code is wrong"):
        credentials.signed_in(account, password)
    assert told(credentials)[-1][1] == "refuse sign-in"


def test_five_wrong_tries_lock_for_a_quarter_of_an_hour(credentials, clock):
    for _ in range(TRIES):
        with pytest.raises(AccessError):
            credentials.signed_in("li", "wrong")
    with pytest.raises(AccessError):
        credentials.signed_in("li", PASSWORD)
    assert told(credentials)[-1] == ("li", "refuse sign-in", "locked")
    clock.at += LOCKED - timedelta(seconds=1)
    with pytest.raises(AccessError):
        credentials.signed_in("li", PASSWORD)
    clock.at += timedelta(seconds=1)
    assert credentials.signed_in("li", PASSWORD).name == "li"


def test_a_right_try_forgets_the_wrong_ones(credentials):
    for _ in range(2):
        for _ in range(TRIES - 1):
            with pytest.raises(AccessError):
                credentials.signed_in("li", "wrong")
        credentials.signed_in("li", PASSWORD)


def test_a_code_is_asked_for_and_counts_once(credentials, clock):
    secret = credentials.new_secret("li", by="root")
    code = one_time_code.code(secret, one_time_code.counter_at(clock.at.timestamp()))
    with pytest.raises(AccessError):
        credentials.signed_in("li", PASSWORD)
    credentials.signed_in("li", PASSWORD, code)
    with pytest.raises(AccessError):
        credentials.signed_in("li", PASSWORD, code)
    assert told(credentials)[-1] == ("li", "refuse sign-in", "wrong code")
    clock.at += timedelta(seconds=90)
    credentials.signed_in("li", PASSWORD, one_time_code.code(secret, one_time_code.counter_at(clock.at.timestamp())))


def test_an_administrator_needs_the_second_factor(credentials, clock):
    credentials.set_password("root", "many other words here", by="root")
    with pytest.raises(AccessError):
        credentials.signed_in("root", "many other words here")
    assert told(credentials)[-1] == ("root", "refuse sign-in", "no second factor")
    secret = credentials.new_secret("root", by="root")
    code = one_time_code.code(secret, one_time_code.counter_at(clock.at.timestamp()))
    assert credentials.signed_in("root", "many other words here", code).role == "admin"


def test_a_locked_account_does_not_sign_in(credentials):
    credentials.register.change("li", is_active=False)
    with pytest.raises(AccessError):
        credentials.signed_in("li", PASSWORD)
    assert told(credentials)[-1][2] == "inactive"


def test_neither_password_nor_secret_is_in_the_database_or_in_the_log(credentials, database):
    secret = credentials.new_secret("li", by="root")
    with database.reading() as db:
        row = db.execute(select(CREDENTIAL)).first()
    assert PASSWORD not in row.password
    assert secret not in bytes(row.secret)
    assert all(PASSWORD.encode() not in entry.record for entry in credentials.audit.newest(99))
    other = made(secrets.token_bytes)
    with pytest.raises(KeyringError):
        other.opened(row.secret, "one-time code of li")
    with pytest.raises(KeyringError):
        credentials.keys.opened(row.secret, "one-time code of root")


def test_a_password_of_other_parameters_is_kept_anew(credentials, database):
    later = Credentials(
        database, credentials.register, credentials.audit, credentials.keys, credentials.now, secrets.token_bytes, Cost(5, 8, 1)
    )
    later.signed_in("li", PASSWORD)
    with database.reading() as db:
        assert db.execute(select(CREDENTIAL.c.password)).scalar_one().startswith("scrypt$5$8$1$")
    later.signed_in("li", PASSWORD)


def test_what_cannot_be_set(credentials):
    with pytest.raises(AccessError, match="no password yet"):
        credentials.new_secret("root", by="root")
    with pytest.raises(AccessError, match="no account"):
        credentials.set_password("nobody", PASSWORD, by="root")
    with pytest.raises(AccessError, match="signs"):
        credentials.set_password("li", "short", by="root")


def test_an_identity_of_another_service_is_connected_by_an_administrator(credentials):
    with pytest.raises(AccessError):
        credentials.vouched_for("https://id.example", "42")
    credentials.connect("li", "https://id.example", "42", by="root")
    assert credentials.vouched_for("https://id.example", "42").name == "li"
    for issuer, subject in (("https://other.example", "42"), ("https://id.example", "43")):
        with pytest.raises(AccessError):
            credentials.vouched_for(issuer, subject)
    credentials.register.change("li", is_active=False)
    with pytest.raises(AccessError):
        credentials.vouched_for("https://id.example", "42")


def test_the_keys_of_the_service_are_in_a_file_of_its_own(tmp_path):
    path = tmp_path / "keys" / "service.json"
    one = kept(path, secrets.token_bytes)
    again = kept(path, secrets.token_bytes)
    assert again.public == one.public
    assert path.stat().st_mode & 0o777 == 0o600
    assert verifier(one.public)(b"data", again.sign(b"data"))
    assert again.opened(one.sealed(b"secret", "p"), "p") == b"secret"
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="Others may read"):
        kept(path, secrets.token_bytes)
    path.chmod(0o600)
    path.write_text(json.dumps({"signing": "x"}))
    with pytest.raises(KeyringError, match="holds no keys"):
        kept(path, secrets.token_bytes)
