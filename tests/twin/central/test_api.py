"""The centre behind a socket: who is enrolled exchanges edits and files; everybody else, and everything else, is refused by name."""

from __future__ import annotations

import hashlib
import json
import os
from random import Random

import httpx
import pytest
import zstandard

from twin.central.api import body
from twin.central.file_store import PART
from twin.central.register import Account
from twin.errors import AccessError, SyncError
from twin.sync import messages
from twin.sync.http import HttpCentre, Patience
from twin.sync.messages import FORK, Hello
from twin.sync.package.keys import OwnKey


def hello(device="somebody"):
    return Hello(device, "", 0, 0, 1)


def test_two_offices_have_the_same_city_afterwards(meet, desk):
    a, b, here, there = desk(0), desk(1), meet(0), meet(1)
    for number in range(30):
        a.edit(f"bin {number}", name=f"Bin {number}")
    b.edit("other", capacity_l=60)
    assert a.exchange(here).sent == 30
    done = b.exchange(there)
    assert (done.sent, done.is_whole) == (1, True)
    a.exchange(here)
    keys = [*(f"bin {number}" for number in range(30)), "other"]
    assert [a.row(key) for key in keys] == [b.row(key) for key in keys]
    assert a.row("other")["capacity_l"] == 60
    assert a.device.status.pending == b.device.status.pending == 0


def test_both_change_one_field_and_one_of_them_decides(meet, desk):
    a, b, here, there = desk(0), desk(1), meet(0), meet(1)
    a.edit("x", name="one")
    a.exchange(here)
    b.exchange(there)
    a.edit("x", name="two")
    b.edit("x", name="three")
    a.exchange(here)
    b.exchange(there)
    assert (a.row("x")["name"], b.row("x")["name"], b.device.status.conflicts) == ("two", "two", 1)


def test_what_the_role_forbids_is_told_with_its_rule_and_not_written(service, meet, desk):
    service.register.add(Account("pia", "planner"))
    a, here = desk(0), meet(0, "pia")
    a.edit("x", name="one")
    a.exchange(here)
    assert (a.row("x"), a.device.status.conflicts) == (None, 1)


def test_another_role_sees_something_else_from_then_on(service, meet, desk):
    a, b, here = desk(0), desk(1), meet(0)
    service.register.add(Account("han", "handler", departments=("环卫",)))
    there = meet(1, "han")
    a.edit("x", name="one")
    a.exchange(here)
    b.exchange(there)
    assert b.row("x") is None  # a bin has no department: a handler has none of it
    service.register.change("han", role="planner")
    b.exchange(there)
    assert b.row("x")["name"] == "one"
    service.register.change("han", role="handler")
    b.exchange(there)
    assert b.row("x") is None


def test_a_code_works_once(service, served, meet):
    with HttpCentre(served.url, OwnKey.new("Thief"), Random(1)) as centre:
        for code in ("nonsense", ""):
            with pytest.raises(AccessError, match="code is wrong"):
                centre.enrol(code)
    meet(0)
    with HttpCentre(served.url, OwnKey.new("Thief"), Random(1)) as centre, pytest.raises(AccessError, match="code is wrong"):
        centre.enrol("code-1")


def test_who_is_not_enrolled_or_not_any_more_is_told_nothing(service, served, meet):
    with HttpCentre(served.url, OwnKey.new("Stranger"), Random(1)) as stranger, pytest.raises(AccessError, match="not enrolled"):
        stranger.hello(hello())
    centre = meet(0)
    assert centre.hello(hello()).head == 0
    service.register.change("ada", is_active=False)
    with pytest.raises(AccessError, match="locked"):
        centre.hello(hello())
    service.register.change("ada", is_active=True)
    service.register.revoke(service.register.enrolments()[0].id)
    with pytest.raises(AccessError, match="revoked"):
        centre.hello(hello())


def test_a_token_ends_and_is_renewed_without_anybody_noticing(served, meet):
    centre = meet(0)
    centre.hello(hello())
    served.later_s = 4000.0
    centre.hello(hello())
    assert served.line(path="/v1/hello", status=401)


