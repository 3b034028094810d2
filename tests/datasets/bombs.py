"""Opens sources under a limit of memory and time: `python -m tests.datasets.bombs MIB SECONDS`.

Reads lines of JSON, `[name, source, loader, options]`, and prints for each `[name, outcomes, MiB]`:
what each of its first items is (`region`: one without some of its regions), or the error of the
source, and the most memory there was so far.
Anything else than an item, a `BrokenItem` or an error of ours is printed as `RAW`.
"""

from __future__ import annotations

import itertools
import json
import resource
import signal
import sys

from benchmarks.contestants.driver import peak_kib
from clarifai_core.errors import ClarifaiError
from clarifai_datasets.upload.encode import EncodedItem, ItemRules, encode
from clarifai_datasets.upload.loader import BrokenItem, items, open_loader, prepare

MOST_ITEMS = 40
"""Items of a source that are looked at."""


def outcomes(source, loader, options):
    """Yield what the items of a source come to."""
    made = open_loader(source, loader, **options)
    prepare(made)
    rules = ItemRules("d", made.task)
    for index, one in itertools.islice(items(made), MOST_ITEMS):
        if isinstance(one, BrokenItem):
            yield f"BrokenItem: {one.reason}"
            continue
        encoded = encode(one, index, rules)
        if not isinstance(encoded, EncodedItem):
            yield f"fault: {encoded.reason}"
            continue
        left_out = getattr(made, "left_out", {}).get(index) or encoded.fitting.left_out
        yield f"region: {left_out}" if left_out else "item"


def look(source, loader, options, seconds):
    """Return what a source comes to."""
    signal.alarm(seconds)
    try:
        return list(outcomes(source, loader, options))
    except ClarifaiError as error:
        return [f"{type(error).__name__}: {error}"]
    except BaseException as error:  # noqa: BLE001  why: this is what is looked for
        return [f"RAW {type(error).__name__}: {error}"]
    finally:
        signal.alarm(0)


def late(*_):
    raise TimeoutError("not done in time")


def main():
    signal.signal(signal.SIGALRM, late)
    mib, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (mib << 20,) * 2)
    for line in sys.stdin:
        name, source, loader, options = json.loads(line)
        found = look(source, loader, options, seconds)
        peak = peak_kib() // 1024
        sys.stdout.write(json.dumps([name, found, peak]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
