"""Every error in one form: a problem document (RFC 9457) for machines, a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, g, json, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from skillgraph.errors import SignInFailed, SignInNeeded, SkillGraphError
from skillgraph.web.negotiation import prefers_html


def register_problems(app: Flask) -> None:
    """Answer errors of ours and of HTTP with problem documents."""
    app.register_error_handler(SkillGraphError, problem)
    app.register_error_handler(HTTPException, _http)


def problem(fault: SkillGraphError) -> Response:
    """Answer with an error of ours; somebody who must sign in first is led to where that is done."""
    g.fault = fault
    if isinstance(fault, SignInNeeded) and request.method == "GET" and prefers_html():
        return redirect(url_for("signin.form", next=request.full_path.rstrip("?")), 303)  # type: ignore[return-value]
    said: dict[str, object] = {
        "type": f"/problems#{fault.kind()}",
        "title": fault.title,
        "status": fault.status,
        "detail": fault.message,
        "remedy": fault.remedy,
    }
    for name in ("line", "column", "parameter", "available", "suggestions", "last_version"):
        if (value := getattr(fault, name, None)) not in (None, ()):
            said[name] = value
    response = _answer(said, fault.status)
    if isinstance(fault, SignInNeeded | SignInFailed):
        response.headers["WWW-Authenticate"] = 'Bearer realm="SkillGraph"'
    if fault.retry_after:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _http(fault: HTTPException) -> Response:
    status = HTTPStatus(fault.code or 500)
    said = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": fault.description}
    response = _answer(said, status.value)
    for name, value in fault.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _answer(said: Mapping[str, object], status: int) -> Response:
    if prefers_html():
        return make_response(render_template("problem.html", problem=said, query=request.args.get("query")), status)
    return Response(json.dumps(said) + "\n", status, content_type="application/problem+json")
