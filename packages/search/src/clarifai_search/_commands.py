"""`clarifai search`: find inputs by text, picture, concept, place and what is kept with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.command_arguments import APP, Option, command, json_object
from clarifai_core.errors import MissingFile, UserError
from clarifai_core.safe_text import named
from clarifai_search import _terms as terms
from clarifai_search._query import Query
from clarifai_search.handle import Search
from clarifai_search.limits import DEFAULT_TOP_K

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_core.command_context import CommandContext
    from clarifai_core.contracts import Clause


@command(
    Option("--text", "Like this text, best first.", "TEXT"),
    Option("--image", "Like this picture, best first: a file or an address.", "PATH|URL"),
    Option("--like", "Like this input, best first.", "ID", name="like"),
    Option("--rank-concept", "Those that show this best first.", "CONCEPT"),
    Option("--concept", "Only with this label; given again: with that one, too.", "CONCEPT",
           many=True, name="concepts"),
    Option("--not-concept", "Only without this label.", "CONCEPT", many=True, name="without"),
    Option("--metadata", "Only with one of these, as a JSON object.", "JSON"),
    Option("--near", "Only near this place.", "LONGITUDE,LATITUDE,KM"),
    Option("--box", "Only in this box of degrees.", "WEST,SOUTH,EAST,NORTH"),
    Option("--type", "Only these.", choices=("image", "text", "video", "audio"), many=True,
           name="types"),
    Option("--dataset-id", "Only from this dataset; given again: or from that one.", "ID",
           many=True, name="datasets"),
    Option("--min-score", "Only those that score at least this, 0..1.", "SCORE", kind="number",
           least=0, most=1),
    Option("--metric", "How nearness is measured.", choices=("cosine", "euclidean")),
    Option("--all", "All that there are; else the first 10, or --limit.", kind="flag",
           name="everything"),
    Option("--count", "Tell how many there are, and nothing else.", kind="flag"),
    Option("--save-as", "Put what is found into this dataset, which is made if it is missing.",
           "DATASET"),
    *APP,
)  # fmt: skip
def search(
    context: CommandContext,
    app_id: str,
    user_id: str,
    min_score: float | None,
    metric: Any,
    everything: bool,
    count: bool,
    save_as: str,
    **asked: Any,
) -> int:
    """Find inputs of an app.

    What orders (--text, --image, --like, --rank-concept) puts the best first; the other options
    choose, and a hit passes all of them.

    Args:
        context: The command's.
        app_id: Where.
        user_id: Whose.
        min_score: The least score.
        metric: How nearness is measured.
        everything: Whether all are wanted.
        count: Whether only their number is.
        save_as: A dataset to put them into.
        **asked: What is looked for.
    """
    query = _query(**asked)
    if min_score is not None:
        query = query.at_least(min_score)
    whose = user_id or context.place(app_id=app_id, user_id=user_id).user_id
    where = context.connection(app_id=app_id, user_id=whose)
    most: dict[str, Any] = {"top_k": context.limit or DEFAULT_TOP_K}
    if everything or count:
        most = {"pagination": True}
    finder = Search(metric=metric, **most, **where)
    if count:
        context.output.record({"count": finder.count(query)})
        return 0
    if not save_as:
        found = context.output.table(finder.hits(query), empty="Nothing was found.")
        _say_that_it_is_cut(context, found, everything)
        return 0
    saved = finder.save_as_dataset(query, save_as)
    summary = {
        "id": saved.dataset_id,
        "created": saved.created,
        "added": saved.added,
        "already_there": saved.already_there,
        "failed": len(saved.failed),
    }
    context.output.report(summary, str(saved))
    _say_that_it_is_cut(context, saved.added + saved.already_there, everything)
    return 0 if saved.ok else 1


def _say_that_it_is_cut(context: CommandContext, found: int, everything: bool) -> None:
    if found >= DEFAULT_TOP_K and not everything and context.limit is None:
        context.output.remark(
            f"Those are the first {DEFAULT_TOP_K}; there may be more: give --all, or --limit N."
        )


def _query(
    *,
    text: str,
    image: str,
    like: str,
    rank_concept: str,
    without: tuple[str, ...],
    **choosing: Any,
) -> Query:
    query = Query().over_inputs()
    if text or image or like or rank_concept:
        query = query.rank(
            text=text or None,
            image=_picture(image) if image else None,
            input_id=like or None,
            concept=rank_concept or None,
        )
    query = query.where(*_clauses(**choosing))
    return query.exclude(*map(terms.concept, without)) if without else query


def _clauses(
    *,
    concepts: tuple[str, ...],
    metadata: str,
    near: str,
    box: str,
    types: tuple[Any, ...],
    datasets: tuple[str, ...],
) -> Iterator[Clause]:
    yield from map(terms.concept, concepts)
    if metadata:
        yield terms.metadata(json_object("--metadata", metadata))
    if near:
        longitude, latitude, km = _numbers("--near", near, "LONGITUDE,LATITUDE,KM")
        yield terms.near(longitude, latitude, km=km)
    if box:
        west, south, east, north = _numbers("--box", box, "WEST,SOUTH,EAST,NORTH")
        yield terms.within(west=west, south=south, east=east, north=north)
    if types:
        yield terms.input_type(*types)
    if datasets:
        yield terms.in_dataset(*datasets)


def _picture(image: str) -> str | Path:
    if image.startswith(("http://", "https://")):
        return image
    path = Path(image).expanduser()
    if not path.is_file():
        raise MissingFile(f"--image: there is no file {named(image)}.")
    return path


def _numbers(flag: str, text: str, form: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) != form.count(",") + 1:
        raise UserError(f"{flag} must be {form}, as numbers, got {named(text)}.")
    return found
