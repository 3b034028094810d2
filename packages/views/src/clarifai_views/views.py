"""What notebooks show of things: one page of HTML for each kind, for `_repr_html_` and `show`.

Nothing here raises, and nothing asks for more than one page of a listing and small pictures of what
stands on it: what cannot be had becomes a line that says so.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from clarifai_core import paging, records, tables
from clarifai_core.safe_text import redacted, shown
from clarifai_core.wire import data as contents
from clarifai_core.wire.messages import shortest_float
from clarifai_views import _text_tables, drawings, figures, markup, thumbnails
from clarifai_views.markup import Html as Html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SHOWN_ITEMS = 20
"""Of a listing."""

SHOWN_SCORES = 10
"""Of one prediction."""

SHOWN_CHARACTERS = 400
"""Of a text."""

SHOWN_CLASSES = 30
"""Of an evaluation: a matrix of more is no picture any more."""


def show(*items: Any, annotations: Iterable[Any] = ()) -> None:
    """Show things: in a notebook as its reader likes it, elsewhere as a table of text.

    Args:
        *items: Handles, listings, messages and responses of the platform, predictions, reports,
            evaluations, and lists of these.
        annotations: What is to be drawn on inputs: their annotations.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> show(resources_pb2.Concept(id="id-cat", name="cat", value=1))
        id      name  value
        id-cat  cat   1
    """
    from clarifai_core.progress import in_notebook

    marks = list(annotations)
    for item in items:
        if in_notebook():
            is_ours = _is_ours(item) or hasattr(item, "_view")
            sys.modules["IPython"].display.display(Shown(item, marks) if is_ours else item)
        else:
            print(text(item))  # noqa: T201  why: that is what it is for


class Shown:
    """A thing as it is shown, for whoever asks: a notebook takes the HTML, `print` the text."""

    def __init__(self, item: Any, annotations: Sequence[Any] = ()) -> None:
        self._item, self._annotations = item, annotations

    def _repr_html_(self) -> str:
        own = getattr(self._item, "_repr_html_", None)
        drawn = own() if callable(own) and not self._annotations else None
        return str(drawn) if drawn else html(self._item, self._annotations)

    def __repr__(self) -> str:
        return text(self._item)


def text(item: Any) -> str:
    """Return a thing as lines of text, a table where it is many."""
    try:
        if isinstance(item, (list, tuple)) and not all(map(_is_ours, item)):
            return repr(item)
        tells = (
            hasattr(item, "to_records")
            and getattr(type(item), "__str__", None) is not object.__str__
        )
        if tells or not _is_ours(item):
            return str(item)  # a report has a summary, and a listing shows its first items only
        rows = records.records(item)
        return _text_tables.table(rows) if rows else "nothing"
    except Exception as error:  # noqa: BLE001  why: what shows things never fails for them
        return _why(item, error)


def html(item: Any, annotations: Sequence[Any] = ()) -> str:
    """Return a thing as a page; what cannot be shown is a line that says why.

    Args:
        item: Anything; of what is not ours, its own HTML or `repr`.
        annotations: What is to be drawn on inputs.
    """
    try:
        if annotations:
            several = item if isinstance(item, (list, tuple)) else [item]
            return markup.page(of_inputs(list(several)[:SHOWN_ITEMS], annotations))
        return markup.page(view(item))
    except Exception as error:  # noqa: BLE001  why: a repr that raises hides what it is about
        return markup.page(markup.fault(_why(item, error)))


def view(item: Any) -> Html:
    """Return the markup of one thing, or of several."""
    if records.is_message(item):
        return _of_message(item)
    own = getattr(item, "_view", None)
    if callable(own):
        found: Html = own()
        return found
    if isinstance(item, paging.Pager):
        return of_listing(repr(item), lambda: item.peek(SHOWN_ITEMS + 1))
    if isinstance(item, tables.Tabular):
        return _first_rows(item.to_records())
    if hasattr(item, "to_record"):
        return _properties(records.record(item))
    if isinstance(item, (list, tuple)):
        return of_items(list(item[:SHOWN_ITEMS]), more=len(item) > SHOWN_ITEMS)
    drawn = getattr(item, "_repr_html_", None)
    return Html(drawn()) if callable(drawn) else markup.note(shown(item, SHOWN_CHARACTERS))


def of_listing(
    name: str,
    items: Callable[[], Sequence[Any]],
    annotations: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Html:
    """Return the first items of a listing.

    Args:
        name: What it is called.
        items: Asks for them, one more than are shown.
        annotations: Of inputs, asks for what is said of them, to be drawn on them.
    """
    try:
        found = list(items())
    except Exception as error:  # noqa: BLE001  why: the platform may be away, and this is a repr
        return markup.fault(f"{name}: its items could not be had: {_said(error)}")
    if not found:
        return markup.note(f"{name}: nothing is in it")
    items_shown, more = found[:SHOWN_ITEMS], len(found) > SHOWN_ITEMS
    if annotations is None:
        return of_items(items_shown, more=more)
    try:
        said = annotations(items_shown)
    except Exception as error:  # noqa: BLE001  why: the inputs can be shown without
        lost = markup.fault(f"their annotations could not be had: {_said(error)}")
        return Html(of_items(items_shown, more=more) + lost)
    return of_inputs(items_shown, said, more=more)


def of_inputs(items: Sequence[Any], annotations: Sequence[Any], more: bool = False) -> Html:
    """Return inputs side by side, with the boxes, polygons, points and masks of annotations."""
    regions: dict[str, list[Any]] = {}
    for one in annotations:
        regions.setdefault(one.input_id, []).extend(one.data.regions)
    marked = [[*one.data.regions, *regions.get(one.id, [])] for one in items]
    lines = [_input_lines(one) for one in items]
    drawn = _with_media([one.data for one in items], lines, marked)
    return Html(drawn[0] if len(drawn) == 1 else markup.cards(drawn) + _end(items, more))


def _end(items: Sequence[Any], more: bool) -> Html:
    return markup.note(f"the first {len(items)}; there are more") if more else Html("")


def listed(pager: paging.Pager[Any]) -> str:
    """Return the first items of a listing as lines of text, asked for in one small page."""
    name = repr(pager)
    try:
        found = pager.peek(SHOWN_ITEMS + 1)
        if not found:
            return f"{name}: nothing is in it"
        lines = text(found[:SHOWN_ITEMS])
    except Exception as error:  # noqa: BLE001  why: as above
        return f"{name}: its items could not be had: {_said(error)}"
    return f"{lines}\n... the first {SHOWN_ITEMS}" if len(found) > SHOWN_ITEMS else lines


def _first_rows(rows: Sequence[Mapping[str, object]]) -> Html:
    more = len(rows) - SHOWN_ITEMS
    end = markup.note(f"and {more} more") if more > 0 else ""
    return Html(markup.table(rows[:SHOWN_ITEMS]) + end)


def of_items(items: Sequence[Any], more: bool = False) -> Html:
    """Return several things: pictures and hits side by side, others as a table."""
    end = _end(items, more)
    if not items:
        return markup.note("nothing")
    kinds = {one.DESCRIPTOR.name if records.is_message(one) else "" for one in items}
    drawn = _CARDS.get(kinds.pop()) if len(kinds) == 1 else None
    if drawn is not None:
        return Html(markup.cards(drawn(items)) + end)
    if all(records.is_message(one) or hasattr(one, "to_record") for one in items):
        return Html(markup.table(records.records(list(items))) + end)
    return Html(markup.joined(view(one) for one in items) + end)


def of_scores(scores: Sequence[tuple[str, float]]) -> Html:
    """Return the scores of one prediction as bars, the best first."""
    if not scores:
        return markup.note("no concepts")
    drawn = markup.bars(scores[:SHOWN_SCORES], contents.PRESENT)
    rest = len(scores) - SHOWN_SCORES
    return Html(drawn + markup.note(f"and {rest} more")) if rest > 0 else drawn


def of_report(
    counts: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], notes: Sequence[str] = ()
) -> Html:
    """Return what became of many things: how many, and the first of those with a name."""
    first = list(islice(rows, SHOWN_ITEMS + 1))
    parts: list[object] = [markup.properties(counts)]
    if first:
        parts += [
            markup.table(first[:SHOWN_ITEMS]),
            _end(first[:SHOWN_ITEMS], len(first) > SHOWN_ITEMS),
        ]
    parts += [markup.note(one) for one in notes[:SHOWN_ITEMS] if "notes" not in counts]
    return markup.joined(parts)


def of_evaluation(metrics: Any) -> Html:
    """Return what an evaluation says: figures, what was taken for what, and curves."""
    parts: list[Html] = [markup.properties(figures.summary(metrics) or records.record(metrics))]
    names, shares = figures.confusions(metrics)
    if len(names) > SHOWN_CLASSES:
        parts.append(markup.note(f"{len(names)} classes: too many for a matrix here"))
    elif names:
        parts += [markup.title("What was taken for what"), markup.matrix(names, shares)]
    drawn = [
        drawings.curves(found, figures.AXES[curve])
        for curve in figures.CURVES
        if (found := figures.lines(metrics, curve))
    ]
    if drawn:
        parts += [markup.title("Curves of each class"), markup.joined(drawn)]
    rows = figures.by_class(metrics)
    if rows:
        parts += [markup.title("Figures of each class"), markup.table(rows[:SHOWN_CLASSES])]
    return markup.joined(parts)


def _of_message(message: Any) -> Html:
    items = records.items_of(message)
    if items and items[0] is message:
        name = message.DESCRIPTOR.name
        if name == "EvalMetrics":
            return of_evaluation(message)
        drawn = _CARDS.get(name)
        return drawn([message])[0] if drawn else _properties(records.record(message))
    return of_items(items[:SHOWN_ITEMS], more=len(items) > SHOWN_ITEMS)


def _inputs(items: Sequence[Any]) -> list[Html]:
    return _with_media([one.data for one in items], [_input_lines(one) for one in items])


def _dataset_inputs(items: Sequence[Any]) -> list[Html]:
    return _inputs([one.input for one in items])


def _hits(items: Sequence[Any]) -> list[Html]:
    regions = [[*one.annotation.data.regions] for one in items]
    lines = [
        markup.joined(
            [
                markup.tag("div", markup.tag("b", f"{shortest_float(one.score):.3f}")),
                _input_lines(one.input, records.record(one)["concepts"]),
            ]
        )
        for one in items
    ]
    return _with_media([one.input.data for one in items], lines, regions)


def _outputs(items: Sequence[Any]) -> list[Html]:
    lines = [markup.joined([_input_name(one.input), _output_lines(one)]) for one in items]
    regions = [[*one.data.regions] for one in items]
    return _with_media([one.input.data for one in items], lines, regions)


def _results(items: Sequence[Any]) -> list[Html]:
    lines = [
        markup.joined(
            markup.joined([markup.note(output.model.id), _output_lines(output)])
            for output in one.outputs
        )
        for one in items
    ]
    regions = [[r for output in one.outputs for r in output.data.regions] for one in items]
    return _with_media([one.input.data for one in items], lines, regions)


def _output_lines(output: Any) -> Html:
    if output.data.text.raw:
        return markup.tag("div", _cut(output.data.text.raw), class_="words")
    if not output.data.concepts and not output.data.regions:
        return markup.note(output.status.details or output.status.description or "no concepts")
    return of_scores(scores_of(output.data))


def scores_of(data: Any) -> list[tuple[str, float]]:
    """Return the concepts that a prediction names with their scores, the best first, each once."""
    best: dict[str, float] = {}
    for one in contents.said_concepts(data):
        name = contents.name_of(one)
        best[name] = max(best.get(name, 0.0), shortest_float(one.value))
    return sorted(best.items(), key=lambda pair: -pair[1])


def _with_media(
    data: Sequence[Any], lines: Sequence[Html], regions: Sequence[Sequence[Any]] = ()
) -> list[Html]:
    """Return what inputs hold, each with its lines; pictures are fetched side by side."""
    images = [one.image for one in data if one.HasField("image")]
    pictures = iter(thumbnails.of_images(images))
    made, colours = [], drawings.Colours()
    for place, one in enumerate(data):
        drawn = (regions[place] if regions else None) or list(one.regions)
        parts: list[object] = []
        if one.HasField("image"):
            kind = contents.kind_of(one)
            parts.append(drawings.picture(next(pictures), drawn, kind, colours))
        if one.text.raw:
            parts.append(markup.tag("div", _cut(one.text.raw), class_="words"))
        if not parts:
            parts.append(markup.note(contents.kind_of(one)))
        made.append(markup.joined([*parts, lines[place]]))
    return made


def _input_name(one: Any) -> Html:
    return markup.note(one.id) if one.id else Html("")


def _input_lines(one: Any, labels: Any = None) -> Html:
    found = contents.labels(contents.said_concepts(one.data)) if labels is None else labels
    said = markup.tag("div", ", ".join(found)) if found else ""
    return markup.joined([said, _input_name(one)])


def _properties(values: Mapping[str, Any]) -> Html:
    """Return what is known of one thing; what is empty says nothing."""
    return markup.properties({name: one for name, one in values.items() if markup.shown(one)})


def _cut(words: str) -> str:
    return words if len(words) <= SHOWN_CHARACTERS else f"{words[:SHOWN_CHARACTERS]}\u2026"


def _is_ours(item: Any) -> bool:
    return not isinstance(item, type) and (
        records.is_message(item)
        or hasattr(item, "to_record")
        or hasattr(item, "to_records")
        or isinstance(item, (list, tuple))
    )


def _why(item: Any, error: BaseException) -> str:
    return f"{type(item).__name__} cannot be shown: {_said(error)}"


def _said(error: BaseException) -> str:
    return redacted(f"{type(error).__name__}: {error}", SHOWN_CHARACTERS)


_CARDS: dict[str, Callable[[Sequence[Any]], list[Html]]] = {
    "Input": _inputs,
    "DatasetInput": _dataset_inputs,
    "Hit": _hits,
    "Output": _outputs,
    "WorkflowResult": _results,
}
"""Name of a message -> what shows several of them, a card each."""
