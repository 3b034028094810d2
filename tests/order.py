"""In which order the files of tests begin, so that no long one is left for the end.

Each file is one process's, from its first test to its last. With the long ones first, the processes
end at about the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

LONGEST = (
    "tests/packaging/test_installation.py",
    "tests/wire/test_replay.py",
    "tests/interop/test_sdk.py",
    "tests/interop/test_public.py",
    "tests/models/test_demo.py",
    "tests/local/test_engine_regions.py",
    "tests/local/fuzz/test_fuzz.py",
    "tests/e2e/test_demo.py",
    "tests/datasets/test_kills.py",
    "tests/local/crash/test_crash.py",
    "tests/docs/test_plugins_page.py",
    "tests/models/test_platform.py",
    "tests/local/test_searches_by_brute_force.py",
    "tests/cli/test_interrupts.py",
    "tests/docs/test_docstrings.py",
    "tests/docs/test_plugins_alone.py",
    "tests/network/test_listings.py",
    "tests/network/test_trouble.py",
    "tests/network/test_soak.py",
    "tests/datasets/test_datumaro.py",
    "tests/datasets/test_dask.py",
    "tests/interop/test_readers.py",
    "tests/interop/test_stubs.py",
    "tests/interop/test_inherited.py",
)
"""Files that take long for the number of their tests, the longest first, as `--durations` tells."""


def longest_first(files: Sequence[str]) -> list[int]:
    """Return in which order to take tests.

    Args:
        files: The file of each test, in the order of collection.

    Returns:
        Their numbers: those of `LONGEST`, then those of the files with most tests. Within a file
        the order stays.
    """
    tests = Counter(files)
    place = {file: number for number, file in enumerate(LONGEST)}

    def key(number: int) -> tuple[int, int, str]:
        file = files[number]
        return place.get(file, len(place)), -tests[file], file

    return sorted(range(len(files)), key=key)
