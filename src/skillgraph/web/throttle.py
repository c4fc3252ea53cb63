"""Answers a client only so often: requests are counted by address, those that save something also by themselves."""

from __future__ import annotations

import sys
import time
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from skillgraph.errors import TooManyRequests
from skillgraph.settings import Settings

_UNCOUNTED = ("static", "health.health")


def limit_clients(app: Flask, settings: Settings) -> None:
    """Count requests and refuse those over the limit, with the time to return.

    Each web process counts in its own memory, unless ``limiter_storage`` names a store that they share. While that
    store cannot be reached nobody is refused.
    """
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    storage = storage_from_string(settings.limiter_storage)
    assert isinstance(storage, Storage)
    limiter = FixedWindowRateLimiter(storage)
    all_requests = RateLimitItemPerMinute(settings.requests_per_minute)
    by_endpoint = {
        "saved.save": RateLimitItemPerHour(settings.saves_per_hour, namespace="saves"),
        "signin.enter": RateLimitItemPerHour(settings.sign_ins_per_hour, namespace="sign-ins"),
        "oidc.come_back": RateLimitItemPerHour(settings.sign_ins_per_hour, namespace="sign-ins"),
        "validating.validate": RateLimitItemPerHour(settings.validations_per_hour, namespace="validations"),
    }

    @app.before_request
    def count() -> None:
        if request.endpoint in _UNCOUNTED:
            return
        client = _client(request.remote_addr or "")
        _count(limiter, all_requests, client)
        if (limit := by_endpoint.get(request.endpoint or "")) is not None:
            _count(limiter, limit, client)


def _count(limiter: FixedWindowRateLimiter, limit: RateLimitItem, client: str) -> None:
    try:
        if limiter.hit(limit, client):
            return
        seconds = max(1, int(limiter.get_window_stats(limit, client).reset_time - time.time()))
    except limiter.storage.base_exceptions as fault:
        sys.stderr.write(f"Requests are not counted: the store does not answer ({fault}).\n")
        return
    raise TooManyRequests(
        f"More than {limit.amount} requests of this kind came from your address within one {limit.GRANULARITY.name}.",
        f"Wait {seconds} seconds. For large amounts of data, send one query instead of many.",
        seconds,
    )


@lru_cache(4096)
def _client(text: str) -> str:
    """Return the address of the client; of IPv6 the network, in which one client has all addresses."""
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return str(IPv6Address(int(address) >> 64 << 64)) if isinstance(address, IPv6Address) else text
