"""The one family of errors that people are shown: each has a status, a message and a remedy."""

from dataclasses import dataclass


class SkillGraphError(Exception):
    """A fault that a person can be told about: what is wrong and what to do about it."""

    status = 500
    title = "Something went wrong"
    retry_after: int | None = None

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    @classmethod
    def kind(cls) -> str:
        """Name the error in a form that machines can compare, such as ``query-too-long``."""
        words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__)
        return words.strip("-")


class InvalidQuery(SkillGraphError):
    """A SPARQL text that the grammar does not allow."""

    status = 400
    title = "The query is not valid SPARQL"

    def __init__(self, message: str, remedy: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, remedy)
        self.line = line
        self.column = column


class RefusedQuery(SkillGraphError):
    """A SPARQL text that this read-only, closed endpoint does not run."""

    status = 403
    title = "The query asks for something this endpoint does not do"


class InvalidRequest(SkillGraphError):
    """A request that lacks something or says something twice."""

    status = 400
    title = "The request is not complete"


class UnsupportedMediaType(SkillGraphError):
    """A body of a type that cannot be read."""

    status = 415
    title = "The request's body cannot be read"


class QueryTooLong(SkillGraphError):
    """A query text over the limit."""

    status = 413
    title = "The query is too long"


class QueryTooComplex(SkillGraphError):
    """A query text that nests too deep or has too long a path."""

    status = 400
    title = "The query is too complex"


class UnknownEntity(SkillGraphError):
    """An address under which the graph knows nothing; perhaps something of a like name was meant."""

    status = 404
    title = "Nothing is known under this address"
    suggestions: tuple["Suggestion", ...] = ()


class WithdrawnEntity(SkillGraphError):
    """A thing that the dataset described once and describes no more; something may have taken its place."""

    status = 410
    title = "This was withdrawn"

    def __init__(self, message: str, remedy: str, last_version: int, replacements: tuple["Suggestion", ...]) -> None:
        super().__init__(message, remedy)
        self.last_version = last_version
        self.suggestions = replacements


class UnknownSavedQuery(SkillGraphError):
    """A short link under which no query was saved."""

    status = 404
    title = "No query was saved under this address"


class UnknownQuestion(SkillGraphError):
    """A question that the catalogue does not hold."""

    status = 404
    title = "There is no such question"


@dataclass(frozen=True)
class Suggestion:
    """Something that may have been meant."""

    name: str
    iri: str


