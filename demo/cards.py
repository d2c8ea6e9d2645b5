"""Home Assistant's stock cards."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_HOURS: Final = 0.25

type Card = dict[str, Any]

_CHART: Final = """\
| From | Price | Cars | kW |
| --- | ---: | :--- | ---: |
{%- for hour in (state_attr('PLAN', 'quarters') or []) | batch(4) %}
{%- set sum = namespace(power=0) %}
{%- for quarter in hour %}
{%- set cars = quarter.items() | rejectattr(0, 'in', ['start', 'price', 'surplus']) %}
{%- set sum.power = sum.power + (cars | map(attribute=1) | sum) / (hour | count) %}
{%- endfor %}
| {{ hour[0].start[11:16] }} | {{ hour | map(attribute='price') | average | round(2) }} \
| {{ '█' * (sum.power / 2) | round(0, 'ceil') | int }} | {{ sum.power | round(1) }} |
{%- endfor %}"""
"""Mean price and power of each hour; keys of a quarter beside these are the kW of cars."""


def view(title: str, path: str, *sections: Card) -> Card:
    """Return a page of the dashboard; sections of a heading alone are left out."""
    shown = [section for section in sections if len(section["cards"]) > 1]
    return {
        "title": title,
        "path": path,
        "type": "sections",
        "max_columns": 4,
        "sections": shown,
    }


def section(title: str, *cards: Card, columns: int = 1) -> Card:
    """Return cards under a heading, some columns wide."""
    head = {"type": "heading", "heading": title}
    return {"type": "grid", "column_span": columns, "cards": [head, *cards]}


def heading(title: str) -> Card:
    """Return a heading inside a section."""
    return {"type": "heading", "heading": title, "heading_style": "subtitle"}


def tile(entity: str, *, name: str) -> Card:
    """Return a tile that shows an entity, and offers the options of a select."""
    card: Card = {"type": "tile", "entity": entity, "name": name}
    if entity.startswith("select."):
        card["features"] = [{"type": "select-options"}]
    return card


def graph(entities: Iterable[str]) -> Card:
    """Return a graph of what entities have shown."""
    return {
        "type": "history-graph",
        "hours_to_show": _HOURS,
        "entities": [{"entity": entity} for entity in entities],
        "grid_options": {"columns": "full"},
    }


def table(heads: Iterable[str], rows: Mapping[str, Iterable[str | None]]) -> Card:
    """Return a table of what entities show; a cell without an entity stays empty."""
    titles = list(heads)
    lines = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    for name, entities in rows.items():
        cells = ("" if entity is None else _shown(entity) for entity in entities)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return _text("\n".join(lines))


def chart(plan: str) -> Card:
    """Return a chart of a plan, a line for each hour."""
    return _text(_CHART.replace("PLAN", plan))


def calendar(entities: Iterable[str]) -> Card:
    """Return a list of what is to come."""
    return {
        "type": "calendar",
        "initial_view": "listWeek",
        "entities": list(entities),
        "grid_options": {"columns": "full"},
    }


def _text(content: str) -> Card:
    return {"type": "markdown", "content": content, "grid_options": {"columns": "full"}}


def _shown(entity: str) -> str:
    return f"{{{{ states('{entity}', rounded=True) if has_value('{entity}') }}}}"
