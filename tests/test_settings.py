"""Settings come from the environment, and a bad one is told in one sentence with a remedy."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from skillgraph.errors import InvalidSetting
from skillgraph.settings import PREFIX, Settings, read_settings


def test_what_is_not_set_has_its_default() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"SKILLGRAPH_PORT": "", "PORT": "1"}) == Settings()


def test_the_environment_is_read() -> None:
    settings = read_settings({"SKILLGRAPH_PORT": "9000", "SKILLGRAPH_HOME": "here", "SKILLGRAPH_QUERY_SECONDS": "1.5"})
    assert (settings.port, settings.home, settings.query_seconds) == (9000, Path("here"), 1.5)


def test_a_choice_on_the_command_line_goes_before_the_environment() -> None:
    environment = {"SKILLGRAPH_PORT": "9000", "SKILLGRAPH_HOST": "::1"}
    settings = read_settings(environment, port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "::1")


def test_child_processes_get_the_same_settings() -> None:
    settings = Settings(
        home=Path("else where"),
        host="::1",
        port=9000,
        base="http://localhost:9000/",
        query_seconds=0.25,
        query_workers=7,
    )
    assert read_settings(settings.environment()) == settings
    assert set(settings.environment()) == {PREFIX + each.name.upper() for each in fields(Settings)}


def test_the_ledger_lies_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(home=Path("data")).ledger_url == f"sqlite:///{tmp_path}/data/ledger.sqlite"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "a whole number"),
        ("PORT", "80.5", "a whole number"),
        ("PORT", "0", "a finite number above zero"),
        ("PORT", "65536", "a port between 1 and 65535"),
        ("QUERY_WORKERS", "-1", "a finite number above zero"),
        ("QUERY_SECONDS", "soon", "a number"),
        ("QUERY_SECONDS", "nan", "a finite number above zero"),
        ("QUERY_SECONDS", "inf", "a finite number above zero"),
        ("BASE", "w3id.org/skillgraph/", "an http(s) address that ends with a slash"),
        ("BASE", "https://w3id.org/skillgraph", "an http(s) address that ends with a slash"),
        ("BASE", "https:///", "an http(s) address that ends with a slash"),
        ("BASE", "https://w3id.org/a b/", "an http(s) address that ends with a slash"),
    ],
)
def test_a_bad_value_is_told_in_one_sentence_with_a_remedy(name: str, value: str, expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_settings({PREFIX + name: value})
    assert caught.value.message == f"SKILLGRAPH_{name} is {value!r}, which is not {expected}."
    assert caught.value.remedy == f"Set SKILLGRAPH_{name} to {expected}."


@pytest.mark.parametrize("base", ["https://w3id.org/skillgraph/", "http://localhost:8000/", "https://a.example/b/c/"])
def test_a_base_may_lie_anywhere_on_the_web(base: str) -> None:
    assert read_settings({"SKILLGRAPH_BASE": base}).base == base


def test_every_setting_has_a_line_of_help() -> None:
    for each in fields(Settings):
        assert each.metadata["help"].endswith("."), each.name
