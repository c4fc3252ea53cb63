"""The curated data cover what they promise: themes, regions, outcomes of recognition; each record has a source."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal

from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.vocabulary import prefix_lines

REGIONS = {
    "Africa": "KEN MAR EGY TUN SEN NGA ZMB ZAF TGO GHA GIN",
    "Americas": "CAN MEX JAM BRB TTO GUY",
    "Asia": "PHL IND IDN JPN KOR SGP LKA BGD VNM",
    "Gulf": "SAU BHR JOR",
    "Europe": "DEU GBR FRA BEL ESP HUN",
    "Oceania": "AUS NZL FJI VUT WSM TON",
}


def count(graph: MemoryGraph, pattern: str) -> int:
    """Return how many things ?x match a pattern."""
    text = f"{prefix_lines()} SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"
    number = graph.select(Query(text))[0]["n"]
    assert isinstance(number, Literal)
    return int(number.value)


FLOORS = {
    "schemes and instruments": (200, "VALUES ?class { sg:Scheme sg:Agreement sg:Law sg:Norm } ?x a ?class"),
    "schemes with their mechanism": (100, "?x a sg:Scheme ; sg:hasMechanism ?how ; dct:source ?source"),
    "actors in roles": (300, "?part sg:participant ?x ; sg:inRole ?role"),
    "occupations with skills": (60, "?x a sg:Occupation ; sg:requiresCompetence ?skill"),
    "qualifications": (180, "?x a sg:Qualification"),
    "recognition assertions": (130, "?x a sg:RecognitionAssertion"),
    "purposes of recognition": (6, "?assertion a sg:RecognitionAssertion ; sg:forPurpose ?x"),
    "regulated occupations": (8, "?regulation a sg:Regulation ; sg:regulates ?x"),
    "jurisdictions with regulation": (12, "?regulation a sg:Regulation ; sg:appliesIn ?x"),
    "shortage observations with a year": (60, "?x a sg:ShortageObservation ; sg:validFrom ?from ; dct:source ?source"),
    "training offers": (40, "?x a sg:TrainingOffer"),
    "countries on the safeguards list of 2023": (
        55,
        "<https://w3id.org/skillgraph/id/safeguard/who-list-2023> sg:appliesToOrigin ?x",
    ),
}


@pytest.mark.parametrize("kind", FLOORS)
def test_the_data_do_not_shrink(kind: str, base: MemoryGraph) -> None:
    floor, pattern = FLOORS[kind]
    assert count(base, pattern) >= floor


@pytest.mark.parametrize("theme", ["mapping-gaps", "recognition", "preparation", "student-mobility", "upskilling"])
def test_every_theme_has_schemes_or_instruments(theme: str, base: MemoryGraph) -> None:
    assert count(base, f"?x sg:hasTheme <https://w3id.org/skillgraph/code/theme/{theme}>") >= 1


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_schemes_or_instruments(region: str, base: MemoryGraph) -> None:
    countries = " ".join(f"country:{code}" for code in REGIONS[region].split())
    path = "(sg:hasParty|sg:enactedBy|(sg:runsOn/(sg:hasOrigin|sg:hasDestination)))/sg:partOf*"
    assert count(base, f"VALUES ?country {{ {countries} }} ?x {path} ?country") >= 1


@pytest.mark.parametrize(
    "outcome", ["full", "partial-with-measures", "conditional", "comparable-level", "evaluation-statement", "none"]
)
def test_every_outcome_of_recognition_has_assertions(outcome: str, base: MemoryGraph) -> None:
    assert count(base, f"?x sg:hasOutcome <https://w3id.org/skillgraph/code/outcome/{outcome}>") >= 1


def test_the_hungarian_nurse_has_gaps_and_measures_with_lengths(base: MemoryGraph) -> None:
    case = "<https://w3id.org/skillgraph/id/recognition/hu-nurse-de-bw>"
    assert count(base, f"{case} sg:identifiesGap ?x") >= 4
    assert count(base, f"{case} sg:requiresMeasure ?x . ?x sg:lasts ?length") >= 4


def test_sources_that_differ_stand_side_by_side(base: MemoryGraph) -> None:
    signed = "sg:concerns <https://w3id.org/skillgraph/id/instrument/asean-mra-nursing> ; sg:hasEventKind ?kind"
    assert count(base, f"?event {signed} ; sg:onDate ?x . FILTER(STRENDS(STR(?kind), '/signed'))") == 2


def test_the_nurses_of_unit_group_2221_are_in_no_other(base: MemoryGraph) -> None:
    assert count(base, "?x sg:inOccupationGroup isco:C2221") == 2
    assert count(base, "?x sg:inOccupationGroup isco:C2221, ?other . FILTER(?other != isco:C2221)") == 0
    assert count(base, "?x sg:inOccupationGroup isco:C3221") == 0
