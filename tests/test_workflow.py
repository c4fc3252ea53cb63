"""The way of a contribution: who may take which step from where, and what each of them leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from skillgraph.contribution import Report
from skillgraph.contribution.inspection import DirectInspector, Request, restored
from skillgraph.contribution.merging import merged
from skillgraph.contribution.provenance import contribution_iri, provenance_graph
from skillgraph.contribution.workflow import MOST_WORDS, Workflow, owned_prefix
from skillgraph.errors import IdempotencyConflict, InvalidContribution, NotAllowed, SkillGraphError, StaleContribution
from skillgraph.graph.memory import MemoryGraph
from skillgraph.ledger import (
    Account,
    Accounts,
    Act,
    Contribution,
    Contributions,
    Ledger,
    Role,
    State,
    Upload,
    open_database,
)
from skillgraph.settings import Settings
from skillgraph.vocabulary import graph_iri

ACTOR = "https://w3id.org/skillgraph/id/actor/"
HEAD = """@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix sg: <https://w3id.org/skillgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
GOOD = (
    HEAD
    + """<corridor/test> a sg:Corridor ; skos:prefLabel "Kenya to Fiji"@en ;
    sg:hasOrigin country:KEN ; sg:hasDestination country:FJI .
"""
)
OTHER = GOOD.replace("country:FJI", "country:JPN").replace("Fiji", "Japan")
BAD = HEAD + '<corridor/test> a sg:Corridor ; skos:prefLabel "Kenya"@en ; sg:hasOrigin country:KEN .'


@dataclass
class Office:
    """A ledger with four people, and the ways to have them act."""

    workflow: Workflow
    inspector: DirectInspector
    people: dict[str, Account]

    def report(self, text: str, graph: str) -> Report:
        return _report(self.inspector, text, graph)

    def draft(self, text: str = GOOD, by: str = "ana", title: str = "Corridors") -> Contribution:
        account = self.people[by]
        graph = self.workflow.new_graph(account.organisation, title)
        content = Upload("data.ttl", text.encode()), self.report(text, graph)
        return self.workflow.begin(account, graph, title, content)

    def act(self, seen: Contribution, act: Act, by: str, text: str = "Because.") -> Contribution:
        account = self.people[by]
        if act is Act.REVISE:
            upload = Upload("other.ttl", OTHER.encode())
            return self.workflow.revise(seen, account, upload, self.report(OTHER, seen.graph))
        if act in (Act.SUBMIT, Act.ACCEPT):
            content = self.workflow.contributions.content(seen.digest or "")
            report = _again(self.inspector, content, seen.graph)
            step = self.workflow.submit if act is Act.SUBMIT else self.workflow.accept
            return step(seen, account, report, text)
        return self.workflow.say(seen, account, act, text)

    def brought_to(self, state: State) -> Contribution:
        seen = self.draft()
        for act, by in WAYS[state]:
            seen = self.act(seen, act, by)
        assert seen.state is state
        return seen


@cache
def _report(inspector: DirectInspector, text: str, graph: str) -> Report:
    return inspector.inspect(Request(Upload("data.ttl", text.encode()), graph))


@cache
def _again(inspector: DirectInspector, content: bytes, graph: str) -> Report:
    return inspector.inspect(Request(Upload("content.nq", content), graph))


