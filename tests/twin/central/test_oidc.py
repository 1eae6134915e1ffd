"""Signing in at a real provider: a process of its own with real signatures, well-behaved and not."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from twin.central.oidc import Provider, RelyingParty
from twin.errors import AccessError

REDIRECT = "http://127.0.0.1:9/back"


@pytest.fixture
def http():
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def party(issuer, http):
    http.get(f"{issuer}/misbehave", params={"how": ""})
    return RelyingParty(Provider(issuer, "citytwin", "s3cret"), http, time.time, secrets.token_bytes)


def through_browser(http, begun):
    """Return code and state with which the browser comes back."""
    answer = http.get(begun.address)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(REDIRECT)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return query["code"][0], query["state"][0]


def test_who_signs_in_there_is_known_here(party, http, issuer):
    begun = party.begin(REDIRECT)
    identity = party.finish(begun, *through_browser(http, begun))
    assert (identity.issuer, identity.subject, identity.name) == (issuer, "42", "李明")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("nonce", "its nonce"),
        ("audience", "its audience"),
        ("authorized party", "its audience"),
        ("expired", "its time"),
        ("no end", "its time"),
        ("future", "its time of issue"),
        ("issuer", "its issuer"),
        ("nobody", "its subject"),
        ("foreign key", "signature"),
        ("no signature", "signature"),
        ("shared secret", "signature"),
        ("changed", "signature"),
        ("rubbish", "signature"),
    ],
)
def test_what_the_provider_did_not_sign_for_us_is_refused(party, http, issuer, how, reason):
    begun = party.begin(REDIRECT)
    http.get(f"{issuer}/misbehave", params={"how": how})
    with pytest.raises(AccessError, match=reason):
        party.finish(begun, *through_browser(http, begun))


def test_a_code_without_its_verifier_is_worth_nothing(party, http):
    begun = party.begin(REDIRECT)
    code, state = through_browser(http, begun)
    with pytest.raises(AccessError, match="refuses"):
        party.finish(replace(begun, verifier="another"), code, state)
    with pytest.raises(AccessError, match="refuses"):
        party.finish(begun, code, state)


def test_a_code_counts_once(party, http):
    begun = party.begin(REDIRECT)
    back = through_browser(http, begun)
    party.finish(begun, *back)
    with pytest.raises(AccessError, match="refuses"):
        party.finish(begun, *back)


def test_the_browser_of_another_sign_in_is_refused(party, http):
    begun = party.begin(REDIRECT)
    code, _ = through_browser(http, begun)
    with pytest.raises(AccessError, match="another sign-in"):
        party.finish(begun, code, "state")


def test_new_keys_of_the_provider_are_fetched(party, http, issuer):
    begun = party.begin(REDIRECT)
    party.finish(begun, *through_browser(http, begun))
    http.get(f"{issuer}/misbehave", params={"how": "new keys"})
    begun = party.begin(REDIRECT)
    assert party.finish(begun, *through_browser(http, begun)).subject == "42"


def test_a_provider_that_calls_itself_otherwise_is_refused(party, http, issuer):
    http.get(f"{issuer}/misbehave", params={"how": "other name"})
    with pytest.raises(AccessError, match="calls itself"):
        party.begin(REDIRECT)


def test_a_provider_that_is_not_there_is_told(http):
    party = RelyingParty(Provider("http://127.0.0.1:9", "c"), http, time.time, secrets.token_bytes)
    with pytest.raises(AccessError, match="cannot be reached"):
        party.begin(REDIRECT)


def test_a_provider_that_can_be_overheard_is_refused():
    with pytest.raises(AccessError, match="https"):
        Provider("http://id.example", "c")
    assert Provider("https://id.example", "c").client == "c"
