"""The published knowledge is found in the repository, in an installed package, or missed in one sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import skillgraph
from skillgraph.resources import KINDS, query_files, query_text, root, turtle_files

PACKAGE = Path(skillgraph.__file__).parent
ASK = """
from skillgraph.errors import UnreadableData
from skillgraph.resources import root
try:
    print(root())
except UnreadableData as fault:
    print(fault.message, fault.remedy, sep="\\n")
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder that holds the package alone, as an installation does."""
    shutil.copytree(PACKAGE, tmp_path / "site" / "skillgraph", ignore=shutil.ignore_patterns("static", "__pycache__"))
    return tmp_path / "site" / "skillgraph"


def run(package: Path) -> list[str]:
    """Ask a copy of the package where the published knowledge is."""
    program = f"import sys; sys.path.insert(0, {str(package.parent)!r})\n{ASK}"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=package, capture_output=True, text=True, timeout=60, check=True
    )
    return result.stdout.splitlines()


def test_the_root_holds_every_kind() -> None:
    assert all((root() / kind).is_dir() for kind in KINDS)


def test_an_installed_package_carries_the_knowledge_within(installed: Path) -> None:
    for kind in KINDS:
        (installed / "published" / kind).mkdir(parents=True)
    assert run(installed) == [str(installed / "published")]


def test_a_package_without_the_knowledge_says_so_with_a_remedy(installed: Path) -> None:
    (installed / "published" / "ontology").mkdir(parents=True)
    message, remedy = run(installed)
    assert message == ("The published knowledge (ontology, shapes, data, queries) is not where the package expects it.")
    assert remedy == "Install the package again: pip install --force-reinstall skillgraph."


@pytest.mark.parametrize("kind", ["ontology", "shapes", "data"])
def test_turtle_files_have_their_path_as_key(kind: str) -> None:
    files = turtle_files(kind)
    assert files
    assert [file.key for file in files] == [
        file.path.relative_to(root()).as_posix().removesuffix(".ttl") for file in files
    ]
    assert len({file.key for file in files}) == len(files)
    assert {file.path for file in files} == set((root() / kind).rglob("*.ttl"))


def test_files_in_folders_are_found() -> None:
    assert "ontology/alignments/prov" in {file.key for file in turtle_files("ontology")}
    assert "data/codes/theme" in {file.key for file in turtle_files("data")}


def test_queries_are_found_by_kind_and_read_by_name() -> None:
    paths = query_files("checks")
    assert [path.stem for path in paths] == sorted(path.stem for path in paths)
    assert {path.suffix for path in paths} == {".rq"}
    for path in paths:
        assert query_text(f"checks/{path.stem}") == path.read_text(encoding="utf-8")
