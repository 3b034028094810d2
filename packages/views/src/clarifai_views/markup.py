"""HTML from values, each escaped: the one place where markup is made.

What is shown takes its colours from the page it stands in, so it reads in light and in dark ones.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNSEEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""Characters that control a terminal, turn what follows around, or are half of a pair."""

_EMPTY_TAGS = frozenset({"img", "br"})

STYLE = """
.clarifai{font-family:system-ui,sans-serif;font-size:13px;line-height:1.4;color:inherit}
.clarifai table{border-collapse:collapse;margin:4px 0;color:inherit;font:inherit}
.clarifai th,.clarifai td{padding:3px 10px;text-align:left !important;vertical-align:top;
max-width:28em;color:inherit;font-size:13px;border:0;border-bottom:1px solid rgba(128,128,128,.3);
overflow-wrap:break-word;background:none}
.clarifai th{font-weight:600;white-space:nowrap}
.clarifai td.number,.clarifai .number{text-align:right !important;font-variant-numeric:tabular-nums}
.clarifai .note{opacity:.7;margin:4px 0}
.clarifai .title{font-weight:600;margin:8px 0 2px}
.clarifai .cards{display:flex;flex-wrap:wrap;gap:10px;margin:6px 0;align-items:flex-start}
.clarifai .card{width:190px;padding:8px;border:1px solid rgba(128,128,128,.35);border-radius:6px;
overflow-wrap:anywhere;box-sizing:border-box}
.clarifai .cards figure{max-width:100%}
.clarifai figure{position:relative;display:inline-block;margin:0;padding:0}
.clarifai figure img{display:block;max-width:100%;height:auto;margin:0;border-radius:3px}
.clarifai figure svg{position:absolute;left:0;top:0;width:100%;height:100%}
.clarifai figure span{position:absolute;padding:0 4px;font-size:11px;line-height:15px;color:#fff;
background:rgba(0,0,0,.7);border-radius:2px;white-space:nowrap;max-width:100%;overflow:hidden}
.clarifai .words{max-height:8em;overflow:hidden}
.clarifai .bar{display:grid;grid-template-columns:minmax(5em,12em) minmax(5em,20em) 4em;gap:8px;
align-items:center;margin:2px 0}
.clarifai .card .bar{grid-template-columns:1fr 3.4em;gap:2px 8px}
.clarifai .card .bar .track{grid-column:1/3;grid-row:2}
.clarifai .track{height:9px;border-radius:5px;background:rgba(128,128,128,.22)}
.clarifai .fill{height:9px;border-radius:5px;background:#3b82f6}
.clarifai .weak .fill{background:rgba(128,128,128,.6)}
.clarifai .matrix td{text-align:center !important;min-width:2.6em;
border:1px solid rgba(128,128,128,.25)}
.clarifai .matrix thead th{text-align:center !important}
.clarifai .bad{color:#dc2626}
.clarifai svg.plot{width:300px;height:250px;margin-right:14px}
.clarifai svg.plot text{font-size:10px;fill:currentColor}
""".replace("\n", "")


class Html(str):
    """Markup: a text that is not escaped again."""

    __slots__ = ()


def escaped(value: object) -> Html:
    """Return a value as the text of a page; markup stays as it is.

    Example:
        >>> escaped("<script>")
        '&lt;script&gt;'
    """
    return value if isinstance(value, Html) else Html(_escaped(value))


def _escaped(value: object) -> str:
    # What turns the writing around, or cannot be written at all, is shown as code has it.
    return html.escape(re.sub(_UNSEEN, lambda found: ascii(found[0])[1:-1], str(value)))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Return an element; what is None is left out, texts are escaped.

    Args:
        name: Such as `"td"`.
        *children: Texts and markup.
        **attributes: Values by name; `class_` is `class`, and `_` within a name is `-`.

    Example:
        >>> tag("td", "a < b", class_="number")
        '<td class="number">a &lt; b</td>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(escaped(child) for child in children if child is not None)
    return Html(f"<{name}{given}>" if name in _EMPTY_TAGS else f"<{name}{given}>{inner}</{name}>")


def joined(parts: Iterable[object]) -> Html:
    """Return parts one after another."""
    return Html("".join(escaped(part) for part in parts))


def page(*parts: object) -> Html:
    """Return what a notebook shows of one thing."""
    return tag("div", tag("style", Html(STYLE)), *parts, class_="clarifai")


def note(text: object) -> Html:
    """Return a line that is said aside."""
    return tag("div", text, class_="note")


def title(text: object) -> Html:
    """Return a line that stands above something."""
    return tag("div", text, class_="title")


def fault(text: object) -> Html:
    """Return a line that says what went wrong."""
    return tag("div", text, class_="bad")


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str] = ()) -> Html:
    """Return rows as a table.

    Args:
        rows: Name of a column -> value.
        columns: Which; else those of all rows, as they come.
    """
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    head = tag("tr", *(tag("th", name) for name in names))
    body = (tag("tr", *(_cell(row.get(name)) for name in names)) for row in rows)
    return tag("table", tag("thead", head), tag("tbody", *body))


def properties(values: Mapping[str, object]) -> Html:
    """Return one thing as a table: a line for each of its properties."""
    lines = (tag("tr", tag("th", name), _cell(value, "")) for name, value in values.items())
    return tag("table", *lines)


def _cell(value: object, number: str = "number") -> Html:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return tag("td", shown(value), class_=number if is_number and number else None)


def shown(value: object) -> str:
    """Return a value as people read it.

    Example:
        >>> shown(0.123456), shown(["a", "b"]), shown(None), shown(True)
        ('0.1235', 'a, b', '', 'yes')
    """
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d %H:%M"))
    return str(value)


def bars(scores: Iterable[tuple[str, float]], strong: float) -> Html:
    """Return a bar for each score, 0..1; those over `strong` stand out."""
    return joined(_bar(name, score, score > strong) for name, score in scores)


def _bar(name: str, score: float, is_strong: bool) -> Html:
    width = max(0.0, min(score, 1.0)) * 100
    fill = tag("div", class_="fill", style=f"width:{width:.1f}%")
    return tag(
        "div",
        tag("div", name),
        tag("div", fill, class_="track"),
        tag("div", f"{score:.3f}", class_="number"),
        class_="bar" if is_strong else "bar weak",
    )


def cards(parts: Iterable[object]) -> Html:
    """Return parts side by side, in lines."""
    return tag("div", *(tag("div", part, class_="card") for part in parts), class_="cards")


def matrix(names: Sequence[str], values: Sequence[Sequence[float]]) -> Html:
    """Return a square of shares, 0..1, the darker the larger; rows are what is right."""
    head = tag("tr", tag("th", "actual \\ predicted"), *(tag("th", name) for name in names))
    lines = (
        tag("tr", tag("th", name), *(_share(value) for value in row))
        for name, row in zip(names, values, strict=True)
    )
    return tag("table", tag("thead", head), tag("tbody", *lines), class_="matrix")


def _share(value: float) -> Html:
    strength = max(0.0, min(value, 1.0)) * 0.75
    return tag("td", f"{value:.2f}", style=f"background:rgba(59,130,246,{strength:.2f})")
