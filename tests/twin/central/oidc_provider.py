"""A small OpenID provider as a process of its own, written from the standards: it shares no code with what it tests.

It signs with real RSA keys, checks PKCE, and misbehaves on request (``/misbehave?how=…``). It prints its address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "citytwin", "s3cret"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self):
        self.private = rsa.generate_private_key(65537, 2048)
        self.id = secrets.token_hex(4)

    @property
    def public(self):
        numbers = self.private.public_key().public_numbers()
        n, e = (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (numbers.n, numbers.e))
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": encoded(n), "e": encoded(e)}

    def signed(self, claims, header=None):
        head = header or {"alg": "RS256", "kid": self.id}
        plain = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        if head["alg"] == "none":
            return plain + "."
        return plain + "." + encoded(self.private.sign(plain.encode(), padding.PKCS1v15(), SHA256()))


class State:
    def __init__(self):
        self.key, self.how, self.codes = Key(), "", {}


STATE = State()


class Handler(BaseHTTPRequestHandler):
    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def log_message(self, *_):
        pass

    def answer(self, value, status=200):
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if parts.path == "/.well-known/openid-configuration":
            name = "http://evil.example" if STATE.how == "other name" else self.issuer
            paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            self.answer({"issuer": name, **{key: f"{self.issuer}/{path}" for key, path in paths.items()}})
        elif parts.path == "/keys":
            self.answer({"keys": [STATE.key.public]})
        elif parts.path == "/misbehave":
            STATE.how = query["how"]
            if query["how"] == "new keys":
                STATE.key, STATE.how = Key(), ""
            self.answer({})
        elif parts.path == "/authorize":
            self.authorize(query)
        else:
            self.answer({}, 404)

    def authorize(self, query):
        if query.get("client_id") != CLIENT or query.get("code_challenge_method") != "S256" or "openid" not in query["scope"]:
            self.answer({"error": "invalid_request"}, 400)
            return
        code = secrets.token_hex(16)
        STATE.codes[code] = query
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}")
        self.end_headers()

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(content).items()}
        asked = STATE.codes.pop(form.get("code"), None)
        challenge = encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        good = asked and challenge == asked["code_challenge"] and form.get("redirect_uri") == asked["redirect_uri"]
        if not good or form.get("client_secret") != SECRET:
            self.answer({"error": "invalid_grant"}, 400)
            return
        self.answer({"token_type": "Bearer", "access_token": "x", "id_token": self.token(asked)})

    def token(self, asked):
        now = time.time()
        claims = {
            "iss": self.issuer,
            "sub": "42",
            "aud": CLIENT,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "name": "李明",
        }
        wrong = {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "somebody else"},
            "authorized party": {"aud": [CLIENT, "b"], "azp": "b"},
            "expired": {"exp": now - 3600},
            "future": {"iat": now + 3600},
            "issuer": {"iss": "http://evil.example"},
            "nobody": {"sub": ""},
            "no end": {"exp": None},
        }
        claims |= wrong.get(STATE.how, {})
        if STATE.how == "foreign key":
            return Key().signed(claims, {"alg": "RS256", "kid": STATE.key.id})
        if STATE.how == "no signature":
            return STATE.key.signed(claims, {"alg": "none"})
        if STATE.how == "shared secret":
            return STATE.key.signed(claims, {"alg": "HS256", "kid": STATE.key.id})
        if STATE.how == "changed":
            head, body, signature = STATE.key.signed(claims).split(".")
            changed = json.loads(base64.urlsafe_b64decode(body + "=="))
            return ".".join((head, encoded(json.dumps({**changed, "sub": "1"}).encode()), signature))
        return "rubbish" if STATE.how == "rubbish" else STATE.key.signed(claims)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
