"""The application: every path there is, each a few lines over ``Service``."""

# No annotations from the future here: FastAPI reads them, and those of inner functions name what is around them.
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from twin.central.api import body
from twin.central.api.doorway import Doorway
from twin.central.api.people import People, add_people
from twin.central.api.problem import NotAuthenticatedError, add_handlers
from twin.central.api.request_log import Log, RequestLog
from twin.central.api.session import TOKEN_S, Sessions
from twin.central.file_store import PART
from twin.central.oidc import RelyingParty
from twin.central.register import Enrolment
from twin.central.service import SCHEMA_VERSION, Service
from twin.errors import AccessError, SyncError
from twin.sync import messages
from twin.sync.handshake import centre_bytes, computer_bytes
from twin.sync.package.keys import OwnKey, card_from_text

MESSAGES = "application/x-ndjson"
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class EnrolmentWish(BaseModel):
    """A computer asks to be enrolled: its card as ``citytwin package key show`` writes it, and the code it was given."""

    card: str = Field(max_length=4096)
    code: str = Field(max_length=200)


class Proof(BaseModel):
    """A computer proves that it has its key: it signs the centre's id, the address that it called, and the challenge.

    All of it is ``twin.sync.handshake.computer_bytes``; signatures are hexadecimal digits.
    """

    key: str = Field(pattern="^[0-9a-f]{32}$")
    address: str = Field(max_length=400)
    challenge: str = Field(max_length=400)
    signature: str = Field(pattern="^[0-9a-f]{128}$")


class Enrolled(BaseModel):
    """The computer is enrolled for this account."""

    key: str
    account: str


class Challenge(BaseModel):
    """Something new to sign, and the centre's card with its signature of ``twin.sync.handshake.centre_bytes``."""

    challenge: str
    card: str
    signature: str


class Token(BaseModel):
    """What to send as ``Authorization: Bearer``."""

    token: str
    expires_in_s: int


class Health(BaseModel):
    """The service can be asked, and its database answers."""

    status: str
    schema_version: int


@dataclass(frozen=True)
class Api:
    """The paths over one service. ``centre`` is its key, ``addresses`` are those under which it is called, if it knows."""

    service: Service
    sessions: Sessions
    centre: OwnKey
    addresses: Collection[str]

    def health(self) -> Health:
        """Say whether the service and its database answer."""
        with self.service.store.reading():
            self.service.store.head()
        return Health(status="ok", schema_version=SCHEMA_VERSION)

    def enrol(self, wish: EnrolmentWish) -> Enrolled:
        """Enrol a computer with the code that an administrator handed out."""
        found = self.service.register.enrol(card_from_text(wish.card), wish.code)
        return Enrolled(key=found.id, account=found.account)

    def challenge(
        self, nonce: Annotated[str, Query(pattern="^[0-9a-f]{32}$")], address: Annotated[str, Query(max_length=400)]
    ) -> Challenge:
        """Return something to sign, and prove who the centre is to a computer that called it at ``address``."""
        self._require_own(address)
        challenge = self.sessions.challenge()
        signature = self.centre.sign(centre_bytes(nonce, address, challenge)).hex()
        return Challenge(challenge=challenge, card=self.centre.card_text(), signature=signature)

    def session(self, proof: Proof) -> Token:
        """Return a token to a computer that has signed a challenge."""
        self._require_own(proof.address)
        self.sessions.require_challenge(proof.challenge)
        enrolment = self.service.register.enrolment(proof.key)
        signed = computer_bytes(self.centre.card.id, proof.address, proof.challenge)
        if not enrolment.card.verifies(bytes.fromhex(proof.signature), signed):
            raise AccessError(
                "The signature is not that of the computer with this key, or is for another centre.",
                "Check the address of the centre, or enrol this computer anew.",
            )
        return Token(token=self.sessions.token(enrolment.id), expires_in_s=TOKEN_S)

    def _require_own(self, address: str) -> None:
        """Raise ``AccessError`` for an address that is another's: who serves it passes on what is said there."""
        if self.addresses and address not in self.addresses:
            raise AccessError(
                f"The address {address} is not one of this centre.",
                "Check the address; if it is right, name it: central serve --address.",
            )

    def enrolled(self, request: Request, authorization: Annotated[str, Header()] = "") -> Enrolment:
        """Return whose token a request carries."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticatedError("The request carries no token.", "Prove who you are first: /v1/session.")
        try:
            key = self.sessions.key_of(token)
        except AccessError as error:
            raise NotAuthenticatedError(error.message, error.advice) from error
        request.scope["citytwin.log"]["key"] = key[:8]
        return self.service.register.enrolment(key)

    def say(self, name: str, enrolment: Enrolment, content: bytes, encoding: str) -> bytes:
        """Take a message and return the centre's."""
        try:
            message = messages.decode(body.plain(content, encoding))
        except UnicodeError as error:  # half of a sign that takes two: JSON can say it, no text can hold it
            raise SyncError("The message holds what is no text.", "Update both programs.") from error
        if name != message.NAME:
            raise SyncError(f"The message is '{message.NAME}', not '{name}'.", "Send it where it belongs.")
        return body.compressed(messages.encode(self.service.for_enrolled(enrolment).answer(message)))


