"""People at the centre's door: they sign in by password and code or at a provider, and ask for what their role may see."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.access_city import NAME, OFFICE, PHONE
from twin.access import one_time_code
from twin.access.password import Cost
from twin.central.api.session import PERSON_S
from twin.central.credentials import Credentials
from twin.central.oidc import Provider, RelyingParty
from twin.central.register import Account

PASSWORD = "correct horse battery"  # noqa: S105  a test's


class Door:
    def __init__(self, service, served):
        service.credentials = Credentials(
            service.database, service.register, service.audit, service.keys, service.now, secrets.token_bytes, Cost(4, 8, 1)
        )
        self.served = served
        self.client = httpx.Client(base_url=served.url, trust_env=False)

    def sign_in(self, account, password=PASSWORD, code=""):
        return self.client.post("/v1/sign-in", json={"account": account, "password": password, "code": code})

    def as_(self, account):
        self.client.headers["Authorization"] = f"Bearer {self.sign_in(account).json()['token']}"
        return self.client


@pytest.fixture
def door(filled, serve):
    service = filled
    for account in (Account("li", "handler", (OFFICE,)), Account("feng", "planner"), Account("wu", "shift_lead")):
        service.register.add(account)
    made = Door(service, serve(service))
    for name in ("li", "feng", "wu"):
        service.credentials.set_password(name, PASSWORD, by="root")
    yield made
    made.client.close()


def test_who_signs_in_is_told_who_they_are(door):
    assert door.as_("li").get("/v1/me").json() == {"account": "li", "role": "handler", "departments": [OFFICE], "districts": []}


def test_a_wrong_password_is_refused_and_a_second_factor_asked_for(door, service):
    answer = door.sign_in("li", "wrong")
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    secret = service.credentials.new_secret("li", by="root")
    assert door.sign_in("li").status_code == 403
    code = one_time_code.code(secret, one_time_code.counter_at(service.now().timestamp()))
    assert door.sign_in("li", code=code).status_code == 200


def test_a_token_is_short_lived_and_nobody_else_s(door, service, keys):
    client = door.as_("li")
    assert client.get("/v1/me").status_code == 200
    for token in ("x", "x.1.y", door.client.headers["Authorization"][7:] + "0"):
        assert client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert client.get("/v1/me", headers={"Authorization": "Basic x"}).status_code == 401
    # A person's token is no computer's.
    assert client.post("/v1/pull", content=b"{}").status_code == 401
    service.register.change("li", is_active=False)
    assert client.get("/v1/me").status_code == 403
    service.register.change("li", is_active=True)
    door.served.later_s = PERSON_S + 2
    assert client.get("/v1/me").status_code == 401


def test_a_handler_sees_a_telephone_on_request_and_that_is_written_down(door, service):
    wish = {"kind": "case", "id": "case-1", "reason": "Nobody opens, must call first"}
    told = door.as_("li").post("/v1/personal-data", json=wish).json()
    assert (told["complainant"], told["complainant_phone"]) == (NAME, PHONE)
    entry = service.audit.newest(1)[0]
    assert (entry.told["who"], entry.told["about"], entry.told["reason"]) == ("li", "case/case-1", wish["reason"])
    assert PHONE.encode() not in entry.record


@pytest.mark.parametrize(
    ("account", "key", "reason"),
    [("li", "case-3", "of another department"), ("feng", "case-1", "a planner's curiosity"), ("li", "case-99", "there is no such case"), ("li", "case-1", "x")],
)  # fmt: skip
def test_others_are_refused_and_learn_nothing(door, service, account, key, reason):
    before = len(service.audit.newest(99))
    answer = door.as_(account).post("/v1/personal-data", json={"kind": "case", "id": key, "reason": reason})
    assert answer.status_code == 403
    assert PHONE not in answer.text
    if reason != "x":
        assert service.audit.newest(1)[0].told["what"] == "refuse personal data"
        assert len(service.audit.newest(99)) > before


def test_the_audit_log_is_read_by_who_may(door):
    assert door.as_("li").get("/v1/audit").status_code == 403
    told = door.as_("wu").get("/v1/audit", params={"limit": 3}).json()
    assert [entry["what"] for entry in told] == ["read audit log", "sign in", "sign in"]


def test_a_person_signs_in_at_the_citys_provider(door, service, issuer, serve):
    with httpx.Client(trust_env=False) as http:
        http.get(f"{issuer}/misbehave", params={"how": ""})
        party = RelyingParty(Provider(issuer, "citytwin", "s3cret"), http, time.time, secrets.token_bytes)
        client = httpx.Client(base_url=serve(service, party).url, trust_env=False)
        service.credentials.connect("li", issuer, "42", by="root")
        begun = client.post("/v1/sign-in/openid", json={"port": 4711}).json()
        back = http.get(begun["address"]).headers["location"]
        assert back.startswith("http://127.0.0.1:4711/back?")
        query = parse_qs(urlsplit(back).query)
        wish = {"ticket": begun["ticket"], "code": query["code"][0], "state": query["state"][0]}
        assert client.post("/v1/sign-in/openid/token", json={**wish, "ticket": "another"}).status_code == 403
        answer = client.post("/v1/sign-in/openid/token", json=wish).json()
        assert (answer["account"], answer["role"]) == ("li", "handler")
        assert client.get("/v1/me", headers={"Authorization": f"Bearer {answer['token']}"}).json()["account"] == "li"
        assert client.post("/v1/sign-in/openid/token", json=wish).status_code == 403
        client.close()
    assert service.audit.newest(1)[0].told["what"] == "sign in"


def test_without_a_provider_that_is_said(door):
    answer = door.client.post("/v1/sign-in/openid", json={"port": 4711})
    assert (answer.status_code, answer.json()["detail"]) == (403, "This centre has no OpenID provider.")
    assert timedelta(seconds=PERSON_S) == timedelta(minutes=30)
