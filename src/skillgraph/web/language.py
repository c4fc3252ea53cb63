"""In which language a page is: what the address asks for, what was asked for before, or what the browser likes."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Flask, Response, g, request

from skillgraph.languages import LANGUAGES, RIGHT_TO_LEFT, day, number, translated, translations

COOKIE = "lang"
"""Holds two letters for a year; nothing else is remembered of who reads."""
_YEAR = 365 * 24 * 3600


def page_language() -> str:
    """Return the language of this request's page."""
    if "language" not in g:
        asked = (request.args.get("lang", ""), request.cookies.get(COOKIE, ""))
        liked = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
        g.language = next((each for each in (*asked, *liked) if each in LANGUAGES), "en")
    found: str = g.language
    return found


def data_language() -> str:
    """Return the language of names in data: the one that the address asks for, else English."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else "en"


def speak_languages(app: Flask) -> None:
    """Give the pages of an application their words, numbers and dates in the language of the request."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: translated(text, page_language()),
        lambda one, many, count: translations(page_language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.filters["number"] = lambda count: number(count, page_language())
    app.jinja_env.filters["day"] = lambda date: day(date, page_language())
    app.jinja_env.globals.update(language_names=LANGUAGES, other_language=other_language, spoken=page_language)

    @app.context_processor
    def language() -> dict[str, object]:
        spoken = page_language()
        return {"lang": spoken, "direction": "rtl" if spoken in RIGHT_TO_LEFT else "ltr"}

    @app.after_request
    def say(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = page_language()
            response.headers.add("Vary", "Accept-Language, Cookie")
        asked = request.args.get("lang", "")
        if asked in LANGUAGES:
            response.set_cookie(COOKIE, asked, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
        return response


def other_language(language: str) -> str:
    """Return the address of this page in another language."""
    given = request.args.to_dict(flat=False) | {"lang": [language]}
    return f"{request.path}?{urlencode(given, doseq=True)}"
