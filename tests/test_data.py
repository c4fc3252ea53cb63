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


def test_there_are_at_least_ten_schemes(base: MemoryGraph) -> None:
    assert count(base, "?x a sg:Scheme ; sg:hasMechanism ?how ; dct:source ?source") >= 10


@pytest.mark.parametrize("theme", ["mapping-gaps", "recognition", "preparation", "student-mobility", "upskilling"])
def test_every_theme_has_schemes_or_instruments(theme: str, base: MemoryGraph) -> None:
    assert count(base, f"?x sg:hasTheme <https://w3id.org/skillgraph/code/theme/{theme}>") >= 1


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_schemes_or_instruments(region: str, base: MemoryGraph) -> None:
    countries = " ".join(f"country:{code}" for code in REGIONS[region].split())
    path = "(sg:hasParty|sg:enactedBy|(sg:runsOn/(sg:hasOrigin|sg:hasDestination)))/sg:partOf*"
    assert count(base, f"VALUES ?country {{ {countries} }} ?x {path} ?country") >= 1


def test_there_are_at_least_six_recognition_assertions_with_different_outcomes(base: MemoryGraph) -> None:
    assert count(base, "?x a sg:RecognitionAssertion") >= 6
    assert count(base, "?assertion sg:hasOutcome ?x") >= 4
    assert count(base, "?x sg:hasOutcome <https://w3id.org/skillgraph/code/outcome/none>") >= 1


def test_the_hungarian_nurse_has_gaps_and_measures_with_lengths(base: MemoryGraph) -> None:
    case = "<https://w3id.org/skillgraph/id/recognition/hu-nurse-de-bw>"
    assert count(base, f"{case} sg:identifiesGap ?x") >= 4
    assert count(base, f"{case} sg:requiresMeasure ?x . ?x sg:lasts ?length") >= 4


def test_sources_that_differ_stand_side_by_side(base: MemoryGraph) -> None:
    signed = "sg:concerns <https://w3id.org/skillgraph/id/instrument/asean-mra-nursing> ; sg:hasEventKind ?kind"
    assert count(base, f"?event {signed} ; sg:onDate ?x . FILTER(STRENDS(STR(?kind), '/signed'))") == 2


def test_a_reader_of_unit_group_2221_is_not_led_to_other_groups(base: MemoryGraph) -> None:
    assert count(base, "?x sg:inOccupationGroup isco:C2221") == 1
    assert count(base, "?x sg:inOccupationGroup isco:C3221") == 0
