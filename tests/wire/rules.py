"""What is better on purpose, and so no difference: each rule is one function that says why.

The recordings hold no DeleteInputs without ids any more, which would be one more rule.
A rule gets the recorded requests and ours, and returns both without what it is about. Rules about
results get two descriptions. The quotes are from the README that came with the recordings.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

NOTHING = "<nothing>"
"""The result of a use that returned None."""

Requests = list[Any]
Rule = Callable[[str, Requests, Requests], tuple[Requests, Requests]]

_LARGEST_PAGE = 1000
_FIXED_IDS = {"0123456789abcdef" * 2, "1" * 32, "5" * 32, "aa7f35c01e0642fda5cf400f543e7c40"}
_RANDOM_ID = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
)


# -- requests --------------------------------------------------------------------------------------


def whole_listings(_: str, recorded: Requests, ours: Requests) -> tuple[Requests, Requests]:
    """Ask for everything in the fewest pages.

    "the probe of an empty page behind the last one", "a larger `per_page` when everything is
    listed": the pages of one listing count as one request, without page and size.
    """
    return _pages_as_one(recorded, None), _pages_as_one(ours, _LARGEST_PAGE)


def second_look(use: str, recorded: Requests, ours: Requests) -> tuple[Requests, Requests]:
    """Look what the platform says of an input before deleting it.

    Defect 4: "A failed look-up (ListInputs) deletes and re-uploads ALL inputs of the batch." Ours
    asks for the status of the inputs that are not ready, and deletes those that failed.
    """
    if not use.endswith((".failed_retry", ".failed_twice")):
        return recorded, ours
    kept = [one for one in ours if one["rpc"] != "ListInputs" or "status" in one["request"]]
    return recorded, kept


def no_check_of_an_empty_job(
    use: str, recorded: Requests, ours: Requests
) -> tuple[Requests, Requests]:
    """Wait for a job only when some input was accepted: "fewer requests that do nothing"."""
    if use != "dataset.upload_dataset.duplicate":
        return recorded, ours
    return [one for one in recorded if _name(one) != "GetInputsAddJob"], ours


def one_check_for_many_batches(
    use: str, recorded: Requests, ours: Requests
) -> tuple[Requests, Requests]:
    """Settle batches together: "one status check for many batches instead of one each".

    What must be the same: the inputs that were posted, in batches of the same size; that each one's
    job was asked for, as often as it was pending; that each one was looked up; all else as it was.
    """
    if not use.startswith("dataset.upload_"):
        return recorded, ours
    total = _total(recorded)
    if total is None:
        return [_settled(recorded)], [_settled(ours)]
    shown = {**_settled(recorded[:-1]), "in all": total}
    return [shown], [{**_part_of(_settled(ours), shown), "in all": 3 * _count_posts(ours)}]


def downloads_side_by_side(_: str, recorded: Requests, ours: Requests) -> tuple[Requests, Requests]:
    """Download in parallel, as the issue says; the results are in order all the same."""
    return _gets_sorted(recorded), _gets_sorted(ours)


def no_concepts_when_none_are_named(
    use: str, recorded: Requests, ours: Requests
) -> tuple[Requests, Requests]:
    """List the concepts of an app only to find some: "fewer requests that do nothing".

    These trainings name no concepts, and nothing of the listing is in the request that follows.
    """
    if not use.startswith("model.train."):
        return recorded, ours
    return [one for one in recorded if _name(one) != "ListConcepts"], ours


def concepts_that_are_there(
    use: str, recorded: Requests, ours: Requests
) -> tuple[Requests, Requests]:
    """Look once at the app's concepts before labels are sent, so that none becomes another's.

    The rule `id-<label without blanks>` makes "hot dog" and "hotdog" one concept: clarifai-python
    #354. Ours refuses the second one by name, also where another upload brought the first.
    """
    if not use.startswith("dataset.upload_"):
        return recorded, ours
    return recorded, [one for one in ours if _name(one) != "ListConcepts"]


def renamed_fields(_: str, recorded: Requests, ours: Requests) -> tuple[Requests, Requests]:
    """Read both generations of the wire.

    "newer contracts renamed `PostRunnerItemOutputsRequest.item_id` to `runner_item_id`", and gave
    the status 30000 a second name.
    """
    return recorded, [_renamed(one) for one in ours]


def polls_side_by_side(use: str, recorded: Requests, ours: Requests) -> tuple[Requests, Requests]:
    """Compare what parallel polls led to, not how many more there were than items.

    `"order": "any"`, and cut short: with a recording of 13 requests of which 8 are shown, the sum
    must be right, and each post that is shown must be among ours.
    """
    total = _total(recorded)
    if use != "runner.start.parallel" or total is None:
        return recorded, ours
    kept = [one for one in ours if one in recorded]
    return [total, *_sorted(_distinct(recorded[:-1]))], [len(ours), *_sorted(_distinct(kept))]


def random_ids(_: str, recorded: Requests, ours: Requests) -> tuple[Requests, Requests]:
    """Ids that are made up on the spot count as the same when they stand at the same places."""
    return _numbered(recorded, {}), _numbered(ours, {})


REQUEST_RULES: tuple[Rule, ...] = (
    renamed_fields,
    whole_listings,
    second_look,
    no_check_of_an_empty_job,
    no_concepts_when_none_are_named,
    concepts_that_are_there,
    polls_side_by_side,
    one_check_for_many_batches,
    downloads_side_by_side,
    random_ids,
)


# -- results ---------------------------------------------------------------------------------------

_ACCIDENTS = {
    "AssertionError": "named in the README; defect 26",
    "SchemaError": "named in the README",
    "AttributeError": "the loader's item is no item",
    "BadZipFile": "an exception of the standard library, from inside",
    "FileNotFoundError": "from inside: the folder is missing",
    "UnicodeDecodeError": "from inside: the text is not UTF-8",
}
"""Exceptions of the official SDK that tell of bad input by accident."""

_ACCIDENTAL_VALUE_ERRORS = ("range() arg 3 must not be zero", "Protocol message App has no")
"""What Python and protobuf say in a ValueError of theirs."""

Results = tuple[Any, Any]
ResultRule = Callable[[str, Any, Any], Results]


def user_error_for_an_accident(_: str, recorded: Any, ours: Any) -> Results:
    """Say what was wrong: "a UserError where an accident happened (AssertionError, KeyError...)".

    A ValueError that the official SDK raises itself is no accident: see `written.py`.
    """
    name = recorded.get("raises") if isinstance(recorded, dict) else None
    if name in _ACCIDENTS or (name == "ValueError" and _by_accident(recorded["message"])):
        return {"raises": "UserError"}, _as_class(ours, "UserError")
    return recorded, ours


def same_exception(_: str, recorded: Any, ours: Any) -> Results:
    """Catch what was caught: the class, or one derived from it; the words may be better."""
    name = recorded.get("raises") if isinstance(recorded, dict) else None
    if name and name != "Exception" and "mro" in recorded:
        return {"raises": name}, _as_class(ours, name)
    return recorded, ours


def api_error_for_a_refusal(_: str, recorded: Any, ours: Any) -> Results:
    """Raise a class: "an ApiError (a subclass of Exception) where a bare Exception was raised".

    It must say what the recorded text says: the status, and the platform's id of the request.
    """
    if not isinstance(recorded, dict) or recorded.get("raises") != "Exception":
        return recorded, ours
    status = dict(_STATUS_TEXT.findall(recorded["message"]))
    if "code" not in status:
        return recorded, ours
    said = ours.get("status", {}) if isinstance(ours, dict) else {}
    return (
        {"raises": "ApiError", "status": status},
        {**_as_class(ours, "ApiError"), "status": {key: said.get(key) for key in status}},
    )


def refusal_for_a_page_as_data(use: str, recorded: Any, ours: Any) -> Results:
    """Raise what the server said: defect 18, "Stored 404 pages as data"."""
    if use == "dataset.export.url_404":
        return {"raises": "ApiError"}, _as_class(ours, "ApiError")
    return recorded, ours


def report_for_nothing(_: str, recorded: Any, ours: Any) -> Results:
    """Return what became of the items: "a report where nothing was returned"."""
    if recorded == NOTHING and ours == "<UploadReport>":
        return recorded, NOTHING
    both_lists = isinstance(recorded, list) and isinstance(ours, list) and recorded and ours
    if both_lists and recorded[0] is None and ours[0] == "<UploadReport>":
        return recorded, [None, *ours[1:]]
    return recorded, ours


def attributes_that_were_missing(_: str, recorded: Any, ours: Any) -> Results:
    """Have every attribute on every handle.

    `app_id` and `user_id` raised AttributeError on some: an accident, nothing to rely on.
    """
    if isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        pairs = [
            attributes_that_were_missing("", *pair) for pair in zip(recorded, ours, strict=True)
        ]
        return [one for one, _ in pairs], [other for _, other in pairs]
    if not isinstance(recorded, dict) or not isinstance(ours, dict):
        return recorded, ours
    gone = {key for key, value in recorded.items() if value == "<missing>"}
    kept = {key: value for key, value in ours.items() if key not in gone}
    return {key: value for key, value in recorded.items() if key not in gone}, kept


RESULT_RULES: tuple[ResultRule, ...] = (
    refusal_for_a_page_as_data,
    user_error_for_an_accident,
    same_exception,
    api_error_for_a_refusal,
    report_for_nothing,
    attributes_that_were_missing,
)

_STATUS_TEXT = re.compile(r'(code|description|details|req_id): "?(.*?)"?$', re.MULTILINE)


def _by_accident(message: str) -> bool:
    return message.startswith(_ACCIDENTAL_VALUE_ERRORS)


def _as_class(ours: Any, name: str) -> dict[str, Any]:
    """Describe an exception by the class that it should be, if it is one."""
    if isinstance(ours, dict) and "raises" in ours:
        return {"raises": name if name in ours["mro"] else ours["raises"]}
    return {"raises": f"nothing; it returned {ours!r:.80}"}


# -- how ---------------------------------------------------------------------------------------


def _name(one: Any) -> str:
    return str(one.get("rpc", "")) if isinstance(one, dict) else ""


def _total(requests: Requests) -> int | None:
    found = re.match(r"\.\.\. (\d+) in all", requests[-1]) if _is_cut(requests) else None
    return int(found[1]) if found else None


def _is_cut(requests: Requests) -> bool:
    return bool(requests) and isinstance(requests[-1], str)


def _pages_as_one(requests: Requests, all_size: int | None) -> Requests:
    """Put the pages of a whole listing together; `all_size` is the page size that means "all"."""
    kept: Requests = []
    expected = 1
    for one in requests:
        if _name(one).startswith("List") and one["request"].get("per_page") == all_size:
            asked = {k: v for k, v in one["request"].items() if k not in ("page", "per_page")}
            whole = {"rpc": one["rpc"], "request": asked}
            page = one["request"].get("page", 1)
            if not (page == expected and page > 1 and kept and kept[-1] == whole):
                kept += [whole] if page == 1 else [one]
                page = page if page == 1 else 0
            expected = page + 1
        else:
            kept.append(one)
    return kept


def _count_posts(requests: Requests) -> int:
    return sum(_name(one) == "PostInputs" for one in requests)


def _settled(requests: Requests) -> dict[str, Any]:
    """Return what an upload did, whatever its requests were put together of."""
    jobs: dict[str, list[str]] = {}
    posts: Requests = []
    looked: Counter[str] = Counter()
    polls: Counter[str] = Counter()
    rest: Requests = []
    how: Requests = []
    for one in requests:
        asked = one["request"]
        if one["rpc"] == "PostInputs":
            inputs = sorted(asked["inputs"], key=lambda item: str(item["id"]))
            jobs.setdefault(asked["inputs_add_job_id"], []).extend(item["id"] for item in inputs)
            posts.append({**asked, "inputs": inputs, "inputs_add_job_id": "<job>"})
        elif one["rpc"] == "GetInputsAddJob":
            polls.update(jobs.get(asked["id"], [f"unknown job {asked['id']}"]))
            how.append({"asked in": asked["user_app_id"]})
        elif one["rpc"] == "ListInputs":
            looked.update(asked["ids"])
            how.append({"looked up in": asked["user_app_id"], "status": asked.get("status")})
            how.append({"page holds all": asked["per_page"] == len(asked["ids"])})
        else:
            rest.append(_with_sorted_ids(one))
    return {
        "posts": sorted(posts, key=_first_id),
        "job asked for": dict(polls),
        "looked up": dict(looked),
        "how": _sorted(_distinct(how)),
        "rest": rest,
    }


def _part_of(ours: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """Return the part of what an upload did that a recording shows which was cut short."""
    firsts = {_first_id(post) for post in shown["posts"]}
    part: dict[str, Any] = {"posts": [one for one in ours["posts"] if _first_id(one) in firsts]}
    for name in ("job asked for", "looked up"):
        part[name] = {key: ours[name][key] for key in shown[name] if key in ours[name]}
    return {**part, "how": ours["how"], "rest": ours["rest"]}


def _first_id(post: Any) -> str:
    return str([item["id"] for item in post["inputs"][:1]])


def _with_sorted_ids(one: Any) -> Any:
    ids = one["request"].get("ids")
    return {**one, "request": {**one["request"], "ids": sorted(ids)}} if ids else one


def _gets_sorted(requests: Requests) -> Requests:
    gets = sorted((one for one in requests if _name(one) == "HTTP GET"), key=str)
    return [one for one in requests if _name(one) != "HTTP GET"] + gets


_RENAMED = {"runner_item_id": "item_id", "INPUT_SUCCESS": "INPUT_DOWNLOAD_SUCCESS"}


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {_RENAMED.get(key, key): _renamed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    return _RENAMED.get(value, value) if isinstance(value, str) else value


def _distinct(requests: Requests) -> Requests:
    kept: Requests = []
    for one in requests:
        if one not in kept:
            kept.append(one)
    return kept


def _sorted(requests: Requests) -> Requests:
    return sorted(requests, key=lambda one: json.dumps(one, sort_keys=True))


def _numbered(value: Any, seen: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _numbered(value[key], seen) for key in sorted(value)}
    if isinstance(value, list):
        return [_numbered(one, seen) for one in value]
    if isinstance(value, str) and value not in _FIXED_IDS and _RANDOM_ID.fullmatch(value):
        return seen.setdefault(value, f"<id {len(seen) + 1}>")
    return value
