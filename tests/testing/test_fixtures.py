"""The fixtures for tests of plugins: parts of the one platform, by short names."""

from __future__ import annotations

import subprocess
import sys

from clarifai_resources.user import User


def test_they_are_parts_of_the_platform(platform, faults, clock, recorder, clarifai_platform):
    assert platform is clarifai_platform
    assert (faults, recorder) == (platform.faults, platform.recorder)
    before = clock.now_us()
    clock.advance(3600)
    assert clock.now_us() >= before + 3600 * 1_000_000


def test_they_see_what_a_program_does(faults, recorder):
    faults.on("ListApps", times=1).throttled()
    assert User("me").list_apps().all() == []
    assert recorder.count("ListApps") == 2


def test_loading_the_plugin_loads_nothing_heavy():
    code = (
        "import sys, pytest, clarifai_testing.pytest_plugin\n"
        "print(*[m for m in ('grpc', 'google.protobuf', 'numpy', 'attrs', 'clarifai_local',"
        " 'clarifai_testing._loaders') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_importing_the_package_imports_no_contract():
    code = (
        "import sys, clarifai_testing\n"
        "print(*[m for m in sys.modules if m.startswith('clarifai_testing.') or m == 'pytest'])\n"
        "print(clarifai_testing.LoaderContract.hook)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "clarifai_register_loaders"]
