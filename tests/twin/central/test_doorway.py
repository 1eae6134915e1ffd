"""Before anybody has proven who they are, the centre takes little, from few, and not for long; with a token it takes what it took."""

from __future__ import annotations

import socket
import time

import httpx
import pytest

from twin.central.api import doorway
from twin.errors import SyncError

CHALLENGE = f"/v1/challenge?nonce={'0' * 32}&address=x"


@pytest.fixture
def database(request):
    """Return SQLite alone: nothing here depends on the database."""
    return request.getfixturevalue("sqlite_database")


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, trust_env=False) as found:
        yield found


def address(served):
    host, _, port = served.url.removeprefix("http://").partition(":")
    return host, int(port)


@pytest.fixture
def waiting(served):
    """Return a function that begins requests whose bodies never come."""
    opened = []

    def begin(count, path="/v1/session"):
        for _ in range(count):
            line = socket.create_connection(address(served))
            line.sendall(
                f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{".encode()
            )
            opened.append(line)
        return opened

    yield begin
    for line in opened:
        line.close()


@pytest.mark.parametrize("path", ["/v1/session", "/v1/enrolments"])
def test_a_stranger_may_send_little(client, path):
    def endless():
        for _ in range(64):
            yield b"x" * 4096

    for content in (b"x" * (doorway.MOST_BYTES + 1), endless()):
        answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413, answer.text
        assert "carries no valid token" in answer.json()["detail"]


def test_with_a_token_a_large_body_is_taken_and_without_a_valid_one_the_token_is_asked_for(meet, client):
    centre = meet(0)
    large = b"x" * (4 * doorway.MOST_BYTES)
    assert client.post("/v1/push", content=large).status_code == 401
    assert client.post("/v1/push", content=large, headers={"Authorization": "Bearer a.9999999999.b"}).status_code == 401
    with pytest.raises(SyncError, match="cut off in line 1"):
        centre._signed("POST", "/v1/push", content=large)


def test_strangers_keep_no_place_for_long_and_nobody_out_who_is_known(meet, client, waiting, monkeypatch):
    monkeypatch.setattr(doorway, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(doorway, "WITHIN_S", 1.5)
    centre = meet(0)
    token = centre._new_token()
    waiting(3)
    found = [client.get(CHALLENGE)]
    while found[-1].status_code != 503:  # they arrive one after the other
        assert len(found) < 100
        time.sleep(0.01)
        found.append(client.get(CHALLENGE))
    assert (found[-1].headers["Retry-After"], found[-1].json()["advice"]) == ("5", "Try again in some seconds.")
    assert client.post("/v1/push", content=b"{}", headers={"Authorization": f"Bearer {token}"}).status_code == 400
    time.sleep(1.6)
    assert client.get(CHALLENGE).status_code == 200


def test_a_body_that_does_not_come_is_answered(waiting, monkeypatch):
    monkeypatch.setattr(doorway, "WITHIN_S", 0.2)
    (line,) = waiting(1)
    line.settimeout(5)
    assert line.recv(100).startswith(b"HTTP/1.1 408 ")
