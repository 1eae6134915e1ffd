"""Whoever serves another address gains nothing by passing on what is said there; and a city meets its own centre alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import httpx
import pytest

from tests.twin.central.conftest import CENTRE
from twin.errors import AccessError, SyncError
from twin.sync.handshake import centre_bytes
from twin.sync.http import HttpCentre, Patience
from twin.sync.messages import Hello
from twin.sync.package.keys import OwnKey
from twin.sync.server import pin, require_met

HELLO = Hello("somebody", "", 0, 0, 1)
EVIL = "https://evil.example"


@pytest.fixture
def database(request):
    """Return SQLite alone: nothing here depends on the database."""
    return request.getfixturevalue("sqlite_database")


class Relay:
    """Somebody between: passes everything on to the centre and keeps the tokens; with a key, plays a centre of its own."""

    def __init__(self, url, key=None):
        self.url, self.key, self.tokens, self.asked = url, key, [], []

    def __call__(self, request):
        self.asked.append(request.url.path)
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            headers = {name: value for name, value in request.headers.items() if name != "host"}
            answer = client.request(request.method, request.url.raw_path.decode(), content=request.content, headers=headers)
        data = answer.json() if "json" in answer.headers["content-type"] else None
        if data and "token" in data:
            self.tokens.append(data["token"])
        if data and "card" in data and self.key:
            asked = request.url.params
            signed = centre_bytes(asked["nonce"], asked["address"], data["challenge"])
            data |= {"card": self.key.card_text(), "signature": self.key.sign(signed).hex()}
        return httpx.Response(answer.status_code, json=data)


def call(relay, key, **more):
    return HttpCentre(EVIL, key, Random(1), patience=Patience(1), transport=httpx.MockTransport(relay), **more)


@pytest.fixture
def office(meet, keys):
    """Return the key of an enrolled computer."""
    meet(0)
    return keys[0]


def test_a_proof_that_was_made_for_another_address_is_worth_nothing(served, office):
    relay = Relay(served.url)
    served.addresses.add(served.url)
    with call(relay, office) as centre, pytest.raises(AccessError, match=r"https://evil.example is not one of this centre"):
        centre.hello(HELLO)
    assert relay.tokens == []
    with HttpCentre(served.url, office, Random(1)) as centre:
        assert centre.hello(HELLO).head == 0


def test_the_address_in_a_proof_cannot_be_put_right_on_the_way(served, office):
    """The relay asks the centre under its right address: but then the centre signs that one, and not the one that was called."""
    served.addresses.add(served.url)
    relay = Relay(served.url)

    def mended(request):
        params = {**request.url.params, "address": served.url}
        return relay(httpx.Request(request.method, request.url.copy_with(params=params), content=request.content))

    with call(mended, office) as centre, pytest.raises(AccessError, match="does not have its key"):
        centre.hello(HELLO)
    assert relay.tokens == []


def test_a_proof_for_a_false_centre_is_not_one_for_the_true_one(served, office):
    relay = Relay(served.url, OwnKey.new("False centre"))
    with call(relay, office) as centre, pytest.raises(AccessError, match="or is for another centre"):
        centre.hello(HELLO)
    assert relay.tokens == []


def test_who_shows_a_card_without_its_key_hears_nothing(served, office, service):
    class Forger(OwnKey):
        def card_text(self):
            return CENTRE.card_text()

    forger = OwnKey.new("Forger")
    relay = Relay(served.url, Forger(forger.name, forger.signing, forger.opening))
    service.register.invite("ada", "code-x", datetime.now(UTC) + timedelta(days=1))
    with call(relay, OwnKey.new("New")) as centre, pytest.raises(AccessError, match="does not have its key"):
        centre.enrol("code-x")
    assert relay.asked == ["/v1/challenge"]  # the code was not told


def test_a_city_that_knows_its_centre_says_nothing_to_another(served, office, tmp_path):
    pin(tmp_path, CENTRE.card)
    relay = Relay(served.url, OwnKey.new("False centre"))
    with (
        call(relay, office, meets=lambda card: require_met(tmp_path, card, EVIL)) as centre,
        pytest.raises(SyncError, match=r"answers 'False centre' .* which is not the centre of this city"),
    ):
        centre.hello(HELLO)
    assert relay.asked == ["/v1/challenge"]
    with HttpCentre(served.url, office, Random(1), meets=lambda card: require_met(tmp_path, card, served.url)) as centre:
        assert centre.hello(HELLO).head == 0
        assert centre.card == CENTRE.card
