"""The figures of a runner as text for Prometheus, written by its own library.

The library comes with the extra `metrics`; a runner without `metrics_port` does without it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clarifai_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from prometheus_client.metrics_core import Metric

    from clarifai_runner._metrics import Metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The format that `text_of` writes, for the header of an answer."""

_PREFIX = "clarifai_runner_"
_LABELS = ("runner",)
_WHOLE = re.compile(r"(?<=\d)\.0$", re.MULTILINE)
_BOUND_FIRST = re.compile(r'\{le="([^"]*)",(.*)\} ')


def library() -> ModuleType:
    """Return Prometheus's library.

    Raises:
        PluginError: It is not installed.
    """
    try:
        import prometheus_client
    except ImportError as error:
        raise PluginError(
            "Figures for Prometheus (metrics_port) need the package prometheus-client: "
            'pip install "clarifai-runner[metrics]".'
        ) from error
    return prometheus_client


def text_of(metrics: Metrics, counters: Mapping[str, str], runner_id: str) -> str:
    """Return the figures as Prometheus reads them.

    Args:
        metrics: The figures.
        counters: Name and meaning of those that only grow.
        runner_id: The label `runner` of every one.

    Raises:
        PluginError: The library is not installed.
    """
    registry = library().CollectorRegistry()
    registry.register(_Figures(metrics, counters, runner_id))
    text: str = library().generate_latest(registry).decode()
    # Means the same to Prometheus, but scripts read the page with grep: counts as whole numbers,
    # and the runner's label first.
    return _WHOLE.sub("", _BOUND_FIRST.sub(r'{\2,le="\1"} ', text))


class _Figures:
    """What a registry asks for the figures of the moment."""

    def __init__(self, metrics: Metrics, counters: Mapping[str, str], runner_id: str) -> None:
        self._metrics = metrics
        self._counters = counters
        self._labels = (runner_id,)

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        metrics = self._metrics
        figures = metrics.snapshot()
        for name, text in self._counters.items():
            counter = CounterMetricFamily(f"{_PREFIX}{name}", text, labels=_LABELS)
            counter.add_metric(self._labels, figures[name])
            yield counter
        for name, text, value in (
            ("in_hand", "Items received and not answered yet.", metrics.in_hand),
            ("queue_age_seconds", "Age of the oldest item in hand.", metrics.queue_age_seconds),
            ("healthy", "1 while the runner asks for work with success.", not metrics.problem),
        ):
            gauge = GaugeMetricFamily(f"{_PREFIX}{name}", text, labels=_LABELS)
            gauge.add_metric(self._labels, value)
            yield gauge
        latency = metrics.latency
        buckets = [(f"{bound:g}", float(count)) for bound, count in latency.buckets.items()]
        histogram = HistogramMetricFamily(
            f"{_PREFIX}latency_seconds",
            "From an item's arrival until it is answered.",
            labels=_LABELS,
        )
        histogram.add_metric(self._labels, [*buckets, ("+Inf", latency.count)], latency.sum_seconds)
        yield histogram
