"""How a computer proves who it is: it signs a challenge with its key and gets a token for an hour.

Both are texts with a keyed hash of this process, so that nothing is kept here: after a restart everybody proves it anew.
No clock but the centre's own counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from twin.errors import AccessError

CHALLENGE_S, TOKEN_S, PERSON_S = 60, 3600, 1800


@dataclass(frozen=True)
class Sessions:
    """Challenges and tokens of one process. ``secret`` is random; ``clock`` counts seconds and never goes back."""

    secret: bytes
    clock: Callable[[], float]
    random: Callable[[int], bytes]

    def challenge(self) -> str:
        """Return something new to sign."""
        return self._sealed("challenge", self.random(16).hex(), CHALLENGE_S)

    def token(self, key: str) -> str:
        """Return a token for the computer with this key."""
        return self._sealed("token", key, TOKEN_S)

    def require_challenge(self, challenge: str) -> None:
        """Raise ``AccessError`` for a challenge that is not from here, or too old."""
        self._opened("challenge", challenge)

    def key_of(self, token: str) -> str:
        """Return whose token it is. Raises ``AccessError`` for one that is not from here, or too old."""
        return self._opened("token", token)

    def person_token(self, account: str) -> str:
        """Return a token for somebody who has signed in as an account."""
        return self._sealed("person", account.encode().hex(), PERSON_S)

    def account_of(self, token: str) -> str:
        """Return who signed in. Raises ``AccessError`` for a token that is not from here, or too old."""
        return bytes.fromhex(self._opened("person", token)).decode()

    def is_known(self, authorization: str) -> bool:
        """Whether a request's ``Authorization`` holds a valid token, of a computer or of a person."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and any(self._is_valid(purpose, token) for purpose in ("token", "person"))

    def _is_valid(self, purpose: str, token: str) -> bool:
        try:
            self._opened(purpose, token)
        except AccessError:
            return False
        return True

    def _sealed(self, purpose: str, content: str, seconds: float) -> str:
        plain = f"{content}.{int(self.clock() + seconds)}"
        return f"{plain}.{self._seal(purpose, plain)}"

    def _opened(self, purpose: str, text: str) -> str:
        plain, _, seal = text.rpartition(".")
        content, _, until = plain.rpartition(".")
        is_ours = hmac.compare_digest(self._seal(purpose, plain).encode(), seal.encode("utf-8", "replace"))
        if not is_ours or float(until) < self.clock():
            raise AccessError("The token of this computer is not valid any more.", "Sync again: it gets a new one.")
        return content

    def _seal(self, purpose: str, plain: str) -> str:
        data = f"{purpose}\x00{plain}".encode("utf-8", "replace")
        return hmac.new(self.secret, data, hashlib.sha256).hexdigest()