WAYS: dict[State, list[tuple[Act, str]]] = {
    State.DRAFT: [],
    State.SUBMITTED: [(Act.SUBMIT, "ana")],
    State.CHANGES_REQUESTED: [(Act.SUBMIT, "ana"), (Act.REQUEST_CHANGES, "cy")],
    State.ACCEPTED: [(Act.SUBMIT, "ana"), (Act.ACCEPT, "cy")],
    State.REJECTED: [(Act.SUBMIT, "ana"), (Act.REJECT, "cy")],
    State.WITHDRAWN: [(Act.WITHDRAW, "ana")],
}
PEOPLE = {
    "ana": (Role.CONTRIBUTOR, "dmw"),
    "ben": (Role.CONTRIBUTOR, "giz"),
    "cy": (Role.CURATOR, "iom"),
    "dee": (Role.CURATOR, "dmw"),
}
ALLOWED = {
    Act.REVISE: (("draft", "submitted", "changes-requested"), ("ana", "dee")),
    Act.SUBMIT: (("draft", "changes-requested"), ("ana", "dee")),
    Act.COMMENT: (tuple(State), ("ana", "cy", "dee")),
    Act.REQUEST_CHANGES: (("submitted",), ("cy", "dee")),
    Act.REJECT: (("submitted",), ("cy", "dee")),
    Act.ACCEPT: (("submitted",), ("cy", "dee")),
    Act.WITHDRAW: (("draft", "submitted", "changes-requested", "accepted"), ("ana", "cy", "dee")),
}


def office_in(database: str, base: MemoryGraph, two_people: bool = True) -> Office:
    engine = open_database(database)
    accounts = Accounts(engine)
    people = {
        name: accounts.by_name(name)
        or accounts.add(name, display_name=name.title(), role=role, organisation=ACTOR + actor)
        for name, (role, actor) in PEOPLE.items()
    }
    workflow = Workflow(Contributions(engine), accounts, Ledger(engine), two_people)
    return Office(workflow, DirectInspector(base), people)


@pytest.fixture
def office(database: str, base: MemoryGraph) -> Office:
    """Return an office whose ledger is in a database of each kind in turn."""
    return office_in(database, base)


@pytest.fixture
def small_office(tmp_path: Path, base: MemoryGraph) -> Office:
    """Return an office whose ledger is in a file, for tests of rules that no database has a part in."""
    return office_in(Settings(home=tmp_path).ledger_url, base)


@pytest.mark.parametrize(("state", "act", "name"), list(product(State, ALLOWED, PEOPLE)))
def test_a_step_is_open_to_those_and_from_there_only(state: State, act: Act, name: str, small_office: Office) -> None:
    office = small_office
    seen = office.brought_to(state)
    states, people = ALLOWED[act]
    allowed = state in states and name in people
    assert (act in office.workflow.steps_open_to(office.people[name], seen)) == allowed
    if allowed:
        after = office.act(seen, act, name)
        assert after.serial == seen.serial + 1
        assert office.workflow.contributions.steps(seen.key)[-1].act is act
    else:
        with pytest.raises((NotAllowed, InvalidContribution)):
            office.act(seen, act, name)
        assert office.workflow.contributions.get(seen.key) == seen


def test_acceptance_publishes_graph_and_provenance_as_one_version(office: Office) -> None:
    ledger = office.workflow.ledger
    seen = office.brought_to(State.SUBMITTED)
    assert ledger.version() == 0
    accepted = office.act(seen, Act.ACCEPT, "cy")
    assert ledger.version() == 1
    heads = ledger.heads()
    assert ledger.content(heads[seen.graph].digest) == office.workflow.contributions.content(accepted.digest or "")
    said = ledger.content(heads[provenance_graph(seen.graph).value].digest).decode()
    for expected in (contribution_iri(seen.key), '"Ana"', '"Cy"', ACTOR + "dmw", "data.ttl", "sha256:"):
        assert expected in said
    assert "ana" not in said.replace("dmw", "")
    assert {head.contribution for head in heads.values()} == {seen.key}
    assert {(head.author, head.reviewer) for head in heads.values()} == {("Ana", "Cy")}


