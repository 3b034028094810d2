"""What notebooks alone show: bars, tracebacks, and what `show` displays."""

from __future__ import annotations

import re

BEGIN = """
import warnings
import clarifai
from clarifai.client import User
app = User("me", base_url="local:").create_app("zoo")
"""


def plain(output) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))


def test_show_displays_in_loops(cells):
    (*_, shown) = cells(BEGIN, "for one in (app, app):\n    clarifai.show(one)")
    assert [one.output_type for one in shown] == ["display_data", "display_data"]
    assert all('class="clarifai"' in one.data["text/html"] for one in shown)
    assert all("zoo" in one.data["text/plain"] for one in shown)


def test_a_traceback_ends_at_the_users_line_unless_all_is_asked_for(cells):
    refused = "def mine():\n    return app.dataset('none')\n\nmine()"
    debug = "import os\nos.environ['CLARIFAI_DEBUG'] = '1'"
    _, (short,), _, (whole,) = cells(BEGIN, refused, debug, refused)
    assert short.ename == whole.ename == "NotFound"
    assert "mine()" in plain(short)
    assert "return app.dataset('none')" in plain(short)
    assert "clarifai_core" not in plain(short)
    assert "does not exist" in plain(short)
    assert "clarifai_core" in plain(whole)
    assert "CLARIFAI_DEBUG" not in plain(whole)


def test_bars_are_drawn_by_the_notebook(cells):
    (*_, shown) = cells(
        BEGIN,
        "app.create_dataset('d').upload_dataset([{'text': 'a', 'labels': ['x']}], progress=True)\n"
        "None",
    )
    assert any("application/vnd.jupyter.widget-view+json" in one.get("data", {}) for one in shown)


def test_without_the_library_that_draws_them_bars_are_text(cells):
    (*_, shown) = cells(
        BEGIN,
        "import sys\nsys.modules['ipywidgets'] = None",
        "app.create_dataset('d').upload_dataset([{'text': 'a', 'labels': ['x']}], progress=True)\n"
        "None",
    )
    text = "".join(one.text for one in shown if one.output_type == "stream")
    assert "Uploading: 100%" in text


def test_a_platform_that_is_away_is_a_line_and_no_error(cells):
    (*_, shown) = cells(
        "from clarifai.client import User\n"
        "user = User('me', base_url='http://127.0.0.1:9', pat='x', timeout_seconds=1)",
        "user.list_apps()",
    )
    (output,) = shown
    assert "its items could not be had" in output.data["text/html"]
