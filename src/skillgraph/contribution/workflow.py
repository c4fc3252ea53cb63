"""The way of a contribution from draft to publication, and who may take which step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from pyoxigraph import NamedNode

from skillgraph.contribution.checked import Report
from skillgraph.contribution.inspection import stored
from skillgraph.contribution.minting import slug
from skillgraph.contribution.provenance import Provenance, described, provenance_graph
from skillgraph.entailment import Derivation
from skillgraph.errors import InvalidContribution, NotAllowed, StaleContribution
from skillgraph.finding import Severity
from skillgraph.ledger import (
    Account,
    Accounts,
    Act,
    Change,
    Contribution,
    Contributions,
    Heads,
    Ledger,
    NewStep,
    Origin,
    Publication,
    Revision,
    Role,
    State,
    Step,
    Upload,
    now,
)
from skillgraph.rdfio import canonical_nquads
from skillgraph.vocabulary import BASE, graph_iri

OPEN = (State.DRAFT, State.SUBMITTED, State.CHANGES_REQUESTED)
"""States in which a contribution is still on its way."""

_STEPS: dict[Act, tuple[tuple[State, ...], State | None]] = {
    Act.REVISE: (OPEN, None),
    Act.SUBMIT: ((State.DRAFT, State.CHANGES_REQUESTED), State.SUBMITTED),
    Act.COMMENT: (tuple(State), None),
    Act.REQUEST_CHANGES: ((State.SUBMITTED,), State.CHANGES_REQUESTED),
    Act.REJECT: ((State.SUBMITTED,), State.REJECTED),
    Act.ACCEPT: ((State.SUBMITTED,), State.ACCEPTED),
    Act.WITHDRAW: ((*OPEN, State.ACCEPTED), State.WITHDRAWN),
    Act.REVERT: ((State.ACCEPTED,), State.WITHDRAWN),
}
"""From which states a step leads to which; ``None`` is the state that it was taken from."""
_OF_AUTHORS = {Act.REVISE, Act.SUBMIT}
_OF_CURATORS = {Act.REQUEST_CHANGES, Act.REJECT, Act.ACCEPT, Act.REVERT}
_WORDS_NEEDED = {Act.COMMENT, Act.REQUEST_CHANGES, Act.REJECT}
MOST_WORDS = 10_000
"""Letters that a comment may have."""


@dataclass(frozen=True)
class Workflow:
    """The contributions of a ledger and the rules for their steps.

    ``two_people``: whoever accepts must be another person than the author.
    """

    contributions: Contributions
    accounts: Accounts
    ledger: Ledger
    two_people: bool = True
    derivation: Derivation = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "derivation", Derivation(self.ledger.contents))

    def new_graph(self, organisation: str, title: str) -> str:
        """Return the IRI of a graph of an organisation that nobody contributed to yet, named after a title."""
        first = f"{owned_prefix(organisation)}{slug(title) or 'data'}"
        names = (first if number == 1 else f"{first}-{number}" for number in count(1))
        return next(name for name in names if not self.contributions.of_graph(name))

    def begin(
        self,
        account: Account,
        graph: str,
        title: str,
        content: tuple[Upload | None, Report] | None = None,
        request: tuple[str, str] | None = None,
    ) -> Contribution:
        """Begin a draft of new content for a graph, which must be of the account's organisation."""
        title = " ".join(title.split())[:200]
        if not title:
            raise InvalidContribution("The contribution has no title.", "Say in a few words what it is about.")
        require_own(account, graph)
        upload, report = content or (None, None)
        first = NewStep(
            account.id, Act.BEGIN, "", report.nquads if report else None, upload, stored(report) if report else None
        )
        return self.contributions.begin(graph, title, account.organisation, first, request)

    def revise(self, seen: Contribution, account: Account, upload: Upload | None, report: Report) -> Contribution:
        """Give a contribution other content."""
        return self._take(
            seen, account, Act.REVISE, NewStep(account.id, Act.REVISE, "", report.nquads, upload, stored(report))
        )

    def submit(self, seen: Contribution, account: Account, report: Report, text: str = "") -> Contribution:
        """Hand a contribution in for review; it must have content without violations."""
        self._require_content(seen, report)
        return self._take(seen, account, Act.SUBMIT, NewStep(account.id, Act.SUBMIT, text, report=stored(report)))

    def say(self, seen: Contribution, account: Account, act: Act, text: str = "") -> Contribution:
        """Take a step that needs words only: comment, ask for changes, reject, withdraw or revert.

        Withdrawing what is published empties its graph; reverting gives the graph back what it held before.
        """
        if act in _WORDS_NEEDED and not text.strip():
            raise InvalidContribution("There is no text.", "Say in a sentence what you mean; the author reads it.")
        publication = None
        if act is Act.WITHDRAW and seen.state is State.ACCEPTED:
            publication = self._withdrawal(seen, account)
        if act is Act.REVERT and seen.state is State.ACCEPTED:
            publication = self._reversion(seen, account)
        return self._take(seen, account, act, NewStep(account.id, act, text), publication)

    def accept(self, seen: Contribution, account: Account, report: Report, text: str = "") -> Contribution:
        """Publish a contribution: its graph, its provenance and what follows from it, as one version of the dataset.

        ``report`` is that of a validation against what is published at this moment.
        """
        if self.two_people and account.id in self._authors(seen):
            raise NotAllowed(
                "You cannot accept your own contribution.", "Ask another curator; the operator can waive this rule."
            )
        self._require_content(seen, report)
        step = NewStep(account.id, Act.ACCEPT, text)
        return self._take(seen, account, Act.ACCEPT, step, self._acceptance(seen, account, report.nquads))

    def steps_open_to(self, account: Account | None, contribution: Contribution) -> list[Act]:
        """Return the steps that an account may take now."""
        if account is None:
            return []
        return [
            act
            for act, (states, _) in _STEPS.items()
            if contribution.state in states
            and self._may(account, act, contribution)
            and not (act is Act.ACCEPT and self.two_people and account.id in self._authors(contribution))
            and not (act is Act.REVERT and self._before(contribution) is None)
        ]

    def may_see(self, account: Account | None, contribution: Contribution) -> bool:
        """Tell whether somebody may read a contribution: what was once published anybody, else those concerned."""
        return self.concerns(account, contribution) or self._was_published(contribution)

    @staticmethod
    def concerns(account: Account | None, contribution: Contribution) -> bool:
        """Tell whether an account reviews or is of the organisation; only such accounts read what people wrote."""
        return account is not None and (
            account.role.may_act_as(Role.CURATOR) or account.organisation == contribution.organisation
        )

    def _take(
        self,
        seen: Contribution,
        account: Account,
        act: Act,
        step: NewStep,
        publication: Publication | None = None,
    ) -> Contribution:
        states, state = _STEPS[act]
        if not self._may(account, act, seen):
            raise NotAllowed(
                f"Your account may not {act.replace('-', ' ')} this contribution.",
                "Curators review; the organisation that contributes revises, submits and withdraws.",
            )
        if seen.state not in states:
            raise InvalidContribution(
                f"The contribution is {seen.state.replace('-', ' ')}; it cannot take the step “{act}” from there.",
                "See its page for the steps that are open.",
            )
        if len(step.text) > MOST_WORDS:
            raise InvalidContribution(f"The text is longer than {MOST_WORDS:,} letters.", "Say it in fewer words.")
        return self.contributions.take(seen, step, state or seen.state, publication)

    @staticmethod
    def _may(account: Account, act: Act, contribution: Contribution) -> bool:
        own = account.organisation == contribution.organisation
        curates = account.role.may_act_as(Role.CURATOR)
        if act in _OF_AUTHORS:
            return own
        if act in _OF_CURATORS:
            return curates
        return own or curates

    @staticmethod
    def _require_content(seen: Contribution, report: Report) -> None:
        if seen.digest is None:
            raise InvalidContribution("The contribution has no content.", "Send a file or fill in a form first.")
        if not report.is_acceptable:
            count = report.counts[Severity.VIOLATION]
            raise InvalidContribution(
                f"{count} violation{'s' if count > 1 else ''} must be mended first.", "See the report on its page."
            )

    def _was_published(self, contribution: Contribution) -> bool:
        return any(step.version is not None for step in self.contributions.steps(contribution.key))

    def _acceptance(self, seen: Contribution, reviewer: Account, nquads: bytes) -> Publication:
        steps = self.contributions.steps(seen.key)
        self.ledger.look(self.derivation.follow)

        def decide(heads: Heads) -> Sequence[Change]:
            head = heads.get(seen.graph)
            if (head.id if head else None) != seen.basis:
                raise StaleContribution(
                    "The graph was published anew since this content was sent.",
                    "Send the content again, with what was published meanwhile taken into account.",
                )
            said = self._provenance(seen, steps, reviewer, now())
            said = replace(said, replaces=head.contribution if head else None)
            return self._changes(seen, nquads, said, heads)

        return Publication(Origin(self._account(seen.account).display_name, reviewer.display_name, seen.key), decide)

    def _withdrawal(self, seen: Contribution, account: Account) -> Publication:
        steps = self.contributions.steps(seen.key)
        accepted = next(step for step in reversed(steps) if step.act is Act.ACCEPT)

        def decide(heads: Heads) -> Sequence[Change]:
            head = heads.get(seen.graph)
            if head is None or head.contribution != seen.key:
                raise StaleContribution(
                    "A later contribution replaced what this one published.", "Withdraw that later one."
                )
            said = self._provenance(seen, steps, self._account(accepted.account), accepted.at)
            return self._changes(seen, b"", replace(said, withdrawn_at=now()), heads)

        return Publication(Origin(account.display_name, None, seen.key), decide)

    def _reversion(self, seen: Contribution, account: Account) -> Publication:
        before = self._before(seen)
        if before is None:
            raise InvalidContribution("The graph held nothing before this contribution.", "Withdraw it instead.")
        place = provenance_graph(seen.graph).value
        said = self.ledger.head(place, before.version)
        contents = {each.graph: self.ledger.content(each.digest) for each in (before, said) if each is not None}

        def decide(heads: Heads) -> Sequence[Change]:
            head = heads.get(seen.graph)
            if head is None or head.contribution != seen.key:
                raise StaleContribution(
                    "A later contribution replaced what this one published.", "Revert that later one."
                )
            message = f"Back to version {before.version}"
            changes = [Change(graph, contents.get(graph, b""), message) for graph in (seen.graph, place)]
            return changes + self.derivation.change(heads, changes)

        return Publication(Origin(account.display_name, None, before.contribution), decide)

    def _before(self, contribution: Contribution) -> Revision | None:
        """Return what the graph of a contribution held when it was accepted, ``None`` where that was nothing."""
        steps = self.contributions.steps(contribution.key)
        accepted = next((step.version for step in steps if step.act is Act.ACCEPT), None)
        found = self.ledger.head(contribution.graph, accepted - 1) if accepted else None
        return found if found is not None and self.ledger.content(found.digest) else None

    def _changes(self, seen: Contribution, nquads: bytes, said: Provenance, heads: Heads) -> list[Change]:
        place = provenance_graph(seen.graph)
        changes = [
            Change(seen.graph, nquads, seen.title),
            Change(place.value, canonical_nquads(described(said), place), f"Provenance: {seen.title}"),
        ]
        return changes + self.derivation.change(heads, changes)

    def _provenance(self, seen: Contribution, steps: Sequence[Step], reviewer: Account, time: str) -> Provenance:
        submitted = next(step for step in reversed(steps) if step.act is Act.SUBMIT)
        file = next((step for step in reversed(steps) if step.upload), None)
        return Provenance(
            seen.key,
            seen.graph,
            seen.title,
            self._account(seen.account).display_name,
            seen.organisation,
            submitted.at,
            reviewer.display_name,
            time,
            file.upload_name if file else None,
            file.upload if file else None,
            None,
        )

    def _authors(self, contribution: Contribution) -> set[int]:
        """Return the accounts that gave the contribution its content or handed it in."""
        giving = {Act.BEGIN, Act.REVISE, Act.SUBMIT}
        return {step.account for step in self.contributions.steps(contribution.key) if step.act in giving}

    def _account(self, number: int) -> Account:
        found = self.accounts.by_id(number)
        assert found is not None
        return found


def owned_prefix(organisation: str) -> str:
    """Return what the IRIs of an organisation's graphs begin with."""
    return f"{graph_iri('contribution/').value}{slug(organisation.removeprefix(BASE).removeprefix('id/actor/'))}/"


def require_own(account: Account, graph: str) -> None:
    """Raise ``NotAllowed`` for a graph that is not of the account's organisation."""
    prefix = owned_prefix(account.organisation)
    if not graph.startswith(prefix) or graph == prefix:
        raise NotAllowed(f"The graph {graph} is not one of your organisation's.", f"Its graphs begin with {prefix}.")
    NamedNode(graph)
