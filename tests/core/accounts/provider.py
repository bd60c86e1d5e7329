"""An OpenID Connect provider of our own, on this machine, that may also answer wrongly."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from core.accounts.operations import single_sign_on
from core.members.models import IdentityProvider, Member
from core.tenancy.context import tenant

CLIENT_ID, SECRET = "roundtable", "of the client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeProvider:
    """Signs somebody in without asking; `wrong` replaces claims of the next tokens."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.wrong: dict[str, Any] = {}
        self.key, self.algorithm = KEY, "RS256"
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(provider.documents().get(urlsplit(self.path).path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(provider.token(parse_qs(body)))

            def _answer(self, body: object) -> None:
                content = json.dumps(body).encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def documents(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]},
        }

    def token(self, asked: dict[str, list[str]]) -> dict[str, str] | None:
        self.asked.append(asked)
        claims = self.codes.pop(asked["code"][0], None)
        if claims is None or asked["client_secret"] != [SECRET] or "code_verifier" not in asked:
            return None
        key: Any = self.key
        token = jwt.encode(claims, key, self.algorithm, headers={"kid": "one"})
        return {"access_token": "unused", "token_type": "Bearer", "id_token": token}

    def send_back(self, browser: Client, begun: Any, subject: str, **claims: Any) -> Any:
        """Sign this subject in, after our page has sent the browser there, and go back."""
        there = urlsplit(begun["Location"])
        assert f"{there.scheme}://{there.netloc}" == self.issuer
        asked = {name: values[0] for name, values in parse_qs(there.query).items()}
        assert asked["code_challenge_method"] == "S256"
        code, now = secrets.token_urlsafe(8), int(time.time())
        self.codes[code] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": subject,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            **claims,
            **self.wrong,
        }
        path = urlsplit(asked["redirect_uri"]).path
        return browser.get(path, {"code": code, "state": asked["state"]})

    def sign_in(self, browser: Client, subject: str, slug: str = "acme", **claims: Any) -> Any:
        return self.send_back(browser, browser.get(f"/sso/{slug}/"), subject, **claims)


def use(provider: FakeProvider, owner: Member, *, tested: bool = True) -> IdentityProvider:
    """Let an organisation's people sign in there."""
    with tenant(owner.organisation):
        row = single_sign_on.save_provider(
            name="Fake",
            issuer=provider.issuer,
            client_id=CLIENT_ID,
            subject_claim="sub",
            secret=SECRET,
            by=owner,
        )
        if tested:
            single_sign_on.pass_test(provider=row, by=owner)
        return row
