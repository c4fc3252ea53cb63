"""Kinds of queries, from a look-up to an aggregate over everything, for the generated dataset."""

from __future__ import annotations

from benchmarks.dataset import BASE, SKOS

_PREFIXES = f"PREFIX : <{BASE}> PREFIX skos: <{SKOS}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
_KINDS = {
    "look-up": f"SELECT ?label WHERE {{ <{BASE}occupation/77> skos:prefLabel ?label }}",
    "everything of one": f"SELECT ?p ?o WHERE {{ <{BASE}assertion/77> ?p ?o }}",
    "who refers to one": f"SELECT ?s ?p WHERE {{ ?s ?p <{BASE}country/7> }}",
    "yes or no": f"SELECT ?s WHERE {{ ?s :ofQualification <{BASE}qualification/99> ; :hasGap ?gap }}",
    "join of three": f"""SELECT ?assertion ?label WHERE {{
      ?qualification :awardedIn <{BASE}country/7> ; skos:prefLabel ?label .
      ?assertion :ofQualification ?qualification ; :hasOutcome <{BASE}outcome/partial> }}""",
    "join between countries": f"""SELECT ?qualification ?outcome WHERE {{
      ?qualification :awardedIn <{BASE}country/3> .
      ?assertion :ofQualification ?qualification ; :appliesIn <{BASE}country/4> ; :hasOutcome ?outcome }}""",
    "optional": f"""SELECT ?assertion ?gap WHERE {{
      ?assertion :appliesIn <{BASE}country/9> ; :hasOutcome <{BASE}outcome/full>
      OPTIONAL {{ ?assertion :hasGap ?gap }} }}""",
    "range of dates": f"""SELECT ?assertion WHERE {{
      ?assertion :appliesIn <{BASE}country/5> ; :validFrom ?from FILTER(?from >= "2020-01-01"^^xsd:date) }}""",
    "negation": f"""SELECT ?assertion WHERE {{
      ?assertion :appliesIn <{BASE}country/5> FILTER NOT EXISTS {{ ?assertion :hasGap ?gap }} }}""",
    "path upwards": f"SELECT ?above WHERE {{ <{BASE}occupation/4000> skos:broader+ ?above }}",
    "path downwards": f"SELECT ?below WHERE {{ ?below skos:broader+ <{BASE}occupation/9> }}",
    "union": f"""SELECT ?s WHERE {{
      {{ ?s :awardedIn <{BASE}country/8> }} UNION {{ ?s :appliesIn <{BASE}country/8> }} }}""",
    "top ten": f"""SELECT ?assertion ?fee WHERE {{
      ?assertion :hasOutcome <{BASE}outcome/refused> ; :fee ?fee }} ORDER BY DESC(?fee) ?assertion LIMIT 10""",
    "words in labels": """SELECT ?s WHERE {
      ?s a :Qualification ; skos:prefLabel ?label FILTER(CONTAINS(?label, "midwife, series 1")) }""",
    "count by country": """SELECT ?country (COUNT(?q) AS ?n) WHERE {
      ?q a :Qualification ; :awardedIn ?country } GROUP BY ?country""",
    "matrix of outcomes": """SELECT ?country ?outcome (COUNT(*) AS ?n) (AVG(?fee) AS ?mean) WHERE {
      ?a :appliesIn ?country ; :hasOutcome ?outcome ; :fee ?fee } GROUP BY ?country ?outcome""",
    "count of everything": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "ten thousand rows": "SELECT ?s ?label WHERE { ?s skos:prefLabel ?label } LIMIT 10000",
}
KINDS = {name: _PREFIXES + text for name, text in _KINDS.items()}
"""Queries by name; all of them return rows, so that their number can be compared."""
