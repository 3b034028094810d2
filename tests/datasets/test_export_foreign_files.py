"""Exports leave alone what they did not make: links, folders, files that came meanwhile."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from clarifai_core.errors import UserError
from clarifai_datasets._export import own_folder
from clarifai_datasets._export.folder_mark import MARK, MARK_CONTENT
from clarifai_datasets._export.own_folder import folder_for
from tests.datasets.archives import hosted, members, text, write_archive
from tests.datasets.conftest import png
from tests.datasets.fault_site import FaultSite, whole

FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9


@pytest.fixture
def home(tmp_path):
    """Somebody's folder, with names that a draft has too; whatever happens, it stays so."""
    made = tmp_path / "home"
    for name in ("scratch", "draft", "train"):
        (made / name).mkdir(parents=True)
        (made / name / "thesis.txt").write_text("precious")
    for name in ("index", "media", "state.json", "lock", "archive.zip", "state.json-new"):
        (made / name).write_text("precious")
    before = snapshot(made)
    yield made
    assert snapshot(made) == before


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        yield made


def snapshot(folder):
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else None, path.stat())
        for path in sorted(folder.rglob("*"))
    }


def archive():
    return write_archive("in.zip", {"s": [text("a", raw="one"), text("b", raw="two")]})


def marked(path, **files):
    """A folder as an export makes it."""
    folder = Path(path)
    folder.mkdir(mode=0o700)
    (folder / MARK).write_bytes(MARK_CONTENT)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def tree():
    """What is where, with where links lead to."""
    return sorted(
        f"{path} -> {path.readlink()}" if path.is_symlink() else str(path)
        for path in Path().rglob("*")
    )


@pytest.fixture(params=[True, False], ids=["by folder", "by path"])
def by_folder(request, monkeypatch):
    """Where the system knows files by their open folder, and where it does not, as on Windows."""
    monkeypatch.setattr(own_folder, "_BY_FOLDER", request.param)
    return request.param


IN_THE_WAY = {
    "a link to a folder": lambda path, home: path.symlink_to(home),
    "a link to a file": lambda path, home: path.symlink_to(home / "index"),
    "a link to nowhere": lambda path, home: path.symlink_to(home / "nothing"),
    "a link to a draft": lambda path, home: path.symlink_to(marked("elsewhere").absolute()),
    "an empty folder": lambda path, home: path.mkdir(),
    "a folder": lambda path, home: (path.mkdir(), (path / "mine.txt").write_text("mine")),
    "a draft without its mark": lambda path, home: (path.mkdir(), (path / "lock").touch()),
    "another mark": lambda path, home: (path.mkdir(), (path / MARK).write_text("mine")),
    "a link as its mark": lambda path, home: (
        marked("elsewhere"),
        path.mkdir(),
        (path / MARK).symlink_to(Path("elsewhere", MARK).absolute()),
    ),
    "a file": lambda path, home: path.write_text("mine"),
    "a pipe": lambda path, home: os.mkfifo(path),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
@pytest.mark.parametrize(("target", "format_name"), [("out.zip", "clarifai"), ("out", "csv")])
def test_what_is_in_the_place_of_the_draft_is_left(
    dataset, home, by_folder, what, target, format_name
):
    source = archive()
    IN_THE_WAY[what](Path(f".{target}.partial"), home)
    before = tree()

    with pytest.raises(UserError, match=rf"{target}\.partial' is in the way") as refused:
        dataset.export(target, local_archive_path=source, format=format_name)

    assert "Move it away, or name another save_path." in str(refused.value)
    assert "\n" not in str(refused.value)
    assert tree() == before


@pytest.mark.parametrize(
    "name", ["lock", "draft", "index", "media", "state.json", "archive.zip", "scratch"]
)
@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "hard link", "pipe"])
def test_links_in_a_draft_are_not_followed(dataset, home, by_folder, name, kind):
    source = archive()
    place = marked(".out.zip.partial") / name
    match kind:
        case "link to a file":
            place.symlink_to(home / "index")
        case "link to a folder":
            place.symlink_to(home)
        case "hard link":
            other = Path("other.txt")
            other.write_text("precious")
            place.hardlink_to(other)
        case "pipe":
            os.mkfifo(place)

    with pytest.raises(UserError, match=f"'{name}' in it is no file that an export made"):
        dataset.export("out.zip", local_archive_path=source)

    assert os.path.lexists(place)
    if kind == "hard link":
        assert other.read_text() == "precious"


