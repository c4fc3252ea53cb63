"""What a shape looks at: the paths from a focus node along which its result can depend on the graph.

Read forwards from a focus node they give the excerpt on which the shape finds the same as on the whole graph; read
backwards from a changed triple they give the focus nodes whose result may have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import NamedNode
from rdflib import URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath

from skillgraph.vocabulary import RDF_TYPE, RDFS_SUBCLASS_OF


@dataclass(frozen=True)
class Step:
    """A way from a node along a predicate (``None``: each), backwards if ``inverse``, and further if ``repeated``."""

    predicate: NamedNode | None
    inverse: bool = False
    repeated: bool = False

    @cached_property
    def once(self) -> Step:
        """Return the step taken a single time."""
        return Step(self.predicate, self.inverse)

    @cached_property
    def back(self) -> Step:
        """Return the single step the other way."""
        return Step(self.predicate, not self.inverse)


class Unbounded(Exception):
    """A shape looks at more than the paths from its focus nodes lead to; it can only be held against the whole."""


@dataclass(eq=False)
class Reach:
    """A tree of steps; each stands for the nodes at which the steps from the root end."""

    parent: Reach | None = None
    step: Step | None = None
    branches: dict[Step, Reach] = field(default_factory=dict)

    def along(self, step: Step) -> Reach:
        """Return where a step from here leads, which is from now on looked at."""
        if step not in self.branches:
            self.branches[step] = Reach(self, step)
        return self.branches[step]

    def classes(self) -> None:
        """Look at the classes of the nodes here, and at those above them."""
        self.along(Step(RDF_TYPE)).along(Step(RDFS_SUBCLASS_OF, repeated=True))

    def ends(self, path: URIRef | Path, *, inverse: bool = False) -> list[Reach]:
        """Return where a property path from here ends, as far as steps can tell; all on the way is looked at."""
        match path:
            case URIRef():
                return [self.along(Step(NamedNode(path), inverse))]
            case InvPath(arg=inner):
                return self.ends(inner, inverse=not inverse)
            case AlternativePath(args=choices):
                return [end for each in choices for end in self.ends(each, inverse=inverse)]
            case SequencePath(args=parts):
                ends = [self]
                for part in reversed(parts) if inverse else parts:
                    ends = [end for each in ends for end in each.ends(part, inverse=inverse)]
                return ends
            case MulPath(path=inner, mod="?"):
                return [self, *self.ends(inner, inverse=inverse)]
            case MulPath(path=URIRef() as inner):
                return [self.along(Step(NamedNode(inner), inverse, repeated=True))]
            case MulPath(path=InvPath(arg=URIRef() as inner)):
                return [self.along(Step(NamedNode(inner), not inverse, repeated=True))]
            case NegatedPath():
                return [self.along(Step(None, direction)) for direction in (False, True)]
        raise Unbounded(path)

    def everything(self) -> Iterator[Reach]:
        """Yield this place and all that are reached from it, the nearer first."""
        level = [self]
        while level:
            yield from level
            level = [each for place in level for each in place.branches.values()]

    @cached_property
    def depth(self) -> int:
        """How many steps lead here from the root."""
        return 0 if self.parent is None else 1 + self.parent.depth