def test_a_copied_folder_takes_a_new_name_and_loses_nothing(meet, desk, keys):
    a, here, there = desk(0), meet(0), meet(1)
    a.edit("x", name="one")
    a.exchange(here)
    a.edit("x", name="two")
    device = a.device.state.device
    a.sign_with(keys[1])  # the same folder on a computer with another key
    done = a.exchange(there)
    assert (done.forks, a.device.status.pending) == (1, 0)
    assert a.device.state.device != device
    assert here.hello(hello(a.device.state.device)).code == FORK


def test_edits_that_another_key_signed_are_not_taken(meet, desk):
    b, here = desk(1), meet(0)
    b.edit("x", name="one")
    done = b.exchange(here)
    assert [refusal.code for refusal in done.refusals] == ["denied"]
    assert b.device.status.pending == 1


@pytest.fixture
def raw(served, meet):
    """Return a client with a token."""
    centre = meet(0)
    centre.hello(hello())
    with httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {centre._token}"}, trust_env=False) as client:
        yield client


def refused(answer, status, detail):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"], answer.text
    return answer


def test_bodies_that_are_no_message_are_refused_by_name(raw, monkeypatch):
    good = messages.encode(hello())
    refused(raw.post("/v1/hello", content=good[:-5]), 400, "cut off")
    refused(raw.post("/v1/hello", content=b"{}\n"), 400, "no message")
    refused(raw.post("/v1/hello", content=b'{"message":"hello","device":"\\ud800"}\n{"end":0}\n'), 400, "")
    refused(raw.post("/v1/push", content=good), 400, "is 'hello', not 'push'")
    refused(raw.post("/v1/hello", content=good, headers={"Content-Encoding": "zstd"}), 400, "damaged")
    refused(raw.post("/v1/hello", content=good, headers={"Content-Encoding": "br"}), 400, "compressed as 'br'")
    refused(raw.post("/v1/pull", content=good.replace(b"hello", b"welcome")), 400, "")
    refused(raw.get("/v1/nothing"), 404, "")
    refused(raw.put("/v1/hello"), 405, "")
    monkeypatch.setattr(body, "MOST_PLAIN_BYTES", 1 << 20)
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 24))
    refused(raw.post("/v1/hello", content=bomb, headers={"Content-Encoding": "zstd"}), 413, "larger than 1,048,576")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(raw):
    refused(
        raw.put(f"/v1/files/{'0' * 64}", content=bytes(PART + 1), headers={"Upload-Offset": "0", "Upload-Length": "9"}), 413, ""
    )

    def endless():
        for _ in range(6):
            yield bytes(1 << 20)

    answer = raw.put(f"/v1/files/{'0' * 64}", content=endless(), headers={"Upload-Offset": "0", "Upload-Length": "9"})
    refused(answer, 413, "larger than")


def test_without_a_token_there_is_no_answer_but_health_and_the_description(served):
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        assert client.get("/health").json() == {"status": "ok", "schema_version": 1}
        paths = client.get("/openapi.json").json()["paths"]
        assert {"/v1/hello", "/v1/push", "/v1/pull", "/v1/fill", "/v1/files/{sha256}"} <= paths.keys()
        for path in ("/v1/hello", "/v1/push", "/v1/pull", "/v1/fill"):
            assert client.post(path).status_code == 401
        for token in ("Bearer x", "Bearer a.9999999999.b", "Basic x", "Bearer \xff", "Bearer ..", "Bearer"):
            answer = client.post("/v1/hello", headers={"Authorization": token.encode("latin-1")})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert client.head(f"/v1/files/{'0' * 64}").status_code == 401


def test_a_challenge_is_not_a_token_and_a_token_not_a_challenge(served, meet):
    centre = meet(0)
    centre.hello(hello())
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        challenge = client.get("/v1/challenge", params={"nonce": "0" * 32, "address": "x"}).json()["challenge"]
        assert client.post("/v1/hello", headers={"Authorization": f"Bearer {challenge}"}).status_code == 401
        proof = {"key": "0" * 32, "address": "x", "challenge": centre._token, "signature": "0" * 128}
        assert client.post("/v1/session", json=proof).status_code == 403


