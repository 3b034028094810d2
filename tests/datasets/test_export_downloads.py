"""The fault matrix of downloads: each input is in the export, or in the report with its reason."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clarifai_core.errors import Unreachable
from clarifai_core.transport.session import session_for
from clarifai_datasets.handle import Dataset
from tests.datasets.archives import concept, hosted, members, text, write_archive
from tests.datasets.fault_site import FaultSite, cut, whole

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        yield made


def pictures(site, count=3):
    site.pages |= {f"/orig/p{n}": [whole(PNG + bytes([n]))] for n in range(count)}
    return [hosted(f"p{n}", site.url, concepts=[concept("x")]) for n in range(count)]


def exported():
    return {name: body for name, body in members("out.zip").items() if "inputs" in name}


def left_over():
    return sorted(p.name for p in Path().iterdir())


WHOLE = PNG + b"\1"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

BREAKS = {
    "cut by FIN": (cut(WHOLE, 5000, "fin"), "ended after 5000 of 10249 bytes"),
    "cut by RST": (cut(WHOLE, 5000, "rst"), "reset|ended after"),
    "no body": (cut(WHOLE, 0, "fin"), "ended after 0 of 10249 bytes"),
    "no answer, FIN": (["fin"], "closed the connection|without|disconnected"),
    "no answer, RST": (["rst"], "reset|closed the connection"),
    "half a head": ([b"HTTP/1.1 200 OK\r\nConte", "fin"], "makes no sense"),
    "no HTTP": ([b"SSH-2.0-x\r\n\r\n", "fin"], "SSH-2.0-x"),
    "half a chunk": ([CHUNKED + b"2000\r\n" + WHOLE[:99], "fin"], "IncompleteRead"),
    "a length that is twice there": (
        whole(WHOLE, "Content-Length: 7"),
        "'Content-Length: 7' makes no sense",
    ),
    "busy": (whole(b"later", status="503 Service Unavailable"), "HTTP 503"),
    "throttled": (whole(b"later", status="429 Too Many Requests"), "HTTP 429"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_is_asked_for_again(site, dataset, name):
    write_archive("in.zip", {"s": pictures(site)})
    answer, _ = BREAKS[name]
    site.pages["/orig/p1"] = [answer, answer, whole(WHOLE)]

    report = dataset.export("out.zip", local_archive_path="in.zip")

    assert (report.exported, report.failed) == (3, [])
    assert exported() == {f"s/inputs/p{n}.png": PNG + bytes([n]) for n in range(3)}
    assert left_over() == ["in.zip", "out.zip"]


@pytest.mark.parametrize("name", BREAKS)
def test_what_stays_broken_is_reported_and_all_else_is_exported(site, dataset, name):
    write_archive("in.zip", {"s": pictures(site)})
    answer, reason = BREAKS[name]
    site.pages["/orig/p1"] = [answer]

    report = dataset.export("out.zip", local_archive_path="in.zip")

    [failed] = report.failed
    assert (failed.id, failed.url, failed.may_heal) == ("p1", f"{site.url}/orig/p1", True)
    assert re.search(reason, failed.reason)
    assert list(exported()) == ["s/inputs/p0.png", "s/inputs/p2.png"]


def test_a_length_that_promises_too_much_ends_at_the_deadline(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    site.pages["/orig/p1"] = [cut(WHOLE, 5000, "wait")]
    hurried = Dataset(base_url=site.url, pat="the-key", timeout_seconds=0.3)

    report = hurried.export("out.zip", local_archive_path="in.zip")

    session_for(hurried.settings).close()
    assert (report.exported, [one.id for one in report.failed]) == (2, ["p1"])
    assert "in time" in report.failed[0].reason


def test_what_comes_behind_an_answer_is_not_taken_for_the_next_one(site, dataset):
    """A length that promises too little: nobody can tell, but the next answer must be its own."""
    write_archive("in.zip", {"s": pictures(site)})
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    site.pages["/orig/p0"] = [[short + PNG[:9] + whole(b"not p1")[0][:60_000]]]

    report = dataset.export("out.zip", local_archive_path="in.zip", num_workers=1)

    assert report.ok
    assert exported()["s/inputs/p1.png"] == PNG + b"\1"


def test_bodies_in_chunks_are_read(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (WHOLE[:7], WHOLE[7:]))
    site.pages["/orig/p1"] = [[CHUNKED + chunks + b"0\r\n\r\n"]]

    assert dataset.export("out.zip", local_archive_path="in.zip", num_workers=1).ok
    assert exported()["s/inputs/p1.png"] == WHOLE
    assert site.connections == 1


def test_a_redirect_to_another_host_does_not_take_the_key_along(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    moved = whole(b"", f"Location: {site.other_url}/elsewhere?signature=s", status="302 Found")
    site.pages |= {"/orig/p1": [moved], "/elsewhere": [whole(WHOLE)]}

    assert dataset.export("out.zip", local_archive_path="in.zip").ok

    assert exported()["s/inputs/p1.png"] == WHOLE
    keys = {path: fields.get("authorization") for path, fields in site.asked}
    assert keys == dict.fromkeys(["/orig/p0", "/orig/p1", "/orig/p2"], "Key the-key") | {
        "/elsewhere": None
    }


def test_a_redirect_to_no_web_address_is_reported(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    site.pages["/orig/p1"] = [whole(b"", "Location: file:///etc/passwd", status="302 Found")]

    [failed] = dataset.export("out.zip", local_archive_path="in.zip").failed

    assert (failed.id, failed.may_heal) == ("p1", False)
    assert "redirected to no http or https URL" in failed.reason


@pytest.mark.parametrize("then", ["fin", "rst"])
def test_an_archive_that_is_cut_comes_whole_or_not_at_all(site, dataset, then):
    content = Path(write_archive("in.zip", {"s": [text(f"t{n}") for n in range(50)]})).read_bytes()
    broken = cut(content, len(content) // 2, then)
    site.pages["/a.zip"] = [broken, broken, whole(content)]
    assert dataset.export("out.zip", archive_url=f"{site.url}/a.zip").exported == 50

    site.pages["/a.zip"] = [broken]
    with pytest.raises(Unreachable, match=r"a\.zip"):
        dataset.export("again.zip", archive_url=f"{site.url}/a.zip")
    assert left_over() == ["in.zip", "out.zip"]


FULL_DISK = """
import json, resource, sys
from clarifai_core.errors import UserError
from clarifai_datasets.handle import Dataset

url, most = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    report = Dataset(base_url=url, pat="k").export("out.zip", local_archive_path="in.zip")
    print(json.dumps(["exported", report.exported]))
except UserError as error:
    print(json.dumps(["refused", str(error)]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of the size of files")
def test_a_full_disk_is_named_and_the_export_goes_on_when_there_is_room(site, dataset):
    write_archive("in.zip", {"s": pictures(site, 30)})
    site.pages |= {f"/orig/p{n}": [whole(PNG + bytes([n]))] for n in range(30)}

    def run(most):
        done = subprocess.run(
            [sys.executable, "-c", FULL_DISK, site.url, str(most)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    what, message = run(200_000)
    assert what == "refused"
    assert "save_path 'out.zip' cannot be written: " in message
    assert "File too large" in message
    assert "the same call goes on from there" in message
    assert not Path("out.zip").exists()
    asked = len(site.asked)

    assert run(10_000_000) == ["exported", 30]
    assert len(site.asked) - asked <= 30 - 15
    assert exported() == {f"s/inputs/p{n}.png": PNG + bytes([n]) for n in range(30)}
    assert left_over() == ["in.zip", "out.zip"]
