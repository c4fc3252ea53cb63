"""Imports go one way: no module of the package imports from a layer above its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import skillgraph

PACKAGE = Path(skillgraph.__file__).parent

LAYERS = (
    {"cli", "__main__"},
    {"agents"},
    {"client"},
    {"serving"},
    {"web"},
    {
        "absence", "account", "answer_text", "baseline", "batch", "browse", "check", "citation", "contribution",
        "coverage", "discovery", "entailment", "entity", "export", "label", "languages", "listing", "loading",
        "neighbourhood", "opening", "part", "profile", "question", "reasoning", "reconciliation", "terminology",
        "validation",
    },
    {"ledger", "graph", "search"},
    {"__init__", "errors", "finding", "rdfio", "resources", "settings", "vocabulary"},
)  # fmt: skip
"""Parts of the package from the top down; the processes of ``serving`` run what ``web`` builds."""

OWNERS = {
    "alembic": {"ledger"},
    "authlib": {"web"},
    "argon2": {"account"},
    "babel": {"languages"},
    "click": {"cli"},
    "flask": {"web"},
    "flask_wtf": {"web"},
    "gunicorn": {"serving"},
    "pandas": {"client"},
    "prometheus_client": {"serving", "web"},
    "mcp": {"agents"},
    "openpyxl": {"answer_text", "contribution"},
    "owlready2": {"reasoning"},
    "pyshacl": {"validation"},
    "rapidfuzz": {"contribution", "reconciliation", "search"},
    "rdflib": {"validation"},
    "rich": {"cli"},
    "SPARQLWrapper": {"graph"},
    "sqlalchemy": {"ledger"},
    "tantivy": {"search"},
    "werkzeug": {"web"},
    "wtforms": {"web"},
    "zstandard": {"export", "rdfio"},
}
"""The only parts of the package that may import a library."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


NAMES = {module_name(path) for path in MODULES}


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def layer_of(part: str) -> int:
    return next(index for index, parts in enumerate(LAYERS) if part in parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a module imports, wherever in its text; ``from a import b`` is ``a.b`` if that is one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module_name(path)} imports relatively"
            assert node.module
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in NAMES else node.module


def imports_of_ours(path: Path) -> set[str]:
    return {each for each in imports(path) if each.split(".")[0] == "skillgraph"}


def test_every_part_has_its_layer() -> None:
    placed = [part for parts in LAYERS for part in parts]
    assert len(placed) == len(set(placed))
    assert {part_of(module_name(path)) for path in MODULES} == set(placed), "place it in LAYERS above"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_nothing_from_above(path: Path) -> None:
    here = layer_of(part_of(module_name(path)))
    above = {each for each in imports_of_ours(path) if layer_of(part_of(each)) < here}
    assert not above, f"{module_name(path)} imports {', '.join(sorted(above))}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_a_library_only_where_it_belongs(path: Path) -> None:
    libraries = {each.split(".")[0] for each in imports(path)} & OWNERS.keys()
    wrong = {each for each in libraries if part_of(module_name(path)) not in OWNERS[each]}
    assert not wrong, f"{module_name(path)} imports {', '.join(sorted(wrong))}"


def test_no_module_imports_itself_by_a_detour() -> None:
    needs = {module_name(path): imports_of_ours(path) for path in MODULES}
    done: set[str] = set()

    def follow(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " imports ".join((*trail[trail.index(module) :], module))
        if module not in done:
            for each in needs.get(module, ()):
                follow(each, (*trail, module))
            done.add(module)

    for module in needs:
        follow(module, ())


def test_the_rules_above_see_the_imports_that_are_there() -> None:
    seen = {(part_of(module_name(path)), each.split(".")[0]) for path in MODULES for each in imports(path)}
    assert {("ledger", "sqlalchemy"), ("validation", "pyshacl"), ("reasoning", "owlready2"), ("web", "flask")} <= seen
    assert ("serving", "skillgraph") in seen
