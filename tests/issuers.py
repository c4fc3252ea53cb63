"""An issuer of OpenID Connect on loopback, for the service to send people to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "skillgraph-test"


@dataclass
class Issuer:
    """What the issuer says of whoever comes; ``claims`` overrides what it puts into its tokens."""

    address: str = ""
    subject: str = "0000-0002-1825-0097"
    claims: dict[str, object] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    wrong_key: bool = False
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, code: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 60,
            "nonce": self.asked[code]["nonce"], "name": "Nobody's Business", **self.claims,
        }  # fmt: skip
        key = RSAKey.generate_key(2048) if self.wrong_key else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run an issuer; it lets everybody in without a page."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                code = f"code-{len(issuer.asked)}"
                issuer.asked[code] = asked
                self.send_response(302)
                query = urlencode({"code": code, "state": asked["state"]})
                self.send_header("Location", f"{asked['redirect_uri']}?{query}")
                self.end_headers()
                return
            self._send(
                {
                    "issuer": issuer.address,
                    "authorization_endpoint": f"{issuer.address}/authorize",
                    "token_endpoint": f"{issuer.address}/token",
                    "jwks_uri": f"{issuer.address}/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
                if parts.path == "/.well-known/openid-configuration"
                else {"keys": [issuer.key.as_dict(private=False)]}
            )

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            assert form["code_verifier"][0]
            code = form["code"][0]
            self._send({"access_token": "x", "token_type": "Bearer", "id_token": issuer.token(code)})

        def _send(self, document: object) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield issuer
    server.shutdown()
    server.server_close()
