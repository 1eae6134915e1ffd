"""What goes wrong as the answer says it: problem details (RFC 9457) with the message and the advice that people read."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from twin.errors import AccessError, KeyringError, KnownError, StorageError

MEDIA_TYPE = "application/problem+json"


class NotAuthenticatedError(AccessError):
    """Who asks has not proven who it is, or did so too long ago."""


class TooLargeError(KnownError):
    """A body is larger than the centre takes at once."""


def add_handlers(app: FastAPI) -> None:
    """Let every error become problem details."""
    app.add_exception_handler(KnownError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _http)


def problem(status: int, title: str, detail: str = "", advice: str = "") -> JSONResponse:
    """Return problem details as an answer."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, "advice": advice}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    return JSONResponse({key: value for key, value in content.items() if value}, status, headers, MEDIA_TYPE)


def _known(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, KnownError)  # noqa: S101  registered for it alone
    status = _status(error)
    return problem(status, status.phrase, error.message, error.advice)


def _status(error: KnownError) -> HTTPStatus:
    if isinstance(error, NotAuthenticatedError):
        return HTTPStatus.UNAUTHORIZED
    if isinstance(error, AccessError):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, StorageError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, TooLargeError):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert isinstance(error, KnownError | KeyringError)  # noqa: S101  of no other kind
    return HTTPStatus.BAD_REQUEST


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it alone
    # Where and what, and not the value: it may be anybody's.
    found = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Unprocessable Entity", found)


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException | StarletteHTTPException)  # noqa: S101  registered for it alone
    return problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail))
