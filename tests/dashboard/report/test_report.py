"""A comparison as one HTML file: complete, safe, without addresses, and with its numbers."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from dashboard.report import Sources, curve_metrics, material, report_html
from tests.support.store import config_of
from trainer.config import Config, main_metrics
from trainer.tracking import Run, Series, Status, Tag

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }} & \"'"


class _Page(HTMLParser):
    """The elements of a document: tag and attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and self.scripts:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        else:
            self.words.append(data)

    @property
    def document(self) -> dict[str, Any]:
        (text,) = [text for attributes, text in self.scripts if attributes.get("id") == "fitboard-comparison"]
        found: dict[str, Any] = json.loads(text)
        return found


def _run(run_id: str, name: str = "mlp", **fields: Any) -> Run:
    return Run(
        run_id=run_id, name=name, experiment_id="0", experiment="Default", start_time=0, artifact_uri="",
        **{"status": Status.FINISHED, "end_time": 1, **fields},
    )  # fmt: skip


def _series(*values: float) -> Series:
    steps = range(1, len(values) + 1)
    return Series(steps=steps, values=values, times=[1_000 * step for step in steps])


def _report(
    runs: Sequence[Run],
    *,
    configs: Mapping[str, Config] | None = None,
    curves: Mapping[str, Mapping[str, Series]] | None = None,
    notes: str = "",
) -> _Page:
    sources = Sources(
        lambda run: (configs or {}).get(run.run_id), lambda _: {}, lambda _: {}, lambda _, names: curves or {}
    )
    metrics = main_metrics([run.kept_metrics for run in runs], 3)
    named = curve_metrics(runs)
    return _Page(report_html(material(runs, metrics, sources, curves=named, notes=notes, written_at=0.0)))


def _two_configs() -> tuple[list[Run], dict[str, Config]]:
    runs, configs = [], {}
    for label, units, values in (("narrow", 64, (0.91, 0.92, 0.915)), ("wide", 128, (0.95, 0.96, 0.955))):
        for seed, value in enumerate(values):
            run = _run(f"{label}{seed}", label, metrics={"val_accuracy": value}, tags={Tag.GROUP: label})
            runs.append(run)
            configs[run.run_id] = config_of(name=label, units=units, seed=seed)
    return runs, configs


def test_report_says_which_config_is_better_and_what_differs() -> None:
    runs, configs = _two_configs()
    page = _report(runs, configs=configs, curves={run.run_id: {"val_accuracy": _series(0.5, 0.9)} for run in runs})
    words = " ".join(page.words)
    assert "val_accuracy: wide against narrow: better by " in words
    assert "2 Dense: units=64" in words
    assert "2 Dense: units=128" in words
    assert "layers.2.units" not in words, "a layer is not listed among the settings too"
    assert "mean" in words.lower()
    assert "units: 128" in words
    assert len([each for _, each in page.elements if each.get("class") == "fitboard-chart"]) == 1


def test_report_holds_its_numbers_unrounded() -> None:
    runs, configs = _two_configs()
    value = 0.1 + 0.2
    page = _report(runs, configs=configs, curves={runs[0].run_id: {"val_accuracy": _series(value, math.nan)}})
    found = page.document
    assert found["version"] == 1
    assert found["runs"][0]["metrics"] == {"val_accuracy": 0.91}
    assert found["runs"][3]["config"]["layers"][1]["units"] == 128
    assert found["comparisons"][0]["real"] is True
    assert found["curves"]["val_accuracy"][runs[0].run_id] == {"steps": [1, 2], "values": [value, None]}
    assert {"field": "seed", "values": {run.run_id: run.run_id[-1] for run in runs}} in found["differences"]


def test_everything_that_a_user_typed_is_escaped() -> None:
    tags = {"mlflow.note.content": EVIL, "mlflow.user": EVIL}
    runs = [
        _run(each, f"{EVIL} {each}", params={EVIL: f"{EVIL} {each}"}, metrics={EVIL: 0.5}, tags=tags) for each in "ab"
    ]
    page = _report(runs, curves={"a": {EVIL: _series(1, 2)}, "b": {EVIL: _series(1, 2)}}, notes=f"# x\n\n{EVIL}")
    assert len(page.scripts) == 4
    assert not [attributes for tag, attributes in page.elements if tag == "img" or "onerror" in attributes]
    assert "{{ 7 * 7 }}" in " ".join(page.words)
    assert page.document["runs"][0]["name"] == f"{EVIL} a"
    assert page.document["notes"].endswith(EVIL)


def test_report_loads_nothing_and_runs_only_its_own_scripts() -> None:
    notes = "![x](http://example.com/a.png) [bad](javascript:alert(1)) [good](https://example.com) <b>raw</b>"
    page = _report([_run("a"), _run("b")], notes=notes)
    assert not [attributes for _, attributes in page.elements if "src" in attributes]
    assert [each["href"] for tag, each in page.elements if tag == "a"] == [
        "http://example.com/a.png",
        "https://example.com",
    ]
    (policy,) = [each["content"] for _, each in page.elements if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    own = re.findall("<script>(.*?)</script>", page.text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in own]
    assert re.findall("'sha256-(.*?)'", policy) == digests
    assert len(digests) == 2


@pytest.mark.parametrize(
    "runs",
    {
        "one run": [_run("a", metrics={"loss": 0.5})],
        "no metrics": [_run("a"), _run("b")],
        "NaN alone": [_run(each, metrics={"val_loss": math.nan}) for each in "ab"],
        "equal values": [_run(f"{each}", metrics={"val_loss": 1.0}, tags={Tag.GROUP: "g"}) for each in range(4)],
        "unfinished": [_run(each, status=Status.RUNNING, end_time=None, metrics={"loss": math.inf}) for each in "ab"],
        "500 runs": [_run(f"{each}", f"run {each}", metrics={"val_loss": each}) for each in range(500)],
        "1,000 metrics": [_run(each, metrics={f"m{place}": place for place in range(1_000)}) for each in "ab"],
        "long names": [_run(each, each * 100_000, params={"x" * 250: each * 6_000}) for each in "ab"],
    }.values(),
    ids=["one", "none", "nan", "equal", "unfinished", "many", "wide", "long"],
)
def test_report_is_written_of(runs: list[Run]) -> None:
    curves = {run.run_id: {name: _series(*[value] * 3) for name, value in run.metrics.items()} for run in runs}
    page = _report(runs, curves=curves)
    assert [run["run_id"] for run in page.document["runs"]] == [run.run_id for run in runs]


def test_many_long_curves_are_thinned_and_the_number_of_drawn_points_said() -> None:
    runs = [_run(f"{each}", f"run {each}", metrics={"loss": 0.0}) for each in range(50)]
    peak = [0.0] * 5_000
    peak[1_234] = 9.0
    page = _report(runs, curves={run.run_id: {"loss": _series(*peak)} for run in runs})
    assert "250,000 points, " in " ".join(page.words)
    assert max(page.document["curves"]["loss"]["7"]["values"]) == 9.0
    assert len(page.document["curves"]["loss"]["7"]["values"]) <= 1_200
