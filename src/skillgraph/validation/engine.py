"""Chooses what runs SHACL: pySHACL, or the faster pyshacl-turbo where the extra ``fast`` is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pyshacl

Engine = Callable[..., tuple[bool | None, Any, str]]
"""``pyshacl.validate`` or its like."""


@cache
def shacl_engine() -> Engine:
    """Return the function that validates."""
    chosen = import_module("pyshacl_turbo") if find_spec("pyshacl_turbo") else pyshacl
    engine: Engine = chosen.validate
    return engine
