"""Links each publication to the one before it by a digest, so that a change to the past shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

GENESIS = "0" * 64
"""What the first publication is linked to."""


def chained(before: str, publication: Mapping[str, object], revisions: Iterable[Mapping[str, object]]) -> str:
    """Return the SHA-256, in hex, over the digest before, a publication's fields and those of its revisions.

    Contents are covered by the digests that the revisions name.
    """
    said = [before, dict(publication), [dict(each) for each in revisions]]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