def test_a_withdrawal_is_a_version_too_and_what_was_stays_readable(office: Office) -> None:
    ledger = office.workflow.ledger
    seen = office.brought_to(State.ACCEPTED)
    before = ledger.heads()[seen.graph].digest
    office.act(seen, Act.WITHDRAW, "ana")
    assert ledger.version() == 2
    assert ledger.content(ledger.heads()[seen.graph].digest) == b""
    assert "invalidatedAtTime" in ledger.content(ledger.heads()[provenance_graph(seen.graph).value].digest).decode()
    assert ledger.heads(1)[seen.graph].digest == before
    assert office.workflow.may_see(None, office.workflow.contributions.get(seen.key))


def test_a_reversion_gives_the_graph_back_what_it_held(office: Office) -> None:
    ledger, workflow = office.workflow.ledger, office.workflow
    first = office.brought_to(State.ACCEPTED)
    upload = Upload("other.ttl", OTHER.encode())
    second = workflow.begin(office.people["ana"], first.graph, "Other", (upload, office.report(OTHER, first.graph)))
    second = office.act(office.act(second, Act.SUBMIT, "ana"), Act.ACCEPT, "cy")
    assert ledger.heads()[first.graph].digest == second.digest
    with pytest.raises(StaleContribution):
        office.act(first, Act.WITHDRAW, "ana")
    with pytest.raises(NotAllowed):
        office.act(second, Act.REVERT, "ana")
    assert office.act(second, Act.REVERT, "cy").state is State.WITHDRAWN
    heads, place = ledger.heads(), provenance_graph(first.graph).value
    assert ledger.version() == 3
    assert heads[first.graph].digest == first.digest
    assert heads[place].digest == ledger.heads(1)[place].digest
    assert heads[first.graph].contribution == first.key
    assert office.act(first, Act.WITHDRAW, "ana").state is State.WITHDRAWN


def test_there_is_no_way_back_from_the_first_contribution(office: Office) -> None:
    first = office.brought_to(State.ACCEPTED)
    assert Act.REVERT not in office.workflow.steps_open_to(office.people["cy"], first)
    with pytest.raises(InvalidContribution, match="nothing before"):
        office.act(first, Act.REVERT, "cy")


def test_nobody_accepts_what_they_had_a_hand_in(office: Office, base: MemoryGraph, database: str) -> None:
    own = office.act(office.draft(by="dee"), Act.SUBMIT, "dee")
    with pytest.raises(NotAllowed, match="your own"):
        office.act(own, Act.ACCEPT, "dee")
    shared = office.act(office.act(office.draft(), Act.REVISE, "dee"), Act.SUBMIT, "ana")
    with pytest.raises(NotAllowed, match="your own"):
        office.act(shared, Act.ACCEPT, "dee")
    alone = office_in(database, base, two_people=False)
    assert alone.act(own, Act.ACCEPT, "dee").state is State.ACCEPTED


def test_violations_stand_in_the_way(office: Office) -> None:
    faulty = office.draft(BAD)
    with pytest.raises(InvalidContribution, match="1 violation must"):
        office.act(faulty, Act.SUBMIT, "ana")
    step = office.workflow.contributions.steps(faulty.key)[0]
    assert step.report is not None
    assert restored(step.report).counts == {"violation": 1}


def test_two_curators_who_accept_at_once_publish_once(office: Office) -> None:
    seen = office.brought_to(State.SUBMITTED)
    outcomes: list[object] = []

    def accept(name: str) -> None:
        try:
            outcomes.append(office.act(seen, Act.ACCEPT, name).state)
        except SkillGraphError as fault:
            outcomes.append(type(fault))

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("cy", "dee")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(str, outcomes)) == sorted(map(str, [State.ACCEPTED, StaleContribution]))
    assert office.workflow.ledger.version() == 1


