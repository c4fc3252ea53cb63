"""Every command in the README and under docs/ runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from skillgraph.resources import turtle_files
from skillgraph.settings import Settings
from tests.services import free_port, running_service

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGETS = ("make serve\n", "make test\n")


def blocks() -> Iterator[tuple[str, str, str]]:
    """Return the page, language and text of every block of commands."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            yield page.name, language, text


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the service that the commands talk to."""
    with running_service(folder=tmp_path_factory.mktemp("documentation")) as address:
        yield address


@pytest.mark.parametrize(("page", "language", "text"), [block for block in blocks() if block[2] not in TARGETS])
def test_block_runs(page: str, language: str, text: str, address: str, tmp_path: Path) -> None:
    command = ["bash", "-euo", "pipefail", "-c", text] if language == "sh" else [sys.executable, "-c", text]
    command = [part.replace("http://127.0.0.1:8000", address) for part in command]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, f"{page}: {result.stderr}"
    assert result.stdout.count("\n") > (0 if "validate" in text else 2)


def test_make_serve_serves_and_installs_nothing_twice(tmp_path: Path) -> None:
    virtual = Path(sys.prefix)
    if not (virtual / ".installed").exists():
        pytest.skip("not in an environment that make has installed: make test")
    before = (virtual / ".installed").stat().st_mtime
    make = ["make", "--no-print-directory", "-C", str(ROOT), f"VENV={virtual}"]
    assert (
        "pip install" not in subprocess.run([*make, "-n", "serve"], capture_output=True, text=True, check=True).stdout
    )
    port = free_port()
    settings = {"SKILLGRAPH_PORT": str(port), "SKILLGRAPH_HOME": str(tmp_path)}
    process = subprocess.Popen([*make, "serve"], env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    printed = ""
    while f"http://127.0.0.1:{port}/" not in printed:
        line = process.stderr.readline()
        assert line, f"make serve ended early: {printed}"
        printed += line
    subprocess.run(["pkill", "-TERM", "-P", str(process.pid)], check=True)
    process.wait(30)
    process.stderr.close()
    assert (virtual / ".installed").stat().st_mtime == before


def test_make_alone_lists_the_targets() -> None:
    printed = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    for target in ("serve", "test", "lint", "format", "bench", "docs"):
        assert f"make {target} " in printed


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!http|#|mailto)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_terms_that_pages_name_are_declared() -> None:
    declared = {
        match
        for file in turtle_files("ontology")
        for match in re.findall(r"^sg:(\w+) a owl:", file.path.read_text("utf-8"), re.M)
    }
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        named = set(re.findall(r"\bsg:(\w+)", page.read_text(encoding="utf-8")))
        assert named <= declared, f"{page.name} names {named - declared}"


def test_every_arrow_of_the_diagram_is_a_property() -> None:
    diagram = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8").split("```")[1]
    arrows = {name.strip() for label in re.findall(r"-->\|([^|]+)\|", diagram) for name in label.split(",")}
    text = "".join(file.path.read_text(encoding="utf-8") for file in turtle_files("ontology"))
    assert arrows
    assert [name for name in sorted(arrows) if f"sg:{name} a owl:ObjectProperty" not in text] == []


def test_the_limits_that_the_endpoint_documents_are_the_defaults() -> None:
    text = (ROOT / "docs" / "sparql.md").read_text(encoding="utf-8")
    defaults = {each.name.upper(): each.default for each in fields(Settings)}
    rows = re.findall(r"^\| [^|]+ \| ((?:`[A-Z_]+`(?:, )?)+) \| ([^|]+) \|", text, re.MULTILINE)
    assert len(rows) == 11
    for names, stated in rows:
        found = [float(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", stated)]
        assert found == [defaults[name] for name in re.findall(r"[A-Z_]+", names)]
