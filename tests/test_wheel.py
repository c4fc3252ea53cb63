"""The wheel carries everything: installed alone into an empty environment, it serves the whole graph."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.services import running_service

ROOT = Path(__file__).parent.parent
CONSTRAINED = {
    **os.environ,
    "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
    "PIP_BUILD_CONSTRAINT": str(ROOT / "constraints.txt"),
}
pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the source distribution, as ``python -m build`` does."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, env=CONSTRAINED, capture_output=True, timeout=600)
    return next(folder.glob("*.whl"))


def test_wheel_carries_the_knowledge_and_the_front_end(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for kind in ("ontology", "shapes", "data"):
        expected = {f"skillgraph/published/{path.relative_to(ROOT)}" for path in (ROOT / kind).rglob("*.ttl")}
        assert expected <= names
    assert {f"skillgraph/published/{path.relative_to(ROOT)}" for path in (ROOT / "queries").rglob("*.rq")} <= names
    assert {f"skillgraph/web/static/dist/{name}" for name in ("site.css", "editor.css", "editor.js")} <= names
    assert not [name for name in names if "node_modules" in name or name.startswith("tests")]


def test_installed_wheel_serves_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, env=CONSTRAINED, timeout=600)
    empty = tmp_path / "empty"
    empty.mkdir()
    with running_service([str(python.with_name("skillgraph"))], folder=empty) as address:
        with urllib.request.urlopen(f"{address}/sparql?query=SELECT?s?c%7B?s%20a%20?c%7DLIMIT%201&format=csv") as reply:
            assert reply.read().startswith(b"s,c")
        for path in ("/", "/sparql", "/questions/partnership", "/static/dist/editor.js"):
            request = urllib.request.Request(f"{address}{path}", headers={"Accept": "text/html,*/*;q=0.1"})
            with urllib.request.urlopen(request) as reply:
                assert reply.status == 200
