"""Answers a client only so often: requests are counted by address and minute."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address

from flask import Flask, Response, request
from flask_limiter import Limiter, RateLimitExceeded
from werkzeug.middleware.proxy_fix import ProxyFix

from skillgraph.errors import TooManyRequests
from skillgraph.settings import Settings
from skillgraph.web.problems import problem

_UNCOUNTED = ("static", "health.health")


def limit_clients(app: Flask, settings: Settings) -> None:
    """Count requests and refuse those over the limit, with the time to return.

    Each web process counts in its own memory, unless ``limiter_storage`` names a store that they share.
    """
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    limiter = Limiter(
        _client,
        app=app,
        application_limits=[f"{settings.requests_per_minute} per minute"],
        storage_uri=settings.limiter_storage,
        swallow_errors=True,
    )

    @limiter.request_filter
    def uncounted() -> bool:
        return request.endpoint in _UNCOUNTED

    @app.errorhandler(RateLimitExceeded)
    def refuse(fault: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        seconds = max(1, int(current.reset_at - time.time())) if current else 60
        limit = fault.limit.limit
        return problem(
            TooManyRequests(
                f"More than {limit.amount} requests of this kind came from your address within one "
                f"{limit.GRANULARITY.name}.",
                f"Wait {seconds} seconds. For large amounts of data, send one query instead of many.",
                seconds,
            )
        )

    saving = limiter.limit(f"{settings.saves_per_hour} per hour")
    app.view_functions["saved.save"] = saving(app.view_functions["saved.save"])  # type: ignore[assignment]


def _client() -> str:
    """Return the address of the client; of IPv6 the network, in which one client has all addresses."""
    text = request.remote_addr or ""
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return str(IPv6Address(int(address) >> 64 << 64)) if isinstance(address, IPv6Address) else text
