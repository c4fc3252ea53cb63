"""Prints what was measured for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from skillgraph.cli.output import print_table

OURS = "SkillGraph"


def show(report: Mapping[str, Any]) -> None:
    """Print every part of a report that is there."""
    if "figures" in report:
        print_table(["Figure", "median ms", "p99 ms", "ratio", "against", "aim"], map(_figure, report["figures"]))
    for measured in report.get("endpoints", []):
        _endpoints(measured)
    if "contributions" in report:
        _contributions(report["contributions"])
    for measured in report.get("pages", []):
        _pages(measured)
    if "search" in report:
        found = report["search"]
        click.echo(
            f"search among 500,000 names: {1e3 * found['median']:.2f} ms, p99 {1e3 * found['p99']:.2f} ms (aim 20)"
        )
    if "hostile" in report:
        _hostile(report["hostile"])


def _figure(figure: Mapping[str, Any]) -> list[str]:
    ratio = "" if figure["ratio"] is None else f"{figure['ratio']:.2f}"
    aim = "" if figure["aim"] is None else f"≤ {figure['aim']:g}"
    return [figure["name"], f"{figure['median_ms']:.3f}", f"{figure['p99_ms']:.3f}", ratio, figure["against"], aim]


def _endpoints(measured: Mapping[str, Any]) -> None:
    servers = list(measured["start_seconds"])
    click.echo(f"\n{measured['quads']:,} quads: median ms (p99), and ours as a multiple of each peer's median")
    print_table(["Kind", "rows", *servers, *(f"/ {name}" for name in servers[1:])], _kinds(measured, servers))
    click.echo(f"Requests a second with 8 clients, and the rest, at {measured['quads']:,} quads")
    rows = [[kind, *_cells(by_server, servers)] for kind, by_server in measured["per_second"].items()]
    rows.append(["seconds from start to service", *_cells(measured["start_seconds"], servers, 1)])
    rows.append(["resident MiB", *_cells(measured["resident_mb"], servers)])
    print_table(["Figure", *servers], rows)
    floor = measured["floor"]
    print_table(
        ["Web layer, 8 clients", "requests a second", "ratio to the empty view"],
        [[name, f"{each:,.0f}", f"{each / floor['empty view']:.2f}"] for name, each in floor.items()],
    )


def _pages(measured: Mapping[str, Any]) -> None:
    click.echo(f"\nPages beside {measured['further_quads']:,} further quads")
    tiny = measured["medians_ms"]["tiny query"]
    rows = [
        [
            name,
            f"{median:.1f}",
            f"{measured['p99_ms'][name]:.1f}",
            f"{median / tiny:.1f}",
            f"{measured['remembered_ms'][name]:.1f}",
            f"{measured['per_second'][name]:,.0f}",
        ]
        for name, median in measured["medians_ms"].items()
    ]
    print_table(["Page", "median ms", "p99 ms", "/ tiny query", "remembered ms", "requests a second"], rows)


def _kinds(measured: Mapping[str, Any], servers: list[str]) -> Iterable[list[str]]:
    for kind, medians in measured["medians_ms"].items():
        p99 = measured["p99_ms"][kind]
        timings = [f"{medians[name]:.2f} ({p99[name]:.2f})" for name in servers]
        ratios = [f"{medians[OURS] / medians[name]:.2f}" for name in servers[1:]]
        yield [kind, f"{measured['rows'][kind]:,}", *timings, *ratios]


def _cells(by_server: Mapping[str, float], servers: list[str], digits: int = 0) -> list[str]:
    return [f"{by_server[name]:,.{digits}f}" if name in by_server else "too slow" for name in servers]


def _contributions(measured: Iterable[Mapping[str, Any]]) -> None:
    click.echo("\nA contribution beside a base: milliseconds to validate, and from acceptance to the endpoint")
    rows = [
        [
            f"{each['quads']:,}",
            str(each["contributed"]),
            f"{each['median_ms']:.1f} ({each['p99_ms']:.1f})",
            f"{each['plain_ms']:,.0f}" if each["plain_ms"] else "",
            f"{each['plain_ms'] / each['median_ms']:.0f}" if each["plain_ms"] else "",
            f"{each['visible_ms']:.0f} ({each['visible_p99_ms']:.0f})",
        ]
        for each in measured
    ]
    print_table(["Quads", "contributed", "ms (p99)", "plain pySHACL ms", "ratio", "visible ms (most)"], rows)


def _hostile(measured: Mapping[str, Any]) -> None:
    click.echo(f"\nHostile requests; the probe's quiet p99 is {measured['quiet_p99_ms']:.2f} ms")
    rows = [
        [
            each["name"],
            f"{each['status']}{'' if each['right'] else ' (wrong)'}",
            f"{each['seconds']:.2f}",
            f"{each['growth_mb']:.0f}",
            str(each["probes"]),
            f"{each['p99_ratio']:.2f}",
        ]
        for each in measured["requests"]
    ]
    print_table(["Request", "status", "seconds", "MiB more", "probes", "probe's p99 / quiet"], rows)
