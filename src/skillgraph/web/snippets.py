"""Writes a request down as programs would send it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from skillgraph.graph import Query
from skillgraph.graph.binding import bound
from skillgraph.graph.protocol import ResultKind
from skillgraph.question import Question
from skillgraph.vocabulary import compact

_ACCEPT = {
    ResultKind.SOLUTIONS: "text/csv",
    ResultKind.BOOLEAN: "application/sparql-results+json",
    ResultKind.GRAPH: "text/turtle",
}


@dataclass(frozen=True)
class Snippet:
    """A few lines in a language."""

    language: str
    text: str


def snippets(address: str, query: Query, kind: ResultKind) -> list[Snippet]:
    """Return lines for the shell, Python, R and JavaScript that send a query to an endpoint and read its result."""
    fields = [
        ("query", query.text.replace("\r\n", "\n")),
        *(("default-graph-uri", iri) for iri in query.default_graphs),
        *(("named-graph-uri", iri) for iri in query.named_graphs),
    ]
    accept = _ACCEPT[kind]
    return [
        Snippet("curl", _curl(address, fields, accept)),
        Snippet("Python", _python(address, fields, kind)),
        Snippet("R", _r(address, fields, kind)),
        Snippet("JavaScript", _javascript(address, fields, kind)),
    ]


def answer_snippets(root: str, question: Question, given: Mapping[str, str]) -> list[Snippet]:
    """Return lines that get the answer to a question: for the shell, Python, R, this program and SPARQL by part."""
    fields = {name: compact(iri) for name, iri in given.items()}
    terms = {name: NamedNode(iri) for name, iri in given.items()}
    address = f"{root}/questions/{question.key}?{urlencode({**fields, 'format': 'csv'}, safe=':/')}"
    command = " ".join(
        ["skillgraph ask", question.key, *(shlex.quote(f"{name}={iri}") for name, iri in fields.items())]
    )
    return [
        Snippet("curl", f"curl --silent --fail-with-body {shlex.quote(address)}"),
        Snippet("Python", f"import pandas\n\nanswer = pandas.read_csv({address!r})\nprint(answer)\n"),
        Snippet("R", f"answer <- read.csv({_r_text(address)})\nprint(answer)\n"),
        Snippet("Command line", f"{command}\n"),
        *(Snippet(f"SPARQL: {each.title}", bound(each.text, terms)[0]) for each in question.parts),
    ]


def _curl(address: str, fields: list[tuple[str, str]], accept: str) -> str:
    parts = [f"--header {shlex.quote(f'Accept: {accept}')}"]
    parts += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in fields]
    return " \\\n  ".join(["curl --silent --fail-with-body", *parts, shlex.quote(address)])


def _python(address: str, fields: list[tuple[str, str]], kind: ResultKind) -> str:
    given = "".join(f"    ({name!r}, {_python_text(value)}),\n" for name, value in fields)
    read = {
        ResultKind.SOLUTIONS: "import pandas\n\ntable = pandas.read_csv(reply)\nprint(table)",
        ResultKind.BOOLEAN: 'import json\n\nprint(json.load(reply)["boolean"])',
        ResultKind.GRAPH: "import rdflib\n\ngraph = rdflib.Graph().parse(reply, format='turtle')\nprint(len(graph))",
    }[kind]
    imports, _, rest = read.partition("\n\n")
    return (
        f"from urllib.parse import urlencode\nfrom urllib.request import Request, urlopen\n\n{imports}\n\n"
        f"fields = [\n{given}]\nheaders = {{'Accept': {_ACCEPT[kind]!r}}}\n"
        f"reply = urlopen(Request({address!r}, urlencode(fields).encode(), headers))\n{rest}\n"
    )


def _python_text(text: str) -> str:
    if "\n" not in text or '"""' in text or "\\" in text or text.endswith('"'):
        return repr(text)
    return f'"""{text}"""'


def _r(address: str, fields: list[tuple[str, str]], kind: ResultKind) -> str:
    given = ",\n  ".join(f"`{name}` = {_r_text(value)}" for name, value in fields)
    read = {
        ResultKind.SOLUTIONS: "resp_body_string() |>\n  readr::read_csv()",
        ResultKind.BOOLEAN: "resp_body_json(check_type = FALSE) |>\n  getElement('boolean')",
        ResultKind.GRAPH: "resp_body_string() |>\n  rdflib::rdf_parse(format = 'turtle')",
    }[kind]
    return (
        f"library(httr2)\n\nrequest({_r_text(address)}) |>\n  req_headers(Accept = {_r_text(_ACCEPT[kind])}) |>\n"
        f"  req_body_form(\n  {given}\n  ) |>\n  req_perform() |>\n  {read}\n"
    )


def _r_text(text: str) -> str:
    """Write a text as R reads it: plain, or raw with as many dashes as keep its end apart from its content."""
    if not any(sign in text for sign in '"\\\n'):
        return f'"{text}"'
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'


def _javascript(address: str, fields: list[tuple[str, str]], kind: ResultKind) -> str:
    given = ",\n  ".join(f"[{json.dumps(name)}, {_javascript_text(value)}]" for name, value in fields)
    accept = _ACCEPT[kind] if kind is ResultKind.GRAPH else "application/sparql-results+json"
    read = {
        ResultKind.SOLUTIONS: (
            "const values = (row) => Object.entries(row).map(([name, term]) => [name, term.value]);\n"
            "const { results } = await reply.json();\n"
            "console.table(results.bindings.map((row) => Object.fromEntries(values(row))))"
        ),
        ResultKind.BOOLEAN: "console.log((await reply.json()).boolean)",
        ResultKind.GRAPH: "console.log(await reply.text())",
    }[kind]
    return (
        f"const fields = new URLSearchParams([\n  {given}\n]);\n"
        f"const reply = await fetch({json.dumps(address)}, {{\n  method: 'POST',\n"
        f"  headers: {{ Accept: {json.dumps(accept)} }},\n  body: fields,\n}});\n"
        f"if (!reply.ok) throw new Error(await reply.text());\n{read};\n"
    )


def _javascript_text(text: str) -> str:
    if "\n" not in text:
        return json.dumps(text)
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"
