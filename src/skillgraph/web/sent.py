"""Reads what a request sent: a file, a text pasted into a form, or a body; and the language of the answer."""

from __future__ import annotations

from typing import Final

from flask import request

from skillgraph.errors import InvalidContribution, UnsupportedMediaType
from skillgraph.ledger import Upload
from skillgraph.settings import Settings

LANGUAGES: Final = ("en", "fr", "es")
"""Languages that reports are written in."""
SUFFIXES: Final = {
    "text/turtle": ".ttl",
    "application/trig": ".trig",
    "application/n-triples": ".nt",
    "application/n-quads": ".nq",
    "application/ld+json": ".jsonld",
    "application/rdf+xml": ".rdf",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""Endings of names that stand for the media types in which a body may come."""
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


def allow_files(settings: Settings) -> None:
    """Let this request be as large as a contributed file may be."""
    size = settings.upload_mb * 2**20
    request.max_content_length = size + 2**20
    request.max_form_memory_size = size


def sent_file() -> Upload:
    """Return what was sent, under a name whose ending tells its format."""
    if request.mimetype not in _FORMS:
        return Upload(f"{request.args.get('name', 'data')}{_suffix(request.mimetype)}", request.get_data())
    file = request.files.get("file")
    if file is not None and file.filename:
        return Upload(file.filename, file.read())
    text = request.form.get("text", "")
    if not text.strip():
        raise InvalidContribution("There is neither a file nor a text.", "Choose a file, or paste the data.")
    return Upload(f"pasted{_suffix(request.form.get('type', 'text/turtle'))}", text.encode())


def language_asked() -> str:
    """Return the language of the report: the one asked for by name, else the first that the client accepts."""
    named = request.values.get("language")
    accepted = request.accept_languages.best_match(LANGUAGES, "en") or "en"
    return named if named in LANGUAGES else accepted


def _suffix(media_type: str) -> str:
    if media_type not in SUFFIXES:
        raise UnsupportedMediaType(
            f"The media type {media_type or '(none)'} is none that is read here.",
            "Send one of: " + ", ".join(SUFFIXES) + ".",
        )
    return SUFFIXES[media_type]
