"""The table, the plot and the results page."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .contracts import MEASURES, RATES, unit
from .results import Row

_READING = "<!-- The reading below is written by hand; everything above comes from a run. -->"
_COLOURS = {
    "mixmyai": "#1b7f79",
    "celery": "#b4552d",
    "celery_no_results": "#d18f6a",
    "dramatiq": "#5b6c9e",
    "faststream": "#8a6bb0",
    "c_floor": "#777777",
}


def table(rows: list[Row]) -> str:
    """All rows as Markdown."""
    lines = ["| measure | system | median | min | max | runs | contract |", "|---|---|---:|---:|---:|---:|---|"]
    for row in rows:
        name = unit(row.measure)
        lines.append(
            f"| {row.measure} | {row.system} | {_number(row.median)}{' ' + name if name else ''} | "
            f"{_number(row.minimum)} | {_number(row.maximum)} | {row.runs} | {row.contract} |"
        )
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def plot(rows: list[Row]) -> str:
    """Bars of the medians with a line from the smallest to the largest value, one panel for each rate."""
    width, label, bar, gap, head = 860, 170, 18, 8, 34
    space = width - label - 130
    parts: list[str] = []
    y = 10
    for measure in RATES:
        shown = [row for row in rows if row.measure == measure]
        if not shown:
            continue
        top = max(row.maximum for row in shown)
        parts.append(
            f'<text x="10" y="{y + 16}" class="title">{escape(measure)} ({escape(MEASURES[measure][1])})</text>'
        )
        y += head
        for row in shown:
            length, low, high = (value / top * space for value in (row.median, row.minimum, row.maximum))
            middle = y + bar / 2
            parts.append(f'<text x="{label - 8}" y="{middle + 4}" text-anchor="end">{escape(row.system)}</text>')
            parts.append(
                f'<rect x="{label}" y="{y}" width="{length:.1f}" height="{bar}" fill="{_COLOURS[row.system]}">'
                f"<title>{escape(row.contract)}</title></rect>")
            parts.append(
                f'<path d="M{label + low:.1f} {middle}H{label + high:.1f}" stroke="#111" stroke-width="1.5"/>')
            parts.append(f'<text x="{label + high + 8:.1f}" y="{middle + 4}">{_number(row.median)}</text>')
            y += bar + gap
        y += 14
    style = "text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:13px}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n')


def publish(folder: Path, table_text: str, plot_text: str, about: dict[str, Any]) -> None:
    """Writes the results page, keeping its hand-written end, and the plot."""
    page = folder / "RESULTS.md"
    reading = page.read_text().split(_READING, 1)[-1] if page.exists() else "\n## Reading\n"
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    settings = ", ".join(f"`{name}={value}`" for name, value in about["postgres_settings"].items())
    failures = "".join(f"\nFailed: {failure}." for failure in about["failures"])
    run = f"a {about['kind']} run of {about['rounds']} rounds in {about['seconds']} s"
    facts = [
        f"{about['date']}, revision {about['revision']}, {run}.{failures}",
        f"Machine: {about['machine']}; everything on loopback, servers and clients on the same cores; load at the end "
        f"{about['load_at_end']:.1f}.",
        f"Versions: {versions}.",
        f"PostgreSQL: {settings}; everything else at its default. RabbitMQ: classic durable queues, defaults. "
        "Redis: nothing on disk.",
        "Repeat with `ops/bench --publish`, or `ops/bench --quick` in a quarter of an hour. Systems are measured by "
        "turns in every round, each in a fresh database and virtual host behind a checkpoint; ratios are taken round "
        "by round.",
    ]
    page.write_text(
        "# Benchmark results\n\n" + "".join(f"- {fact}\n" for fact in facts)
        + f"\n![Rates](results.svg)\n\n{table_text}\n{_READING}{reading}")
    (folder / "results.svg").write_text(plot_text)