def test_what_was_published_meanwhile_is_not_overwritten(office: Office) -> None:
    first = office.brought_to(State.ACCEPTED)
    ana = office.people["ana"]
    one, two = (
        office.workflow.begin(ana, first.graph, title, (None, office.report(text, first.graph)))
        for title, text in (("One", OTHER), ("Two", GOOD.replace("KEN", "PHL")))
    )
    office.act(office.act(one, Act.SUBMIT, "ana"), Act.ACCEPT, "cy")
    two = office.act(two, Act.SUBMIT, "ana")
    with pytest.raises(StaleContribution, match="published anew"):
        office.act(two, Act.ACCEPT, "cy")
    again = office.act(two, Act.REVISE, "ana")
    assert office.act(again, Act.ACCEPT, "cy").state is State.ACCEPTED
    with pytest.raises(StaleContribution, match="later contribution"):
        office.act(office.workflow.contributions.get(first.key), Act.WITHDRAW, "ana")


def test_a_contributor_touches_graphs_of_their_organisation_only(office: Office) -> None:
    ana = office.people["ana"]
    report = office.report(GOOD, "https://example.org/graph")
    for graph in (
        graph_iri("data/actors").value,
        graph_iri("entailed").value,
        graph_iri("contribution/giz/x").value,
        graph_iri("contribution/dmw").value,
        owned_prefix(ana.organisation),
        "https://example.org/graph",
    ):
        with pytest.raises(NotAllowed):
            office.workflow.begin(ana, graph, "Title", (None, report))
    assert office.workflow.contributions.listed() == []


def test_an_idempotency_key_makes_one_contribution(office: Office) -> None:
    ana = office.people["ana"]

    def begin(key: str, digest: str) -> Contribution:
        return office.workflow.begin(ana, owned_prefix(ana.organisation) + "x", "Title", None, (key, digest))

    first = begin("k", "1")
    assert begin("k", "1") == first
    assert begin("other", "1") != first
    with pytest.raises(IdempotencyConflict):
        begin("k", "2")
    assert len(office.workflow.contributions.listed()) == 2


@pytest.mark.parametrize(
    "attempt",
    [
        lambda office, seen: office.workflow.say(seen, office.people["cy"], Act.REJECT, "  "),
        lambda office, seen: office.workflow.say(seen, office.people["cy"], Act.COMMENT, "x" * (MOST_WORDS + 1)),
        lambda office, seen: office.workflow.begin(office.people["ana"], seen.graph, "   "),
    ],
)
def test_what_lacks_words_is_refused(attempt: Callable[[Office, Contribution], object], office: Office) -> None:
    seen = office.brought_to(State.SUBMITTED)
    with pytest.raises(InvalidContribution):
        attempt(office, seen)


def test_pages_of_the_list_hold_each_contribution_once(office: Office) -> None:
    made = {office.draft(title=f"Number {number}").key for number in range(7)}
    found: list[str] = []
    after = None
    while part := office.workflow.contributions.listed(after=after, most=3):
        found += [each.key for each in part]
        after = part[-1].key
    assert sorted(found) == sorted(made)


def test_equal_titles_have_graphs_of_their_own(office: Office) -> None:
    graphs = [office.draft().graph for _ in range(3)]
    assert graphs == [owned_prefix(ACTOR + "dmw") + name for name in ("corridors", "corridors-2", "corridors-3")]


def test_a_record_can_be_said_to_be_a_published_one(office: Office) -> None:
    text = (
        HEAD
        + """<actor/x> a sg:Actor ; skos:prefLabel "Agency"@en ; skos:note "A note"@en .
        <participation/y> a sg:Participation ; sg:participant <actor/x> ."""
    )
    draft = office.draft(text)
    content = office.workflow.contributions.content(draft.digest or "")
    after = merged(content, ACTOR + "x", ACTOR + "giz", provenance_graph(draft.graph)).decode()
    assert ACTOR + "x>" not in after
    assert f'<{ACTOR}giz> <http://www.w3.org/2004/02/skos/core#note> "A note"@en' in after
    assert f"participant> <{ACTOR}giz>" in after
    assert "prefLabel" not in after
    with pytest.raises(InvalidContribution):
        merged(content, ACTOR + "nobody", ACTOR + "giz", provenance_graph(draft.graph))