def stopped_folder(site, path="out"):
    """An export into a folder that was killed while it waited for its last input."""
    inputs = [hosted(f"p{n}", site.url) for n in range(4)]
    site.pages = {f"/orig/p{n}": [whole(png(n))] for n in range(4)}
    write_archive("in.zip", {"train": inputs})
    site.pages["/orig/p3"] = [["wait"]]
    code = (
        "from clarifai_datasets.handle import Dataset\n"
        "from clarifai_datasets._export import index\n"
        "index.MAX_HELD_INPUTS = 1\n"
        f"Dataset(base_url={site.url!r}, pat='k').export({path!r}, local_archive_path='in.zip',"
        " format='jsonl', num_workers=1)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    index = Path(f".{path}.partial/index")
    while not (site.times("/orig/p3") and index.exists() and index.read_text().count("\n") == 3):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait(60)
    site.pages["/orig/p3"] = [whole(png(3))]


def test_links_within_a_folder_that_grows_are_not_followed(site, dataset, home):
    stopped_folder(site)
    inner = Path(".out.partial/draft/inputs")
    inner.rename("moved")
    inner.symlink_to(home)

    with pytest.raises(UserError, match="'inputs' in it is no file that an export made"):
        dataset.export("out", local_archive_path="in.zip", format="jsonl")

    inner.unlink()
    Path("moved").rename(inner)
    assert dataset.export("out", local_archive_path="in.zip", format="jsonl").exported == 4


def test_files_that_others_put_into_a_draft_stay(site, dataset, home):
    stopped_folder(site)
    (Path(".out.partial") / "mine.txt").write_text("mine")

    report = dataset.export("out", local_archive_path="in.zip", format="jsonl")

    assert report.exported == 4
    assert sorted(path.name for path in Path(".out.partial").iterdir()) == [
        "lock",
        MARK,
        "mine.txt",
    ]
    assert Path(".out.partial/mine.txt").read_text() == "mine"
    again = dataset.export("other", local_archive_path="in.zip", format="jsonl")
    assert again.exported == 4


def test_a_draft_that_is_replaced_by_a_link_meanwhile_is_not_followed(site, dataset, home):
    def swap():
        Path(".out.zip.partial").rename("moved")
        Path(".out.zip.partial").symlink_to(home)
        return whole(png(1))

    class Page(list):
        def __getitem__(self, index):
            return swap()

    site.pages = {"/orig/a": Page([None]), "/orig/b": [whole(png(2))]}
    write_archive("in.zip", {"s": [hosted(one, site.url) for one in "ab"]})

    with pytest.raises(UserError, match="moved, deleted or replaced by another program"):
        dataset.export("out.zip", local_archive_path="in.zip", num_workers=1)

    assert Path(".out.zip.partial").is_symlink()
    assert not Path("out.zip").exists()


@pytest.mark.parametrize("made", ["a file", "a zip", "a link", "a folder"])
def test_what_comes_in_the_place_of_the_target_meanwhile_stays(site, dataset, home, made):
    content = []

    def appear():
        if made == "a file":
            Path("out.zip").write_text("mine")
        elif made == "a zip":
            write_archive("out.zip", {"s": [text("mine", raw="mine")]})
        elif made == "a link":
            Path("out.zip").symlink_to(home / "index")
        else:
            Path("out.zip").mkdir()
        if Path("out.zip").is_file():
            content.append(Path("out.zip").read_bytes())
        return whole(png(1))

    class Page(list):
        def __getitem__(self, index):
            return appear()

    site.pages = {"/orig/a": Page([None])}
    write_archive("in.zip", {"s": [hosted("a", site.url)]})

    with pytest.raises(UserError, match="made or changed by another program while the export ran"):
        dataset.export("out.zip", local_archive_path="in.zip")

    there = Path("out.zip")
    if there.is_symlink():
        there.unlink()
    elif there.is_dir():
        there.rmdir()
    else:
        assert there.read_bytes() == content[0]
        there.unlink()
    site.asked.clear()
    assert dataset.export("out.zip", local_archive_path="in.zip").exported == 1
    assert site.times("/orig/a") == 0  # what came was kept


@pytest.mark.parametrize(
    ("leads_to", "target"), [("nothing", "out.zip"), ("index", "out.zip"), ("empty", "out")]
)
def test_a_target_that_is_a_link_is_refused(dataset, home, tmp_path, leads_to, target):
    source = archive()
    (tmp_path / "empty").mkdir()
    Path(target).symlink_to(tmp_path / "empty" if leads_to == "empty" else home / leads_to)
    before = tree()

    with pytest.raises(UserError, match=rf"save_path '{target}' is a link"):
        dataset.export(target, local_archive_path=source, format="csv")

    assert tree() == before


@pytest.mark.parametrize("target", ["/dev/null", "pipe.zip", "full", "x" * 300 + ".zip", "..", "."])
def test_other_targets_are_refused(dataset, home, target):
    source = archive()
    os.mkfifo("pipe.zip")
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    before = tree()

    with pytest.raises(UserError, match="save_path"):
        dataset.export(target, local_archive_path=source)
    with pytest.raises(UserError, match="save_path"):
        dataset.export(target, local_archive_path=source, format="jsonl")

    assert tree() == before
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_is_no_archive(dataset):
    os.mkfifo("in.zip")
    with pytest.raises(UserError, match=r"local_archive_path 'in\.zip' is no file"):
        dataset.export("out.zip", local_archive_path="in.zip")


def test_the_longest_names_have_drafts(dataset):
    source = archive()
    for name in ("x" * 251 + ".zip", "é" * 125 + ".zip", "\U0001f600" * 62 + ".zip"):
        assert dataset.export(name, local_archive_path=source).exported == 2
        assert set(members(name)) == {"s/inputs/a.txt", "s/inputs/b.txt"}
        assert len(os.fsencode(folder_for(Path(name)).name)) <= 255


def test_a_draft_is_its_owners_and_the_export_is_ordinary(site, dataset):
    modes = {}

    class Page(list):
        def __getitem__(self, index):
            for path in (Path(".out.partial"), *Path(".out.partial").iterdir()):
                modes[path.name] = stat.S_IMODE(path.stat().st_mode)
            return whole(FILM)

    site.pages = {"/orig/a": Page([None])}
    write_archive("in.zip", {"s": [hosted("a", site.url, kind="video"), text("b", raw="x")]})
    before = os.umask(0)
    try:
        os.umask(0o022)
        dataset.export("out", local_archive_path="in.zip", format="jsonl")
    finally:
        os.umask(before)

    assert modes[".out.partial"] == 0o700
    assert {modes[name] for name in (MARK, "lock", "state.json", "index", "media")} == {0o600}
    assert stat.S_IMODE(Path("out").stat().st_mode) == 0o755
    files = [path for path in Path("out").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o644}
    assert len(files) == 2


def test_a_draft_that_others_may_read_is_closed_to_them(dataset):
    source = archive()
    marked(".out.zip.partial").chmod(0o777)
    seen = []

    def looked(self, *_):
        seen.append(stat.S_IMODE(Path(".out.zip.partial").stat().st_mode))
        return original(self, *_)

    from clarifai_datasets._export.partial import ExportDraft

    with pytest.MonkeyPatch.context() as patch:
        original = ExportDraft.open
        patch.setattr(ExportDraft, "open", looked)
        assert dataset.export("out.zip", local_archive_path=source).exported == 2
    assert seen == [0o700]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_a_draft_of_another_user_is_refused(dataset):
    source = archive()
    os.chown(marked(".out.zip.partial"), 4711, 4711)
    with pytest.raises(UserError, match="an export of another user made it"):
        dataset.export("out.zip", local_archive_path=source)


def test_what_a_kill_left_of_making_and_deleting_the_folder_goes(dataset, home):
    source = archive()
    marked(f".out.zip.partial.{'0' * 16}")
    marked(f".out.zip.partial.{'1' * 16}", lock=b"")
    Path(f".out.zip.partial.{'2' * 16}").mkdir()
    # These were not:
    marked(f".out.zip.partial.{'3' * 16}", mine=b"mine")
    Path(f".out.zip.partial.{'4' * 16}").symlink_to(home)
    marked(f".other.zip.partial.{'5' * 16}")
    Path(".out.zip.partial.notes").mkdir()

    assert dataset.export("out.zip", local_archive_path=source).exported == 2

    left = sorted(path.name for path in Path().iterdir() if path.name.startswith("."))
    assert left == [
        f".other.zip.partial.{'5' * 16}",
        f".out.zip.partial.{'3' * 16}",
        f".out.zip.partial.{'4' * 16}",
        ".out.zip.partial.notes",
    ]


KILLS = """
# What an export does with files, without what it does with inputs.
import os, signal, sys
from clarifai_datasets._export import own_folder
from clarifai_datasets._export.partial import open_draft
from clarifai_datasets._export.options import checked

call, by_folder = sys.argv[1:]
own_folder._BY_FOLDER &= by_folder == "True"
real = getattr(os, call)


def export(calls):
    def counted(*arguments, **options):
        nonlocal calls
        if ".partial" in str(arguments) or "dir_fd" in str(options):
            calls -= 1
            if calls < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    child = os.fork()
    if child == 0:
        setattr(os, call, counted)
        with open_draft(checked("out.zip", "", "in.zip", "", 1)) as draft:
            draft.claim(["in.zip"], is_moment=False)
            with draft.open([]) as target:
                target.add("a.txt", b"hello")
                (draft.scratch / "b").write_bytes(b"hello")
                target.add("b.txt", draft.scratch / "b")
            draft.arrive()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


for count in range(100):
    ended = export(count)
    if ended == 0 or count % 3 == 0:  # else the next one finds what is left
        assert export(10_000) == 0
        assert sorted(os.listdir()) == ["in.zip", "out.zip"], os.listdir()
    if ended == 0:
        break
    assert ended == -signal.SIGKILL, ended
print(count)
"""


@pytest.mark.parametrize("call", ["mkdir", "chmod", "open", "rename", "replace", "unlink", "rmdir"])
@pytest.mark.parametrize("by_folder", [True, False])
def test_a_kill_at_any_call_leaves_nothing_for_ever(call, by_folder, dataset):
    """Each time one call later, until the export comes to its end."""
    archive()
    command = [sys.executable, "-c", KILLS, call, str(by_folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < 99 or (call, by_folder) == ("replace", True)
