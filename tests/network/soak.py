"""A soak: everything at once, over a network that breaks, to a platform that stumbles.

    python -m tests.network.soak --seconds 600 --rtt-milliseconds 150

A platform in a process of its own, with faults switched on, at the end of a line with latency that
is reset, goes down, loses, and falls silent. Uploads, listings, searches, predictions, creations
and downloads go on in threads, each call with a deadline. In the end what the platform has is
counted on a line without faults: nothing is lost, nothing is there twice, no call took longer than
its deadline, and memory and descriptors of the client are flat.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from clarifai.client.app import App
from clarifai.client.model import Model
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.errors import AlreadyExists, ClarifaiError
from clarifai_core.transport.session import close_sessions, session_for
from clarifai_local import Platform
from tests.network.proxy import TcpProxy

ROOT = Path(__file__).parents[2]
APP, STABLE = "soak", "stable"
STABLE_INPUTS = 300
ROWS = 200
DEADLINE_SECONDS = 20.0
SLACK_SECONDS = 1.0
"""What a call may be late: threads share two cores with the platform."""

MODEL = "https://clarifai.com/clarifai/main/models/general-image-recognition"


@attrs.define
class Figures:
    """What happened."""

    seconds: float = 0.0
    done: Counter[str] = attrs.field(factory=Counter)
    failed: Counter[str] = attrs.field(factory=Counter)
    """Calls that ended with an error of the SDK, in time."""
    wrong: list[str] = attrs.field(factory=list)
    """Answers that are not right, errors that are none of ours, and what was late."""
    troubles: Counter[str] = attrs.field(factory=Counter)
    lost: int = 0
    doubled: int = 0
    rss_mebibytes: list[float] = attrs.field(factory=list)
    descriptors: list[int] = attrs.field(factory=list)

    @property
    def fine(self) -> bool:
        """Whether nothing is lost, doubled, wrong or late, and nothing grows."""
        return not (self.wrong or self.lost or self.doubled or self.grows)

    @property
    def grows(self) -> str:
        """Say what grew from the second quarter of the time to the last one."""
        quarter = len(self.rss_mebibytes) // 4
        if quarter < 2:
            return ""
        grown = _median(self.rss_mebibytes[-quarter:]) - _median(
            self.rss_mebibytes[quarter : 2 * quarter]
        )
        more = _median(self.descriptors[-quarter:]) - _median(
            self.descriptors[quarter : 2 * quarter]
        )
        return f"{grown:.1f} MiB, {more:.0f} descriptors" if grown > 20 or more > 8 else ""


def _median(values: list[Any]) -> float:
    return float(sorted(values)[len(values) // 2])


class Soak:
    """One run.

    Args:
        base_url: The platform, through the network.
        near_url: The platform itself.
        pat: Its key.
        folder: For files.
        proxy: The network.
        seed: Of the dice.
    """

    def __init__(
        self, base_url: str, near_url: str, pat: str, folder: Path, proxy: TcpProxy, seed: int
    ) -> None:
        self.far: dict[str, Any] = {
            "base_url": base_url,
            "pat": pat,
            "timeout_seconds": DEADLINE_SECONDS,
        }
        self.near: dict[str, Any] = {"base_url": near_url, "pat": pat}
        self.folder, self.proxy, self.seed = folder, proxy, seed
        self.figures = Figures()
        self.over = threading.Event()
        self.rows = Counter[str]()
        """Rows that were uploaded to the end, by file."""
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the apps, without faults."""
        user = User("me", **self.near)
        user.create_app(APP).create_dataset("d")
        stable = user.create_app(STABLE).create_dataset("d")
        path = self._csv("stable", STABLE_INPUTS)
        assert stable.upload_from_csv(path, csv_type="raw", labels=True).uploaded == STABLE_INPUTS

    def run(self, seconds: float) -> Figures:
        """Do everything at once for so long, and count."""
        began = time.monotonic()
        works = [self._upload, self._upload, self._list, self._search, self._predict, self._create]
        works += [self._download, self._trouble, self._watch]
        threads = [
            threading.Thread(target=self._repeat, args=(work, number))
            for number, work in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        self.over.wait(seconds)
        self.over.set()
        self.proxy.silent = frozenset()
        for thread in threads:
            thread.join(120)
            if thread.is_alive():
                self._wrong(f"{thread.name} did not end")
        self.figures.seconds = time.monotonic() - began
        self._count()
        return self.figures

    def _repeat(self, work: Callable[[random.Random], None], number: int) -> None:
        dice = random.Random(self.seed * 100 + number)
        while not self.over.is_set():
            try:
                work(dice)
            except Exception as error:  # noqa: BLE001  why: whatever it is, it is a finding
                self._wrong(f"{work.__name__}: {type(error).__name__}: {error}")

    def _timed(self, what: str, call: Callable[[], Any], *also_fine: type[ClarifaiError]) -> Any:
        """Do one call; returns None when it failed as calls may."""
        began = time.monotonic()
        found = None
        try:
            found = call()
            with self._lock:
                self.figures.done[what] += 1
        except ClarifaiError as error:
            with self._lock:
                self.figures.failed[f"{what}: {type(error).__name__}"] += 1
            found = error if isinstance(error, also_fine) else None
        late = time.monotonic() - began - DEADLINE_SECONDS
        if late > SLACK_SECONDS:
            self._wrong(f"{what} was {late:.1f} s late")
        return found

    def _wrong(self, text: str) -> None:
        with self._lock:
            self.figures.wrong.append(text[:300])

    def _upload(self, dice: random.Random) -> None:
        name = f"{dice.getrandbits(64):016x}"
        path = self._csv(name, ROWS)
        dataset = App(app_id=APP, user_id="me", **self.far).dataset("d")
        with self._lock:
            self.rows[name] = 0
        while True:
            # An upload is many calls: each of them has the deadline, and it ends by the journal.
            try:
                report = dataset.upload_from_csv(path, csv_type="raw", labels=True)
                if not report.failed and not report.unconfirmed:
                    break
                self.figures.failed["upload: not whole"] += 1
            except ClarifaiError as error:
                self.figures.failed[f"upload: {type(error).__name__}"] += 1
        with self._lock:
            self.figures.done["upload"] += 1
            self.rows[name] = ROWS

    def _list(self, dice: random.Random) -> None:
        inputs = App(app_id=STABLE, user_id="me", **self.far).inputs()
        found = self._timed("list", lambda: {one.id for one in inputs.list_inputs()})
        if found is not None and len(found) != STABLE_INPUTS:
            self._wrong(f"list: {len(found)} of {STABLE_INPUTS}")

    def _search(self, dice: random.Random) -> None:
        search = Search(user_id="me", app_id=STABLE, top_k=5, metric="cosine", **self.far)
        word = f"text number {dice.randrange(STABLE_INPUTS)}"
        ranks = [{"text_raw": word}]
        found = self._timed("search", lambda: [page.hits for page in search.query(ranks=ranks)])
        hits = sum(map(len, found)) if found else 5
        if hits != 5:
            self._wrong(f"search: {hits} of 5 hits")

    def _predict(self, dice: random.Random) -> None:
        model = Model(url=MODEL, **self.far)
        picture = _picture(dice)
        found = self._timed("predict", lambda: model.predict_by_bytes(picture, "image").outputs)
        if found is not None and (len(found) != 1 or not found[0].data.concepts):
            self._wrong(f"predict: {len(found)} outputs")

    def _create(self, dice: random.Random) -> None:
        user, name = User("me", **self.far), f"app{dice.getrandbits(48):x}"
        # A creation whose answer is lost may have taken place; who asks again then hears so.
        if self._timed("create", lambda: user.create_app(name), AlreadyExists):
            self._timed("delete", lambda: user.delete_app(name))

    def _download(self, dice: random.Random) -> None:
        near = App(app_id=STABLE, user_id="me", **self.near).inputs()
        one = next(iter(near.list_inputs(input_type="text")))
        url = one.data.text.url.replace(str(self.near["base_url"]), str(self.far["base_url"]))
        session = session_for(User("me", **self.far).settings)
        for _ in range(20):
            found = self._timed("download", lambda: session.downloads.read(url, max_bytes=1000))
            if found is not None and not found.startswith(b"text number"):
                self._wrong(f"download: {found[:50]!r}")
            if self.over.is_set():
                return

    def _trouble(self, dice: random.Random) -> None:
        """Let the network be itself for a while, and then not."""
        self.over.wait(dice.uniform(0.5, 3.0))
        kind = dice.choice(["reset", "down", "loss", "silent", "slow", "handshake"])
        self.figures.troubles[kind] += 1
        proxy, seconds = self.proxy, dice.uniform(0.2, 3.0)
        if kind == "reset":
            proxy.reset_all()
        elif kind == "down":
            proxy.go_down()
            self.over.wait(seconds)
            proxy.come_back()
        elif kind == "silent":
            proxy.silent = frozenset(dice.choice([{"up"}, {"down"}, {"up", "down"}]))
            self.over.wait(seconds)
            proxy.silent = frozenset()
            proxy.reset_all()  # what was swallowed never comes: a real line ends here, too
        else:
            name, value = {
                "loss": ("loss", 0.1),
                "slow": ("bytes_per_second", 50_000),
                "handshake": ("on_connect", "reset"),
            }[kind]
            usual = getattr(proxy, name)
            setattr(proxy, name, value)
            proxy.reset_all()
            self.over.wait(seconds)
            setattr(proxy, name, usual)

    def _watch(self, dice: random.Random) -> None:
        self.over.wait(2.0)
        with Path("/proc/self/statm").open() as file:
            pages = int(file.read().split()[1])
        self.figures.rss_mebibytes.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
        self.figures.descriptors.append(sum(1 for _ in Path("/proc/self/fd").iterdir()))

    def _count(self) -> None:
        """Compare what the platform has with what was uploaded, on a line without faults."""
        app = App(app_id=APP, user_id="me", **self.near)
        total = sum(1 for _ in app.inputs().list_inputs())
        complete, begun = sum(self.rows.values()), len(self.rows) * ROWS
        self.figures.lost = max(0, complete - total)
        self.figures.doubled = max(0, total - begun)

    def _csv(self, name: str, rows: int) -> str:
        path = self.folder / f"{name}.csv"
        lines = [f"text number {n} of {name},{('good', 'bad')[n % 2]}" for n in range(rows)]
        path.write_text("\n".join(["input,labels", *lines, ""]))
        return str(path)


def _picture(dice: random.Random) -> bytes:
    """Return a small PNG of one colour."""
    import io

    import PIL.Image

    file = io.BytesIO()
    colour = tuple(dice.randrange(256) for _ in range(3))
    PIL.Image.new("RGB", (16, 16), colour).save(file, "PNG")
    return file.getvalue()


def soak(seconds: float, *, rtt_seconds: float, seed: int) -> Figures:
    """Do it and return what happened."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["CLARIFAI_STATE_DIR"] = str(folder / "state")
        command = [sys.executable, "-m", "tests.network.soak", "server", str(folder / "platform")]
        server = subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port, pat = server.stdout.readline().split()
            with TcpProxy(("127.0.0.1", int(port)), seed=seed) as proxy:
                urls = [f"http://127.0.0.1:{number}" for number in (proxy.port, port)]
                run = Soak(urls[0], urls[1], pat, folder, proxy, seed)
                run.prepare()
                server.stdin.write("faults\n")
                server.stdin.flush()
                proxy.rtt_seconds = rtt_seconds
                figures = run.run(seconds)
                close_sessions()
        finally:
            server.communicate("end\n", timeout=60)
    return figures


def _serve(folder: str) -> None:
    """Serve; a first line on stdin switches the faults on, a second one off, and ends it."""
    with Platform(folder) as platform, platform.serve() as server:
        print(server.port, server.pat, flush=True)  # noqa: T201
        if sys.stdin.readline().startswith("faults"):
            faults = platform.faults
            faults.on("*", probability=0.01, seed=1).unavailable()
            faults.on("*", probability=0.01, seed=2).unavailable(after_effect=True)
            faults.on("Post*", probability=0.02, seed=3).throttled()
            faults.on("PostInputs", probability=0.1, seed=4).refuse_items(every=10)
            faults.on("*", probability=0.02, seed=5).latency(0.3)
            faults.on_http("/media/*", probability=0.02, seed=6).truncated()
            sys.stdin.readline()
            faults.clear()


def main() -> None:
    """Run the command."""
    if sys.argv[1:2] == ["server"]:
        _serve(sys.argv[2])
        return
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rtt-milliseconds", type=float, default=150.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    figures = soak(asked.seconds, rtt_seconds=asked.rtt_milliseconds / 1000, seed=asked.seed)
    for field in attrs.fields(Figures):
        value = getattr(figures, field.name)
        if isinstance(value, list) and field.name != "wrong":
            value = f"{value[0]} .. {value[-1]}" if value else ""
        print(f"{field.name:<14} {value}")  # noqa: T201
    print("grows         ", figures.grows or "no")  # noqa: T201
    sys.exit(0 if figures.fine else 1)


if __name__ == "__main__":
    main()
