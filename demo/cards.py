"""Home Assistant's stock cards."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_HOURS: Final = 0.25

type Card = dict[str, Any]

_CHART: Final = """\
{%- set quarters = state_attr('PLAN', 'quarters') or [] %}
{%- set left = 4 - quarters[0].start[14:16] | int // 15 if quarters else 0 %}
{%- set hours = [quarters[:left]] + quarters[left:] | batch(4) | list %}
{%- if not quarters %}
No car has a goal yet
{%- else %}
| From | Price | Cars | kW |
| --- | ---: | :--- | ---: |
{%- for hour in hours if hour %}
{%- set sum = namespace(power=0) %}
{%- for quarter in hour %}
{%- set cars = quarter.items() | rejectattr(0, 'in', ['start', 'price', 'surplus']) %}
{%- set sum.power = sum.power + (cars | map(attribute=1) | sum) / (hour | count) %}
{%- endfor %}
| {{ hour[0].start[11:16] }} | {{ hour | map(attribute='price') | average | round(2) }} \
| {{ '█' * (sum.power / 2) | round(0, 'ceil') | int }} \
| {{ sum.power | round(1) if sum.power else '' }} |
{%- endfor %}
{%- endif %}"""
"""Mean price and power of each hour, the first of which has begun.

Keys of a quarter beside these are the kW of cars.
"""


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
    """Return a tile that shows an entity while it knows something; a select offers its options."""
    card: Card = {"type": "tile", "entity": entity, "name": name}
    if entity.startswith("select."):
        card["features"] = [{"type": "select-options"}]
    if entity.startswith("sensor."):
        known = {"condition": "state", "entity": entity, "state_not": "unknown"}
        card["visibility"] = [known]
    return card


def wide(card: Card) -> Card:
    """Return a card over the whole width of its section."""
    return {**card, "grid_options": {"columns": "full"}}


def sentence(entity: str) -> Card:
    """Return the sentence that explains what a sensor shows."""
    return _text(f"{{{{ state_attr('{entity}', 'explanation') or '' }}}}") | {"text_only": True}


def graph(entities: Mapping[str, str]) -> Card:
    """Return a graph of what entities have shown, by their names in it."""
    shown = [{"entity": entity, "name": name} for name, entity in entities.items()]
    return wide({"type": "history-graph", "hours_to_show": _HOURS, "entities": shown})


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
    return wide({"type": "calendar", "initial_view": "listWeek", "entities": list(entities)})


def _text(content: str) -> Card:
    return wide({"type": "markdown", "content": content})


def _shown(entity: str) -> str:
    return f"{{{{ states('{entity}', rounded=True) if has_value('{entity}') }}}}"
