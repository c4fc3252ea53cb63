"""Settings, read once from the environment at the edge and handed on as an argument."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from skillgraph.errors import InvalidSetting

PREFIX = "SKILLGRAPH_"
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_EXPECTED = {bool: "yes or no", int: "a whole number", float: "a number"}
_ISSUER = re.compile(r"https://[^\s/?#]+[^\s?#]*|http://(?:localhost|127\.0\.0\.1)(?::\d+)?[^\s?#]*")
_BASE = re.compile(r"https?://[^\s/?#]+/(?:[^\s?#]*/)?")


@dataclass(frozen=True)
class Settings:
    """What an operator can choose; each field is the variable ``SKILLGRAPH_<NAME>``."""

    home: Path = field(default=Path("skillgraph-data"), metadata={"help": "Folder that holds the ledger."})
    database: str = field(default="", metadata={"help": "Database of the ledger; SQLite in home where empty."})
    host: str = field(default="127.0.0.1", metadata={"help": "Address to listen on."})
    port: int = field(default=8000, metadata={"help": "Port to listen on."})
    base: str = field(default="https://w3id.org/skillgraph/", metadata={"help": "Start of the IRIs served here."})
    query_workers: int = field(default=3, metadata={"help": "Queries that run at the same time."})
    web_processes: int = field(default=2, metadata={"help": "Processes that answer HTTP."})
    requests_per_minute: int = field(default=1200, metadata={"help": "Requests a client may send in a minute."})
    saves_per_hour: int = field(default=60, metadata={"help": "Queries a client may save in an hour."})
    saved_queries: int = field(default=100_000, metadata={"help": "Queries that may be saved in all."})
    limiter_storage: str = field(
        default="memory://", metadata={"help": "Where requests are counted: memory:// or redis://host:port."}
    )
    trusted_proxies: int = field(
        default=0, metadata={"help": "Proxies in front whose X-Forwarded headers count.", "least": 0}
    )
    web_threads: int = field(default=16, metadata={"help": "Threads in each of them."})
    query_seconds: float = field(default=20.0, metadata={"help": "Wall time a query may take."})
    query_memory_mb: int = field(default=1024, metadata={"help": "Memory a query may take beyond the graph, in MiB."})
    result_mb: int = field(default=64, metadata={"help": "Size a result may have, in MiB."})
    result_rows: int = field(default=1_000_000, metadata={"help": "Rows a result may have."})
    cache_mb: int = field(default=64, metadata={"help": "Size of the results each web process remembers, in MiB."})
    query_kb: int = field(default=256, metadata={"help": "Size a query text may have, in KiB."})
    query_depth: int = field(default=100, metadata={"help": "Depth to which groups and brackets of a query may nest."})
    query_steps: int = field(default=200, metadata={"help": "Steps a property path may have."})
    slow_seconds: float = field(default=2.0, metadata={"help": "Time from which a request is written to the log."})
    metrics_host: str = field(default="127.0.0.1", metadata={"help": "Address on which Prometheus may ask."})
    metrics_port: int = field(default=9464, metadata={"help": "Port for Prometheus; 0 for none.", "least": 0})
    upload_mb: int = field(default=16, metadata={"help": "Size a contributed file may have, in MiB."})
    inspections: int = field(default=2, metadata={"help": "Contributed files that are validated at the same time."})
    inspection_seconds: float = field(default=30.0, metadata={"help": "Time that validating a file may take."})
    inspection_memory_mb: int = field(
        default=1024, metadata={"help": "Memory that validating a file may take, in MiB."}
    )
    validations_per_hour: int = field(default=120, metadata={"help": "Files a client may have validated in an hour."})
    sign_ins_per_hour: int = field(default=60, metadata={"help": "Times a client may try to sign in within an hour."})
    session_hours: int = field(default=12, metadata={"help": "Time after which one must sign in again."})
    two_people: bool = field(default=True, metadata={"help": "Who accepts must not be the author."})
    secure_cookies: bool = field(default=False, metadata={"help": "Send the session's cookie over HTTPS only."})
    oidc_issuer: str = field(
        default="",
        metadata={"help": "Issuer of OpenID Connect by which people may sign in, such as https://orcid.org."},
    )
    oidc_client_id: str = field(default="", metadata={"help": "Identifier that the issuer gave to this service."})
    oidc_client_secret: str = field(default="", metadata={"help": "Secret that the issuer gave to this service."})
    oidc_name: str = field(default="OpenID Connect", metadata={"help": "What the issuer is called on the page."})
    queue_length: int = field(default=64, metadata={"help": "Queries that may wait for a worker."})
    queue_seconds: float = field(default=5.0, metadata={"help": "Time a query may wait for a worker."})

    @property
    def running(self) -> Path:
        """Return the path of the link to the folder of the service that runs on this home."""
        return self.home.absolute() / "running"

    @property
    def ledger_url(self) -> str:
        """Return the address of the ledger's database."""
        if self.database:
            return self.database
        return f"sqlite:///{self.home.absolute() / 'ledger.sqlite'}"

    def environment(self) -> dict[str, str]:
        """Return the settings as environment variables, for child processes."""
        return {PREFIX + each.name.upper(): str(getattr(self, each.name)) for each in fields(self)}

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and value != each.metadata.get("least")
                and not 0 < value < math.inf
            ):
                raise _invalid(each.name, str(value), "a finite number above zero")
        if not 1 <= self.port <= 65535:
            raise _invalid("port", str(self.port), "a port between 1 and 65535")
        if self.oidc_issuer and not _ISSUER.fullmatch(self.oidc_issuer):
            raise _invalid("oidc_issuer", self.oidc_issuer, "an https address")
        if not _BASE.fullmatch(self.base):
            raise _invalid("base", self.base, "an http(s) address that ends with a slash")


def read_settings(environment: Mapping[str, str] = os.environ, **chosen: object) -> Settings:
    """Read the settings from an environment; values passed by name that are not ``None`` take precedence."""
    values: dict[str, object] = {}
    for each in fields(Settings):
        text = environment.get(PREFIX + each.name.upper())
        if chosen.get(each.name) is not None:
            values[each.name] = chosen[each.name]
        elif text:
            values[each.name] = _convert(each.name, each.default, text)
    return Settings(**values)  # type: ignore[arg-type]


def _convert(name: str, default: object, text: str) -> object:
    try:
        if isinstance(default, bool):
            return _SWITCH[text.lower()]
        if isinstance(default, int):
            return int(text)
        if isinstance(default, float):
            return float(text)
        return Path(text) if isinstance(default, Path) else text
    except (ValueError, KeyError):
        raise _invalid(name, text, _EXPECTED[type(default)]) from None


def _invalid(name: str, value: str, expected: str) -> InvalidSetting:
    return InvalidSetting(
        f"{PREFIX}{name.upper()} is {value!r}, which is not {expected}.", f"Set {PREFIX}{name.upper()} to {expected}."
    )
