"""Addresses of the built style sheets and scripts, with their content's digest so that caches never go stale."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static" / "dist"


@cache
def asset(name: str) -> str:
    """Return the address of a built file."""
    digest = hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/dist/{name}?v={digest}"