def test_a_file_goes_up_in_parts_and_comes_back_from_any_byte(meet, served):
    centre = meet(0)
    content = os.urandom(PART + 1000)
    name = hashlib.sha256(content).hexdigest()
    for here in centre.send_file(name, len(content), lambda start, count: content[start : start + count]):
        if here:
            break  # the line breaks after the first part
    sent = list(centre.send_file(name, len(content), lambda start, count: content[start : start + count]))
    assert sent == [PART, len(content)]
    assert centre.fetch_file(name) == content
    assert centre.fetch_file(name, PART - 5) == content[PART - 5 :]
    with pytest.raises(SyncError, match="bytes"):
        centre.fetch_file(name, len(content))
    with pytest.raises(SyncError, match="no such file"):
        centre.fetch_file("0" * 64)


def test_a_file_with_other_bytes_than_announced_is_forgotten(meet, service):
    centre = meet(0)
    with pytest.raises(SyncError, match="another hash"):
        list(centre.send_file("0" * 64, 5, lambda start, count: b"12345"))
    assert service.files.extent("0" * 64) == (0, 0)


def test_the_log_tells_what_happened_and_nothing_of_anybody(meet, desk, served):
    a, here = desk(0), meet(0)
    a.edit("x", name="张三 13800138000")
    a.exchange(here)
    assert served.line(path="/v1/fill")
    text = json.dumps(served.lines, ensure_ascii=False)
    assert {"/v1/push", "/v1/fill", "/v1/enrolments"} <= {line["path"] for line in served.lines}
    assert all({"at", "ip", "client"}.isdisjoint(line) for line in served.lines)
    for private in ("张三", "138", "Anna", "ada", "Office A", "127.0.0.1", "code-1"):
        assert private not in text


def test_a_bug_is_told_without_its_insides(service, served, raw, monkeypatch):
    monkeypatch.setattr(type(service), "for_enrolled", lambda self, enrolment: 1 / 0)
    answer = refused(raw.post("/v1/hello", content=messages.encode(hello())), 500, "made a mistake")
    assert "ZeroDivision" not in answer.text
    assert served.line(event="bug")["error"] == "ZeroDivisionError"
    assert served.line(event="bug")["status"] == 500


def test_a_database_that_is_gone_is_told_and_may_be_asked_again(service, raw, monkeypatch):
    from twin.errors import StorageError

    def gone(self):
        raise StorageError("The database 'x' is busy.", "Try again in a minute.")

    monkeypatch.setattr(type(service), "for_enrolled", lambda self, enrolment: gone(self))
    answer = refused(raw.post("/v1/hello", content=messages.encode(hello())), 503, "busy")
    assert answer.headers["Retry-After"] == "5"


# ── the line ──


class Broken(httpx.BaseTransport):
    """A line that fails as often as it is told to, then works."""

    def __init__(self, *failures):
        self.failures, self.inner = list(failures), httpx.HTTPTransport()

    def handle_request(self, request):
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, Exception):
            raise failure
        return httpx.Response(failure) if failure else self.inner.handle_request(request)

    def close(self):
        self.inner.close()


def test_what_is_lost_on_the_way_is_sent_again_after_growing_pauses(meet):
    pauses = []
    lost = httpx.ConnectError("lost")
    centre = meet(0, transport=Broken(None, None, lost, 503, None, None), pause=pauses.append)
    centre._patience = Patience(tries=4, first_s=1.0)
    assert centre.hello(hello()).head == 0
    assert [0.5 <= pauses[0] <= 1.5, 1.0 <= pauses[1] <= 3.0, len(pauses)] == [True, True, 2]


def test_a_centre_that_is_not_there_is_told_so(tmp_path):
    with (
        HttpCentre("http://127.0.0.1:9", OwnKey.new("A"), Random(1), patience=Patience(2, 0.0)) as centre,
        pytest.raises(SyncError, match="cannot be reached"),
    ):
        centre.hello(hello())


@pytest.mark.parametrize("url", ["", "ftp://host", "host", "https://", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(SyncError, match="no address of a centre"):
        HttpCentre(url, OwnKey.new("A"), Random(1))


def test_another_service_at_the_address_is_called_what_it_is():
    transport = httpx.MockTransport(lambda _: httpx.Response(404, text="<html>Not Found</html>"))
    with (
        HttpCentre("http://127.0.0.1:9", OwnKey.new("A"), Random(1), transport=transport) as centre,
        pytest.raises(SyncError, match=r"at http://127.0.0.1:9 is no centre .* \(status 404\)"),
    ):
        centre.hello(hello())
