"""Our own views, held to what those of others are held to."""

from __future__ import annotations

from clarifai_testing import ViewContract


class TestHtml(ViewContract):
    plugin = "clarifai_views.plugin"
    name = "html"


class TestText(ViewContract):
    plugin = "clarifai_views.plugin"
    name = "text"


class TestPandas(ViewContract):
    plugin = "clarifai_views.plugin"
    name = "pandas"
