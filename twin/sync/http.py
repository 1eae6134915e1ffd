"""The centre over HTTP, as an office meets it: the same messages as in a package, sent and answered at once.

What is lost on the way is sent again, with growing pauses; since every message may come twice, that changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import zstandard

from twin.errors import AccessError, SyncError
from twin.sync import messages
from twin.sync.handshake import centre_bytes, computer_bytes
from twin.sync.messages import Changes, Fill, Hello, Message, Pull, Push, Pushed, Refusal, SnapshotPart, Welcome
from twin.sync.package.keys import Card, OwnKey, card_from_text

PART = 4 << 20
_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Patience:
    """How often something is sent before it is given up, and how long between: about ``first_s``, then twice as long each time."""

    tries: int = 5
    first_s: float = 0.5
    timeout_s: float = 120.0


class HttpCentre:
    """The centre at an address. ``random`` spreads the pauses, so that offices that lost the line do not all come at once.

    ``key`` proves who this computer is. ``meets`` is asked with the centre's card, which it has proven to be its own,
    before anything is said; what it raises ends the call. The server's certificate is verified against ``authorities`` (a file), by default
    those of the system; proxies named in the environment are not used.
    """

    def __init__(
        self,
        url: str,
        key: OwnKey,
        random: Random,
        *,
        patience: Patience = Patience(),
        authorities: str = "",
        pause: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
        meets: Callable[[Card], None] = lambda card: None,  # noqa: ARG005  by position
    ) -> None:
        self.url = address_of(url)
        self.card: Card | None = None
        self._meets = meets
        self.key, self._random, self._patience, self._pause = key, random, patience, pause
        self._token = ""
        timeout = httpx.Timeout(patience.timeout_s, connect=10.0)
        verify = _trust(authorities) if self.url.startswith("https:") else True
        self._client = httpx.Client(base_url=self.url, timeout=timeout, trust_env=False, verify=verify, transport=transport)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ── messages ──

    def hello(self, hello: Hello) -> Welcome | Refusal:
        """Say who this is."""
        return self._say(hello, Welcome)

    def push(self, push: Push) -> Pushed | Refusal:
        """Send mutations."""
        return self._say(push, Pushed)

    def pull(self, pull: Pull) -> Changes | Refusal:
        """Ask for commits."""
        return self._say(pull, Changes)

    def fill(self, fill: Fill) -> SnapshotPart | Refusal:
        """Ask for rows."""
        return self._say(fill, SnapshotPart)

    def enrol(self, code: str) -> str:
        """Enrol this computer with an administrator's code and return the account that it is for."""
        self._challenged()  # a code is told to nobody but the centre
        found = self._once("POST", "/v1/enrolments", json={"card": self.key.card_text(), "code": code})
        return str(found.json()["account"])

    # ── files ──

    def send_file(self, sha256: str, size: int, read: Callable[[int, int], bytes]) -> Iterator[int]:
        """Send a file from where the centre has it; yields how many bytes it has. ``read(start, count)`` returns bytes."""
        here = int(self._signed("HEAD", f"/v1/files/{sha256}").headers["Upload-Offset"])
        while here < size:
            yield here
            headers = {"Upload-Offset": str(here), "Upload-Length": str(size)}
            answer = self._signed("PUT", f"/v1/files/{sha256}", content=read(here, PART), headers=headers)
            here = int(answer.headers["Upload-Offset"])
        yield here

    def fetch_file(self, sha256: str, start: int = 0) -> bytes:
        """Return a file's bytes from one on."""
        return self._signed("GET", f"/v1/files/{sha256}", headers={"Range": f"bytes={start}-"}).content

    # ── inside ──

    def _say(self, message: Message, answer_type: type[M]) -> M | Refusal:
        content = zstandard.ZstdCompressor(level=3).compress(messages.encode(message))
        headers = {"Content-Encoding": "zstd", "Content-Type": "application/x-ndjson"}
        answer = messages.decode(self._signed("POST", f"/v1/{message.NAME}", content=content, headers=headers).content)
        if isinstance(answer, answer_type | Refusal):
            return answer
        raise SyncError(f"The centre answers '{answer.NAME}' to '{message.NAME}'.", "Update both programs.")

    def _signed(self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any) -> httpx.Response:
        """Send with a token; a token that is not valid any more is renewed once."""
        for is_last in (False, True):
            if not self._token:
                self._token = self._new_token()
            answer = self._sent(method, path, headers={**(headers or {}), "Authorization": f"Bearer {self._token}"}, **rest)
            if answer.status_code != HTTPStatus.UNAUTHORIZED or is_last:
                break
            self._token = ""
        return _good(answer)

    def _new_token(self) -> str:
        challenge, centre = self._challenged()
        signature = self.key.sign(computer_bytes(centre.id, self.url, challenge)).hex()
        proof = {"key": self.key.card.id, "address": self.url, "challenge": challenge, "signature": signature}
        return str(self._once("POST", "/v1/session", json=proof).json()["token"])

    def _challenged(self) -> tuple[str, Card]:
        """Return what the centre wants signed, and its card. Raises ``AccessError`` for one that has not the key of its card."""
        nonce = f"{self._random.getrandbits(128):032x}"
        found = self._once("GET", "/v1/challenge", params={"nonce": nonce, "address": self.url}).json()
        challenge, card = str(found["challenge"]), card_from_text(str(found.get("card", "")))
        if not card.verifies(_bytes(found.get("signature")), centre_bytes(nonce, self.url, challenge)):
            raise AccessError(
                f"What answers at {self.url} shows the card of '{card.name}' and does not have its key.",
                "Check the address of the centre.",
            )
        self._meets(card)
        self.card = card
        return challenge, card

    def _once(self, method: str, path: str, **rest: Any) -> httpx.Response:
        return _good(self._sent(method, path, **rest))

    def _sent(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Send until there is an answer, or patience ends."""
        pause_s = self._patience.first_s
        for number in range(1, self._patience.tries + 1):
            is_last = number == self._patience.tries
            try:
                answer = self._client.request(method, path, **rest)
            except httpx.TransportError as error:
                if is_last or _is_hopeless(error):
                    raise _unreachable(self.url, error) from error
            else:
                if is_last or answer.status_code not in _AGAIN:
                    return answer
            self._pause(pause_s * self._random.uniform(0.5, 1.5))
            pause_s *= 2
        raise _unreachable(self.url, None)


def address_of(url: str) -> str:
    """Return an address as both sides write it. Raises ``SyncError`` for a text that is none."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise SyncError(f"'{url}' is no address of a centre.", "Give https://HOST or http://HOST:PORT.") from error
    if found.scheme not in ("http", "https") or not found.host:
        raise SyncError(f"'{url}' is no address of a centre.", "Give https://HOST or http://HOST:PORT.")
    return str(found).rstrip("/")


def _bytes(digits: Any) -> bytes:
    try:
        return bytes.fromhex(digits)
    except (ValueError, TypeError):
        return b""


def _trust(authorities: str) -> Any:
    import ssl

    try:
        return ssl.create_default_context(cafile=authorities or None)
    except (OSError, ssl.SSLError) as error:
        raise SyncError(f"The certificates in '{authorities}' cannot be read.", "Name a file of certificates (PEM).") from error


def _is_hopeless(error: httpx.TransportError) -> bool:
    """Whether sending again cannot help: nobody has a certificate that is trusted the second time."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error) or isinstance(error, httpx.UnsupportedProtocol)


def _unreachable(url: str, error: httpx.TransportError | None) -> SyncError:
    if error is not None and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SyncError(f"The centre at {url} has a certificate that is not trusted.", "Name its authority: --authorities FILE.")
    return SyncError(f"The centre at {url} cannot be reached.", "Your edits stay here; sync again when there is a line.")


def _good(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is one. Raises the error that the centre tells of."""
    if answer.is_success:
        return answer
    message, advice = _told(answer)
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise AccessError(message, advice)
    raise SyncError(message, advice)


def _told(answer: httpx.Response) -> tuple[str, str]:
    try:
        data = answer.json()
        return str(data.get("detail") or data["title"]), str(data.get("advice", ""))
    except (ValueError, LookupError, AttributeError, TypeError):
        where = f"{answer.url.scheme}://{answer.url.netloc.decode()}"
        return (
            f"What answers at {where} is no centre of CityTwin, or something stands before it (status {answer.status_code}).",
            "Check the address, or try again later.",
        )