class InvalidParameter(SkillGraphError):
    """A parameter of a question that is missing, or names nothing of the right kind or several things."""

    status = 422
    title = "The question cannot be asked like this"

    def __init__(
        self, message: str, remedy: str, parameter: str, suggestions: tuple[Suggestion, ...] | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.parameter = parameter
        self.suggestions = suggestions


class NotAcceptable(SkillGraphError):
    """A request for a format that is not there."""

    status = 406
    title = "This format is not available"

    def __init__(self, available: tuple[str, ...]) -> None:
        super().__init__(
            "None of the formats you accept is available here.", "Ask for one of: " + ", ".join(available) + "."
        )
        self.available = available


class QueryTimeout(SkillGraphError):
    """A query stopped because it outlived its time."""

    status = 503
    title = "The query took too long and was stopped"


class QueryTooLarge(SkillGraphError):
    """A query stopped because it, or its answer, outgrew its memory."""

    status = 503
    title = "The query needed too much memory and was stopped"


class ResultTooLarge(SkillGraphError):
    """A result that is larger than the endpoint sends."""

    status = 413
    title = "The result is too large to send"


class TooBusy(SkillGraphError):
    """All workers are busy and the waiting queue is full."""

    status = 503
    title = "The service is busy"
    retry_after = 2


class RemoteFault(SkillGraphError):
    """A service somewhere else that cannot be reached, or that refuses what it is asked."""

    status = 502
    title = "The other service did not answer"


class SearchNotReady(SkillGraphError):
    """The names are still being indexed."""

    status = 503
    title = "The search is not ready yet"
    retry_after = 2


class TooManyRequests(SkillGraphError):
    """More requests from one client than it may send in a minute."""

    status = 429
    title = "Too many requests"

    def __init__(self, message: str, remedy: str, retry_after: int) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class ClientGone(SkillGraphError):
    """A query whose client closed the connection before there was a result."""

    status = 499
    title = "The client is gone"


class ReplicaUnavailable(SkillGraphError):
    """The process that answers queries does not answer."""

    status = 503
    title = "The graph is not available at the moment"
    retry_after = 5


class UnreadableData(SkillGraphError):
    """A file of data that cannot be read or parsed."""

    status = 400
    title = "The data cannot be read"

    def __init__(self, message: str, remedy: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, remedy)
        self.line = line
        self.column = column


class RefusedGraph(SkillGraphError):
    """A named graph into which these statements cannot go."""

    status = 422
    title = "The statements cannot go into this graph"


class SignInNeeded(SkillGraphError):
    """A request that only somebody who is signed in may make."""

    status = 401
    title = "Sign in first"


class SignInFailed(SkillGraphError):
    """A name and password, or a token, that open no account."""

    status = 401
    title = "You could not be signed in"


class NotAllowed(SkillGraphError):
    """Something that this account may not do."""

    status = 403
    title = "Your account may not do this"


class UnknownContribution(SkillGraphError):
    """An address under which there is no contribution."""

    status = 404
    title = "There is no such contribution"


class UnknownClass(SkillGraphError):
    """A name that belongs to no class of which records can be contributed."""

    status = 404
    title = "There is no such class"


class UnknownVersion(SkillGraphError):
    """A version that the dataset never had."""

    status = 404
    title = "The dataset has no such version"


class UnknownAccount(SkillGraphError):
    """A name that belongs to no account."""

    status = 404
    title = "There is no such account"


class UnknownToken(SkillGraphError):
    """A number that belongs to no token of the account."""

    status = 404
    title = "There is no such token"


class AccountConflict(SkillGraphError):
    """An account that exists already."""

    status = 409
    title = "The account exists already"


class StaleContribution(SkillGraphError):
    """A step from a state that is no longer the present one."""

    status = 409
    title = "The contribution has changed meanwhile"


class IdempotencyConflict(SkillGraphError):
    """An idempotency key that comes with another request than the first time."""

    status = 422
    title = "The idempotency key belongs to another request"


class InvalidContribution(SkillGraphError):
    """A contribution that cannot take this step: the rules of the house or the shapes stand in its way."""

    status = 422
    title = "The contribution cannot go on like this"


class UploadTooLarge(SkillGraphError):
    """A file that is larger than is taken, as sent or unpacked."""

    status = 413
    title = "The file is too large"


class ValidationStopped(SkillGraphError):
    """A file whose reading or validation took more time or memory than it may."""

    status = 422
    title = "The file could not be validated"


class NoRoomLeft(SkillGraphError):
    """A store that holds as much as it may."""

    status = 507
    title = "There is no room for more"


class LedgerFault(SkillGraphError):
    """A ledger that cannot be opened, read or written."""

    title = "The ledger cannot be used"


class InvalidSetting(SkillGraphError):
    """A setting whose value cannot be used."""

    title = "A setting is not valid"


class AddressInUse(SkillGraphError):
    """A network address on which another program listens already."""

    title = "The address is in use"


class ToolMissing(SkillGraphError):
    """A program outside Python that a command needs and does not find."""

    title = "A program is missing"


class ReasonerFault(SkillGraphError):
    """A reasoner that stopped before it came to a verdict."""

    title = "The reasoner came to no verdict"


@dataclass(frozen=True)
class FaultKind:
    """What a program needs to know about one kind of error."""

    kind: str
    status: int
    title: str
    meaning: str


def fault_kinds() -> list[FaultKind]:
    """Return the kinds of error that a request can meet, by status."""
    found = [
        FaultKind(each.kind(), each.status, each.title, (each.__doc__ or "").strip())
        for each in SkillGraphError.__subclasses__()
        if each.status != 500
    ]
    return sorted(found, key=lambda fault: (fault.status, fault.kind))
