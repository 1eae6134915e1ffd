"""Signing in at another service that knows the people: OpenID Connect with authorization code and PKCE.

OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE, S256). The centre is the relying party: a browser goes to the provider
and comes back with a code, which the centre alone exchanges. Nothing is believed that is not signed by the provider's keys.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from twin.errors import AccessError

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
SKEW_S = 60
TIMEOUT_S = 10
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as the administrator entered it; ``secret`` is '' for a public client."""

    issuer: str
    client: str
    secret: str = ""

    def __post_init__(self) -> None:
        """Refuse an issuer that could be overheard."""
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise AccessError(f"The provider '{self.issuer}' is not reached by https.", "Give its address beginning with https.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and what is kept until it comes back to ``redirect``."""

    address: str
    redirect: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider: ``subject`` never changes there, ``name`` is for display alone."""

    issuer: str
    subject: str
    name: str


@dataclass
class RelyingParty:
    """The centre before one provider. ``now_s`` is Unix time, ``random`` makes bytes that nobody guesses."""

    provider: Provider
    http: httpx.Client
    now_s: Callable[[], float]
    random: Callable[[int], bytes]
    _found: Mapping[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None

    def begin(self, redirect: str) -> Begun:
        """Begin a sign-in; the browser comes back to ``redirect``."""
        state, nonce, verifier = (_text(self.random(32)) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": self.provider.client,
            "redirect_uri": redirect,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _text(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return Begun(f"{self._endpoint('authorization_endpoint')}?{urlencode(query)}", redirect, state, nonce, verifier)

    def finish(self, begun: Begun, code: str, state: str) -> Identity:
        """Return who came back with a code. Raises ``AccessError`` for anything that the provider has not signed for us."""
        if not hmac.compare_digest(begun.state.encode(), state.encode()):
            raise AccessError("The browser came back from another sign-in.", "Begin again.")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect,
            "client_id": self.provider.client,
            "code_verifier": begun.verifier,
        }
        if self.provider.secret:
            form["client_secret"] = self.provider.secret
        told = self._asked("POST", self._endpoint("token_endpoint"), data=form)
        claims = self._verified(str(told.get("id_token", "")))
        self._require(claims, begun.nonce)
        name = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])
        return Identity(self.provider.issuer, str(claims["sub"]), name)

    def _require(self, claims: Mapping[str, Any], nonce: str) -> None:
        """Check what OpenID Connect Core 1.0, section 3.1.3.7 asks for."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self.now_s()
        refusals = {
            "issuer": claims.get("iss") != self.provider.issuer,
            "audience": self.provider.client not in audiences or claims.get("azp", self.provider.client) != self.provider.client,
            "nonce": not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
            "time": not _is_number(claims.get("exp")) or now > claims["exp"] + SKEW_S,
            "time of issue": not _is_number(claims.get("iat")) or claims["iat"] > now + SKEW_S,
            "subject": not isinstance(claims.get("sub"), str) or not claims["sub"],
        }
        wrong = next((name for name, is_wrong in refusals.items() if is_wrong), "")
        if wrong:
            raise AccessError(f"What the provider signed does not fit: its {wrong} is another.", "Begin again; else ask an administrator.")  # fmt: skip

    def _verified(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token that one of the provider's keys signed; new keys are fetched once."""
        for is_last in (False, True):
            try:
                claims: Mapping[str, Any] = jwt.decode(token, self._key_set(anew=is_last), algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError) as error:
                if is_last:
                    raise AccessError(
                        "The signature is not that of the provider.", "Begin again; else ask an administrator."
                    ) from error
            else:
                return claims
        raise AssertionError

    def _key_set(self, *, anew: bool) -> KeySet:
        if self._keys is None or anew:
            try:
                self._keys = KeySet.import_key_set(self._asked("GET", self._endpoint("jwks_uri")))  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise AccessError("The provider's keys cannot be read.", "Ask its administrator.") from error
        return self._keys

    def _endpoint(self, name: str) -> str:
        if not self._found:
            found = self._asked("GET", f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise AccessError(
                    f"The provider calls itself '{found.get('issuer')}', not '{self.provider.issuer}'.",
                    "Enter the name that it gives itself.",
                )
            self._found = found
        address = self._found.get(name)
        if not isinstance(address, str):
            raise AccessError(f"The provider does not say its {name}.", "Ask its administrator.")
        return address

    def _asked(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        try:
            answer = self.http.request(method, address, timeout=TIMEOUT_S, follow_redirects=False, **more)
            told = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError) as error:
            raise AccessError(f"The provider cannot be reached: {error}.", "Sign in with a password, or try later.") from error
        if not isinstance(told, dict):
            raise AccessError(f"The provider refuses (status {answer.status_code}).", "Begin again; else ask an administrator.")
        return told


def relying_party(provider: Provider, now_s: Callable[[], float], random: Callable[[int], bytes]) -> RelyingParty:
    """Return the centre before a provider, with a way to it that its owner closes."""
    return RelyingParty(provider, httpx.Client(), now_s, random)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
