"""Proves with HermiT that the ontology and the curated data hold together; the only importer of owlready2."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, RdfFormat, Triple, serialize

from skillgraph.errors import ToolMissing
from skillgraph.vocabulary import TERMS

_IMPORTS = "http://www.w3.org/2002/07/owl#imports"


@dataclass(frozen=True)
class Verdict:
    """What the reasoner found: whether all holds together, and classes that nothing could ever belong to."""

    consistent: bool
    unsatisfiable: tuple[str, ...]
    inferred_recognitions: tuple[str, ...]


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
        assertion = world[TERMS + "RecognitionAssertion"]
        before = {each.iri for each in world.search(type=assertion)}
        try:
            with ontology:
                owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Verdict(consistent=False, unsatisfiable=(), inferred_recognitions=())
        unsatisfiable = sorted(each.iri for each in world.inconsistent_classes() if each is not owlready2.Nothing)
        after = {each.iri for each in world.search(type=assertion)}
    return Verdict(True, tuple(unsatisfiable), tuple(sorted(after - before)))


def _logical(triples: Iterable[Triple]) -> Iterable[Triple]:
    return (each for each in triples if not isinstance(each.object, Literal) and each.predicate.value != _IMPORTS)
