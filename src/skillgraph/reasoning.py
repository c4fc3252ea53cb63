"""Proves with HermiT that the ontology and the curated data hold together; the only importer of owlready2."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, RdfFormat, Triple, serialize

from skillgraph.errors import ReasonerFault, ToolMissing
from skillgraph.vocabulary import TERMS

if TYPE_CHECKING:
    import owlready2

_ASSERTION = TERMS + "RecognitionAssertion"
_IMPORTS = "http://www.w3.org/2002/07/owl#imports"


@dataclass(frozen=True)
class Verdict:
    """What the reasoner found.

    ``unsatisfiable`` names classes that nothing could ever belong to, ``inferred_recognitions`` the recognition
    assertions that exist, or say something, only because an axiom lets them; where the whole is inconsistent anything
    would follow, and both are empty.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    inferred_recognitions: tuple[str, ...] = ()


def java() -> str | None:
    """Return the path of the Java runtime, ``None`` where there is none."""
    return shutil.which("java")


def reason(triples: Iterable[Triple]) -> Verdict:
    """Run HermiT over ontology and data.

    Literals are left out: HermiT knows only the OWL 2 datatypes, which lack xsd:date and xsd:gYear, and no axiom of
    ours depends on them.
    """
    if java() is None:
        raise ToolMissing(
            "HermiT needs a Java runtime, and there is none.", "Install one: apt-get install default-jre-headless."
        )
    import owlready2

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.nt"
        path.write_bytes(serialize(_logical(triples), format=RdfFormat.N_TRIPLES) or b"")
        world = owlready2.World()
        ontology = world.get_ontology(path.as_uri()).load()
        stated = _recognitions(world)
        try:
            with ontology:
                owlready2.sync_reasoner_hermit(world, infer_property_values=True, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Verdict(consistent=False)
        except owlready2.OwlReadyJavaError as fault:
            raise ReasonerFault(
                f"HermiT stopped: {_reason(str(fault))}.", "Take back the axiom that was added last, or mend it."
            ) from None
        unsatisfiable = sorted(each.iri for each in world.inconsistent_classes() if each is not owlready2.Nothing)
        inferred = {assertion for assertion, _, _ in _recognitions(world) - stated}
    return Verdict(True, tuple(unsatisfiable), tuple(sorted(inferred)))


def _recognitions(world: owlready2.World) -> set[tuple[str, str, str]]:
    """Return what recognition assertions say in terms of ours."""
    rows = world.sparql(f"SELECT ?assertion ?property ?value {{ ?assertion a <{_ASSERTION}> ; ?property ?value }}")
    statements = {(_iri(subject), _iri(term), _iri(value)) for subject, term, value in rows}
    return {each for each in statements if each[1].startswith(TERMS) or each[2] == _ASSERTION}


def _iri(node: object) -> str:
    return str(getattr(node, "iri", ""))


def _reason(output: str) -> str:
    """Return what Java says after the name of the first fault."""
    faults = (line.partition(": ")[2] for line in output.splitlines() if re.search(r"(Exception|Error): ", line))
    return next(faults, "it gave no reason").strip().rstrip(".")


def _logical(triples: Iterable[Triple]) -> Iterable[Triple]:
    return (each for each in triples if not isinstance(each.object, Literal) and each.predicate.value != _IMPORTS)
