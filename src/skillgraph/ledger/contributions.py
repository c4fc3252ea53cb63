"""Contributions and the steps that they take, each written once; a step may publish in the same transaction."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, func, select

from skillgraph.errors import IdempotencyConflict, StaleContribution, UnknownContribution
from skillgraph.ledger.ledger import Change, Database, Heads, Origin, content_of, keep_content, now, publish
from skillgraph.ledger.schema import contribution, idempotency, revision, step, upload

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another when a key is read aloud."""
_KEY_LENGTH = 10


class State(StrEnum):
    """Where a contribution stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes-requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does with a contribution."""

    BEGIN = "begin"
    REVISE = "revise"
    SUBMIT = "submit"
    COMMENT = "comment"
    REQUEST_CHANGES = "request-changes"
    ACCEPT = "accept"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    REVERT = "revert"


@dataclass(frozen=True)
class Contribution:
    """New content for one named graph, by an account for an organisation, and how far it has come.

    ``serial`` is the number of its newest step, ``digest`` that of its content in canonical N-Quads, ``basis`` the
    revision of the graph that was the newest when the content came.
    """

    key: str
    graph: str
    title: str
    account: int
    organisation: str
    state: State
    serial: int
    digest: str | None
    basis: int | None
    changed_at: str


@dataclass(frozen=True)
class Upload:
    """A file as it was sent."""

    name: str
    body: bytes

    @property
    def digest(self) -> str:
        """Return the SHA-256 in hex."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True)
class NewStep:
    """A step about to be taken: who does what, with which words, content, file and report of findings (JSON)."""

    account: int
    act: Act
    text: str = ""
    nquads: bytes | None = None
    upload: Upload | None = None
    report: str | None = None


@dataclass(frozen=True)
class Step:
    """A step that was taken; ``version`` is that of the dataset which it published, where it did."""

    serial: int
    at: str
    account: int
    act: Act
    text: str
    digest: str | None
    upload: str | None
    upload_name: str | None
    report: str | None
    version: int | None


@dataclass(frozen=True)
class Publication:
    """What a step publishes: on whose authority, and the changes drawn from the heads of the moment."""

    origin: Origin
    decide: Callable[[Heads], Sequence[Change]]


class Contributions(Database):
    """The contributions in the ledger's database."""

    def get(self, key: str) -> Contribution:
        """Return a contribution by its key."""
        with self._reading() as connection:
            return _get(connection, key)

    def steps(self, key: str) -> list[Step]:
        """Return the steps of a contribution, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(select(step).where(step.c.contribution == key).order_by(step.c.serial))
            return [_step(row) for row in rows]

    def content(self, digest: str) -> bytes:
        """Return content in canonical N-Quads by its digest."""
        with self._reading() as connection:
            return content_of(connection, digest)

    def upload(self, digest: str) -> bytes:
        """Return a file as it was sent."""
        with self._reading() as connection:
            packed = connection.scalar(select(upload.c.body).where(upload.c.digest == digest))
        if packed is None:
            raise UnknownContribution("There is no such file.", "See the steps of the contribution.")
        return zlib.decompress(packed)

    def listed(
        self, states: Sequence[State] = (), organisation: str | None = None, after: str | None = None, most: int = 50
    ) -> list[Contribution]:
        """Return contributions, the last changed first; ``after`` is the key at which the page before ended."""
        conditions: list[ColumnElement[bool]] = []
        if states:
            conditions.append(contribution.c.state.in_(states))
        if organisation is not None:
            conditions.append(contribution.c.organisation == organisation)
        order = contribution.c.changed_at.desc(), contribution.c.key
        with self._reading() as connection:
            if after is not None:
                last = _get(connection, after)
                later = contribution.c.changed_at < last.changed_at
                conditions.append(
                    later | ((contribution.c.changed_at == last.changed_at) & (contribution.c.key > last.key))
                )
            query = select(contribution).where(*conditions).order_by(*order).limit(most)
            return [_contribution(row) for row in connection.execute(query)]

    def of_graph(self, graph: str) -> list[Contribution]:
        """Return the contributions to a named graph, the last changed first."""
        query = select(contribution).where(contribution.c.graph == graph).order_by(contribution.c.changed_at.desc())
        with self._reading() as connection:
            return [_contribution(row) for row in connection.execute(query)]

    def begin(
        self, graph: str, title: str, organisation: str, first: NewStep, request: tuple[str, str] | None = None
    ) -> Contribution:
        """Make a contribution, a draft, with its first step.

        ``request`` is an idempotency key with the digest of what was sent: the same pair again has the same result.
        """
        key = "".join(secrets.choice(_LETTERS) for _ in range(_KEY_LENGTH))
        with self._writing() as connection:
            if request is not None and (before := _done_before(connection, first.account, *request)) is not None:
                return before
            values = {
                "key": key,
                "graph": graph,
                "title": title,
                "account": first.account,
                "organisation": organisation,
                "state": State.DRAFT,
                "serial": 0,
                "changed_at": now(),
            }
            connection.execute(contribution.insert().values(values))
            if request is not None:
                connection.execute(
                    idempotency.insert().values(
                        account=first.account, key=request[0], request=request[1], contribution=key, at=now()
                    )
                )
            return _take(connection, _get(connection, key), first, State.DRAFT, None)

    def take(
        self, seen: Contribution, new: NewStep, state: State, publication: Publication | None = None
    ) -> Contribution:
        """Take a step from what its maker has seen; raise ``StaleContribution`` if another came in between."""
        with self._writing() as connection:
            present = _get(connection, seen.key, locked=True)
            if present.serial != seen.serial:
                raise StaleContribution(
                    f"Somebody else acted on contribution {seen.key} since you saw it; it is {present.state} now.",
                    "Load its page again and decide anew.",
                )
            return _take(connection, present, new, state, publication)


def _take(
    connection: Connection, present: Contribution, new: NewStep, state: State, publication: Publication | None
) -> Contribution:
    digest = keep_content(connection, new.nquads) if new.nquads is not None else present.digest
    published = publish(connection, publication.origin, publication.decide) if publication is not None else []
    taken = Step(
        serial=present.serial + 1,
        at=now(),
        account=new.account,
        act=new.act,
        text=new.text,
        digest=digest,
        upload=_keep_upload(connection, new.upload) if new.upload else None,
        upload_name=new.upload.name if new.upload else None,
        report=new.report,
        version=published[-1].version if published else None,
    )
    connection.execute(step.insert().values(contribution=present.key, **asdict(taken)))
    changed: dict[str, object] = {"state": state, "serial": taken.serial, "digest": digest, "changed_at": taken.at}
    if new.nquads is not None:
        changed["basis"] = connection.scalar(select(func.max(revision.c.id)).where(revision.c.graph == present.graph))
    connection.execute(contribution.update().where(contribution.c.key == present.key).values(changed))
    return _get(connection, present.key)


def _keep_upload(connection: Connection, sent: Upload) -> str:
    if connection.scalar(select(upload.c.digest).where(upload.c.digest == sent.digest)) is None:
        connection.execute(upload.insert().values(digest=sent.digest, body=zlib.compress(sent.body)))
    return sent.digest


def _done_before(connection: Connection, account: int, key: str, request: str) -> Contribution | None:
    """Return what a request with an idempotency key made before; raise where it was another request."""
    mine = (idempotency.c.account == account) & (idempotency.c.key == key)
    row = connection.execute(select(idempotency).where(mine)).one_or_none()
    if row is None:
        return None
    if row.request != request:
        raise IdempotencyConflict(
            "The idempotency key was used before, with another request.", "Use a fresh key for each new request."
        )
    return _get(connection, row.contribution)


def _get(connection: Connection, key: str, locked: bool = False) -> Contribution:
    query = select(contribution).where(contribution.c.key == key)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise UnknownContribution(f"There is no contribution {key}.", "See the list at /contributions.")
    return _contribution(row)


def _contribution(row: Row[tuple[object, ...]]) -> Contribution:
    values = dict(row._mapping)
    return Contribution(**{**values, "state": State(values["state"])})


def _step(row: Row[tuple[object, ...]]) -> Step:
    values = {name: value for name, value in row._mapping.items() if name != "contribution"}
    return Step(**{**values, "act": Act(values["act"])})
