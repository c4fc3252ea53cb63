"""Derives the statements that answers rely on, keeps them in a named graph of their own, and says why each holds.

A rule is a query that returns a conclusion (``?subject ?predicate ?object``) with its premises (``?s1 ?p1 ?o1`` and
perhaps ``?s2 ?p2 ?o2``); the same query derives and explains. Recognition is not among the conclusions: no rule, like
no axiom, says anything about a qualification.
"""

from skillgraph.entailment.derivation import Derivation, entailed
from skillgraph.entailment.reasons import Reason, explain
from skillgraph.entailment.rules import GRAPH, Rule, Statement, entailment_rules

__all__ = ["GRAPH", "Derivation", "Reason", "Rule", "Statement", "entailed", "entailment_rules", "explain"]