def create_app(
    service: Service,
    sessions: Sessions,
    log: Log,
    clock: Callable[[], float],
    party: RelyingParty | None = None,
    *,
    centre: OwnKey,
    addresses: Collection[str] = (),
) -> FastAPI:
    """Return the application; ``party`` is how people sign in at a provider, if they do.

    ``centre`` is the key of the centre's packages, too. Where ``addresses`` are given, computers that called another
    one are refused.
    """
    api = Api(service, sessions, centre, addresses)
    app = FastAPI(title="CityTwin central service", version="1", docs_url=None, redoc_url=None)
    add_handlers(app)
    app.get("/health")(api.health)
    app.post("/v1/enrolments")(api.enrol)
    app.get("/v1/challenge")(api.challenge)
    app.post("/v1/session")(api.session)
    for name in ("hello", "push", "pull", "fill"):
        _add_message(app, api, name)
    _add_files(app, api)
    add_people(app, People(service, sessions, clock, party))
    app.add_middleware(Doorway, sessions=sessions)
    app.add_middleware(RequestLog, log=log, clock=clock)  # outermost: it writes down what the doorway refuses, too
    return app


def _add_message(app: FastAPI, api: Api, name: str) -> None:
    def say(
        enrolment: Annotated[Enrolment, Depends(api.enrolled)],
        content: Annotated[bytes, Depends(body.received)],
        content_encoding: Annotated[str, Header()] = "",
    ) -> Response:
        answer = api.say(name, enrolment, content, content_encoding)
        return Response(answer, media_type=MESSAGES, headers={"Content-Encoding": "zstd"})

    answers: dict[int | str, dict[str, Any]] = {200: {"content": {MESSAGES: {}}, "description": "The centre's message."}}
    path = app.post(f"/v1/{name}", responses=answers, response_class=Response, operation_id=name, summary=f"Say '{name}'.")
    path(say)


def _add_files(app: FastAPI, api: Api) -> None:
    files = api.service.files

    async def part(request: Request) -> bytes:
        return await body.received(request, PART)

    @app.head("/v1/files/{sha256}", dependencies=[Depends(api.enrolled)], operation_id="file_extent")
    def extent(sha256: Sha256) -> Response:
        """Say how many bytes of a file are here (``Upload-Offset``), of how many (``Upload-Length``)."""
        received, size = files.extent(sha256)
        return Response(headers={"Upload-Offset": str(received), "Upload-Length": str(size)})

    @app.put("/v1/files/{sha256}", dependencies=[Depends(api.enrolled)], operation_id="file_send")
    def receive(
        sha256: Sha256,
        content: Annotated[bytes, Depends(part)],
        upload_offset: Annotated[int, Header(ge=0)],
        upload_length: Annotated[int, Header(gt=0)],
    ) -> Response:
        """Take a part of a file; it goes on at ``Upload-Offset``."""
        received = files.receive(sha256, upload_offset, upload_length, content)
        return Response(headers={"Upload-Offset": str(received), "Upload-Length": str(upload_length)})

    @app.get("/v1/files/{sha256}", dependencies=[Depends(api.enrolled)], operation_id="file_get")
    def send(
        sha256: Sha256, range_: Annotated[str, Header(alias="Range", pattern=r"^bytes=\d{1,15}-$")] = "bytes=0-"
    ) -> Response:
        """Send a file, from the byte on that ``Range: bytes=N-`` names. Whoever knows its hash has a row that names it."""
        start = int(range_[6:-1])
        received, size = files.extent(sha256)
        if not size or received < size:
            raise HTTPException(404, "There is no such file here.")
        if start >= size:
            raise HTTPException(416, f"The file has {size} bytes.")
        headers = {"Content-Length": str(size - start), "Content-Range": f"bytes {start}-{size - 1}/{size}"}
        return StreamingResponse(files.read(sha256, start), 206 if start else 200, headers, "application/octet-stream")
