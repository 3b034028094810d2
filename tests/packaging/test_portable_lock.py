"""The committed lock pins versions and hashes and names no registry."""

from __future__ import annotations

from pathlib import Path

from tools import portable_lock

LOCK = """\
version = 1

[[package]]
name = "anyio"
version = "4.6.0"
source = { registry = "https://mirror.example.org/root/index" }
sdist = { url = "https://files.example.org/a1/anyio-4.6.0.tar.gz", hash = "sha256:aa", size = 1 }
wheels = [
    { url = "https://files.example.org/b2/anyio-4.6.0-py3-none-any.whl", hash = "sha256:bb" },
]

[[package]]
name = "clarifai-core"
version = "0.1.0"
source = { editable = "packages/core" }
dependencies = [
    { name = "anyio" },
]

[package.metadata]
requires-dist = [{ name = "anyio", specifier = ">=4" }]
"""
PORTABLE = portable_lock.portable(LOCK)


def test_the_committed_lock_holds_no_address():
    text = portable_lock.committed() or portable_lock.portable(
        portable_lock.LOCK.read_text("utf-8")
    )
    assert 'name = "clarifai-core"' in text
    assert portable_lock.addresses(text) == []


def test_the_lock_holds_the_last_contract_with_modules():
    packages = portable_lock._packages(portable_lock.LOCK.read_text("utf-8"))
    assert ("clarifai-grpc", "12.1.1") in packages


def test_every_locked_file_has_a_hash():
    packages = portable_lock._packages(portable_lock.LOCK.read_text("utf-8"))
    for (name, _), package in packages.items():
        if "registry" in package["source"]:
            hashes = portable_lock._hashes(package)
            assert hashes, name
            assert all(digest.startswith("sha256:") for digest in hashes.values()), name


def test_rewriting_keeps_versions_hashes_and_workspace_members():
    assert portable_lock.addresses(PORTABLE) == []
    assert 'source = { registry = "pinned" }' in PORTABLE
    assert '{ path = "anyio-4.6.0-py3-none-any.whl", hash = "sha256:bb" }' in PORTABLE
    assert 'source = { editable = "packages/core" }' in PORTABLE


def test_rewriting_twice_changes_nothing():
    assert portable_lock.portable(PORTABLE) == PORTABLE


def test_the_command_rewrites_the_file(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(portable_lock, "LOCK", tmp_path / "uv.lock")
    portable_lock.LOCK.write_text(LOCK)
    assert portable_lock.main([]) == 0
    assert portable_lock.LOCK.read_text() == PORTABLE


def test_the_check_accepts_addresses_that_uv_filled_into_the_working_copy():
    assert portable_lock.check(LOCK, PORTABLE) == []


def test_the_check_refuses_a_committed_address():
    assert len(portable_lock.check(LOCK, LOCK)) == 3


def test_the_check_refuses_another_version():
    faults = portable_lock.check(LOCK.replace("4.6.0", "4.7.0"), PORTABLE)
    assert faults == ["anyio 4.6.0: only in the commit", "anyio 4.7.0: not in the commit"]


def test_the_check_refuses_another_hash():
    (fault,) = portable_lock.check(LOCK.replace("sha256:bb", "sha256:cc"), PORTABLE)
    assert fault.startswith("anyio-4.6.0-py3-none-any.whl:")


def test_the_check_refuses_requirements_that_were_not_locked():
    (fault,) = portable_lock.check(LOCK.replace(">=4", ">=5"), PORTABLE)
    assert fault == "clarifai-core: its requirements changed after the lock was committed"


def test_the_check_says_when_nothing_is_committed():
    assert portable_lock.check(LOCK, None) == ["uv.lock is not committed yet"]


def test_a_file_published_later_is_no_fault():
    wheel = next(line for line in LOCK.splitlines() if "py3-none-any.whl" in line)
    later = wheel.replace("py3-none", "cp315-none").replace("bb", "dd")
    grown = LOCK.replace(wheel, f"{wheel}\n{later}")
    assert grown != LOCK
    assert portable_lock.check(grown, PORTABLE) == []
