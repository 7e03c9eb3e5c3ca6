import math
from collections.abc import Mapping
from typing import Any

import pytest

from trainer.reproduce import Compared, Differing, RunRecord, Verdict, compare
from trainer.tracking import Series, Status

ENVIRONMENT: Mapping[str, Any] = {
    "python": "3.11.9",
    "packages": {"keras": "3.15.1", "numpy": "2.4.6"},
    "processor": {"machine": "x86_64", "model": "Some CPU", "flags": ["avx", "avx2"]},
    "variables": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "commit": "abc",
    "training": {"threads": {"intra": 1, "inter": 1}, "data_digest": "d1", "notes": []},
}


def _values(**changes: list[float]) -> dict[str, dict[int, float]]:
    curves = {"loss": [1.5, 1.25, 1.125], "val_loss": [1.6, 1.3, 1.2], "learning_rate": [0.1] * 3} | changes
    steps = {name: dict(enumerate(curve, start=1)) for name, curve in curves.items()}
    return steps | {"test_loss": {3: 1.21}}


def _record(**changes: Any) -> RunRecord:
    fields = {"name": "aaaa", "config_digest": "c", "values": _values(), "weights": "w", "environment": ENVIRONMENT}
    return RunRecord(**{**fields, **changes})


def test_equal_runs_are_identical() -> None:
    verdict = compare(_record(), _record(name="bbbb"))
    assert verdict.identical
    assert verdict.first_difference is None
    assert verdict.weights_equal
    assert verdict.compared == Compared(epochs=3, metrics=4, values=10)
    assert verdict.sentence() == (
        "Identical: all 10 values of 3 epochs and the final weights are equal to the last bit."
    )


def test_one_value_is_told_in_the_singular() -> None:
    record = _record(values={"loss": {1: 1.5}}, weights=None)
    assert compare(record, record).sentence().startswith(
        "Not proven identical: 1 value of 1 epoch that both runs have is equal."
    )  # fmt: skip


def test_last_bit_is_seen_with_the_first_epoch_and_the_loss_before_other_metrics() -> None:
    other = _values(loss=[1.5, math.nextafter(1.25, 2), 9.0], accuracy=[0.5, 0.5, 0.5], val_loss=[1.6, 0.0, 1.2])
    verdict = compare(_record(values=_values(accuracy=[0.5, 0.6, 0.5])), _record(values=other))
    assert not verdict.identical
    assert verdict.first_difference is not None
    assert verdict.first_difference[:2] == (2, "loss")
    assert verdict.first_difference.by == math.ulp(1.25)
    assert "loss at epoch 2: 1.25 and 1.2500000000000002, a difference of 2.2e-16" in verdict.sentence()


def test_test_results_count_and_come_last() -> None:
    verdict = compare(_record(), _record(values=_values() | {"test_loss": {3: 1.3}}))
    assert verdict.first_difference is not None
    assert verdict.first_difference[:2] == (3, "test_loss")


def test_runs_of_different_lengths_part_where_one_has_no_epoch_more() -> None:
    curves = {"loss": {1: 1.5, 2: 1.25}, "test_loss": {2: 1.3}}
    verdict = compare(
        _record(values=curves), _record(values={"loss": {**curves["loss"], 3: 1.0}, "test_loss": {3: 1.2}})
    )
    assert verdict.first_difference is not None
    assert verdict.first_difference[:4] == (3, "loss", None, 1.0)
    ends = compare(_record(values={"test_loss": {2: 1.5}}), _record(values={"test_loss": {3: 1.25}}))
    assert ends.first_difference is not None
    assert ends.first_difference[1:] == ("test_loss", 1.5, 1.25, 0.25)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_equal_themselves(value: float) -> None:
    one = _record(values=_values(loss=[1.0, value, value]))
    assert compare(one, one).identical
    verdict = compare(one, _record(values=_values(loss=[1.0, 2.0, value])))
    assert verdict.first_difference is not None
    assert verdict.first_difference.by is None
    assert Verdict.loads(verdict.dumps()) is not None


def test_equal_values_with_other_weights_are_not_identical() -> None:
    verdict = compare(_record(), _record(weights="v"))
    assert not verdict.identical
    assert verdict.weights_equal is False
    assert "10 values of 3 epochs are equal, but the final weights are not" in verdict.sentence()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"values": _values(loss=[1.5, 1.25])}, "only the first run has a value of loss at epoch 3"),
        ({"weights": None}, "has no record of its weights"),
        ({"status": Status.RUNNING}, "is RUNNING, so"),
        ({"status": Status.KILLED}, "is KILLED, so"),
        ({"by_fitboard": False, "weights": None}, "was created by another program"),
        ({"values": {}, "weights": None}, "has no logged values"),
        ({"config_digest": "d", "weights": "v"}, "The configs differ."),
        ({"values": {"loss": {1: 1.5, 2: 1.25}}}, "Run aaaa has 3 epochs, but run bbbb has 2"),
    ],
)
def test_what_cannot_be_identical_says_why(changes: dict[str, Any], told: str) -> None:
    verdict = compare(_record(), _record(**{"name": "bbbb", **changes}))
    assert not verdict.identical
    assert told in verdict.sentence()


def test_runs_without_anything_are_not_comparable() -> None:
    verdict = compare(RunRecord(name="aaaa"), RunRecord(name="bbbb"))
    assert not verdict.identical
    assert verdict.sentence().startswith("Not comparable.")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"python": "3.12.1"}, ("python", "3.11.9", "3.12.1")),
        ({"packages": {"keras": "3.16", "numpy": "2.4.6"}}, ("keras", "3.15.1", "3.16")),
        ({"packages": {"keras": "3.15.1"}}, ("numpy", "2.4.6", "none")),
        (
            {"processor": {"model": "Some CPU", "flags": ["avx", "avx512f"]}},
            ("instruction set", "avx2", "avx512f"),
        ),
        ({"processor": {"model": "Other", "flags": ["avx", "avx2"]}}, ("processor", "Some CPU", "Other")),
        ({"variables": {}}, ("variable TF_ENABLE_ONEDNN_OPTS", "0", "none")),
        ({"commit": "def"}, ("git commit", "abc", "def")),
        (
            {"training": {"threads": {"intra": 2, "inter": 1}, "data_digest": "d1"}},
            ("threads", "1 intra-op and 1 inter-op", "2 intra-op and 1 inter-op"),
        ),
        (
            {"training": {"threads": {"intra": 1, "inter": 1, "grappler": False}, "data_digest": "d1"}},
            ("graph optimizer", "on", "off"),
        ),
        ({"training": {"threads": {"intra": 1, "inter": 1}, "data_digest": "d2"}}, ("data digest", "d1", "d2")),
    ],
)
def test_what_differs_in_the_environment_is_told(change: dict[str, Any], expected: tuple[str, str, str]) -> None:
    verdict = compare(_record(), _record(environment={**ENVIRONMENT, **change}))
    assert verdict.identical, "the numbers are equal all the same"
    assert [tuple(each) for each in verdict.environment] == [(*expected, True)]
    assert f"{expected[0]} ({expected[1]} | {expected[2]})" in verdict.sentence()


def _with_variables(**variables: str) -> Mapping[str, Any]:
    return {**ENVIRONMENT, "variables": variables}


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        *((name, True) for name in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE")),
        *((name, True) for name in ("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")),
        *((name, True) for name in ("KMP_AFFINITY", "MKL_CBWR", "GLIBC_TUNABLES", "NVIDIA_TF32_OVERRIDE")),
        *((name, False) for name in ("TF_CPP_MIN_LOG_LEVEL", "TF_CPP_MAX_VLOG_LEVEL", "ONEDNN_VERBOSE")),
        *((name, False) for name in ("DNNL_VERBOSE", "MKL_VERBOSE", "KMP_WARNINGS", "CUDA_CACHE_PATH")),
    ],
)
def test_variable_is_a_likely_cause_unless_it_changes_no_numbers(name: str, likely: bool) -> None:
    others = _record(values=_values(loss=[1.5, 1.0]), environment=_with_variables(**{name: "x"}))
    verdict = compare(_record(environment=_with_variables()), others)
    assert verdict.environment == (Differing(f"variable {name}", "none", "x", likely),)
    told = "that can change the numbers" if likely else "that do not affect the numbers"
    assert f"{told}: variable {name} (none | x)." in verdict.sentence()


def test_likely_causes_come_before_harmless_differences() -> None:
    environment = {
        **_with_variables(DNNL_VERBOSE="1", ONEDNN_MAX_CPU_ISA="SSE41"),
        "packages": {"keras": "3.15.1", "numpy": "2.5", "mlflow": "3.17"},
    }
    verdict = compare(_record(environment=_with_variables()), _record(environment=environment, weights="v"))
    assert [each.what for each in verdict.environment] == [
        *("numpy", "variable ONEDNN_MAX_CPU_ISA"),
        *("mlflow", "variable DNNL_VERBOSE"),
    ]
    assert verdict.sentence().endswith(
        "Differences in the environment that can change the numbers: numpy (2.4.6 | 2.5), variable ONEDNN_MAX_CPU_ISA "
        "(none | SSE41). Other differences that do not affect the numbers: mlflow (none | 3.17), variable DNNL_VERBOSE "
        "(none | 1)."
    )


def test_what_an_earlier_version_did_not_record_is_no_difference() -> None:
    processor = {**ENVIRONMENT["processor"], "instruction_set_in_use": "AVX2"}
    recorded = {**ENVIRONMENT, "processor": processor, "c_library": "glibc 2.36"}
    assert not compare(_record(), _record(environment=recorded)).environment
    other = {**recorded, "processor": {**processor, "instruction_set_in_use": "SSE41"}, "c_library": "glibc 2.41"}
    assert compare(_record(environment=recorded), _record(environment=other)).environment == (
        Differing("instruction set in use", "AVX2", "SSE41"),
        Differing("C library", "glibc 2.36", "glibc 2.41"),
    )


def test_verdict_of_an_earlier_version_is_read() -> None:
    text = compare(_record(), _record(environment={**ENVIRONMENT, "python": "3.12"})).dumps()
    earlier = text.replace(',"likely":true', "")
    assert earlier != text
    assert Verdict.loads(earlier) == Verdict.loads(text)


@pytest.mark.parametrize("environment", [{}, {"packages": "?", "processor": 3, "training": [], "variables": None}])
def test_environment_that_others_wrote_does_no_harm(environment: dict[str, Any]) -> None:
    assert compare(_record(), _record(environment=environment)).identical


def test_operation_without_a_deterministic_form_is_noted_once() -> None:
    note = "An operation has no deterministic form, so another run may differ in the last bits: FakeOp."
    notes = ["The test part is drawn at random, not stratified.", note]
    environment = {**ENVIRONMENT, "training": {**ENVIRONMENT["training"], "notes": notes}}
    verdict = compare(_record(environment=environment), _record(environment=environment))
    assert verdict.notes == (note,)


def test_verdict_outlives_the_tag() -> None:
    other = _record(values=_values(loss=[1.5, 1.0]), environment={**ENVIRONMENT, "python": "3.12"}, weights=None)
    verdict = compare(_record(), other)
    assert Verdict.loads(verdict.dumps()) == verdict
    assert set(verdict.document()) >= {"identical", "first_difference", "environment"}


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "7", '{"identical":1}', '{"identical":true,"environment":3}'])
def test_tag_that_others_wrote_is_no_verdict(text: str) -> None:
    assert Verdict.loads(text) is None


def test_longest_verdict_fits_a_tag() -> None:
    notes = [f"no deterministic implementation {index} {'y' * 5_000}" for index in range(100)]

    def environment(letter: str) -> dict[str, Any]:
        packages = {f"package-{index}": letter * 10_000 for index in range(100)}
        return {**ENVIRONMENT, "packages": packages, "training": {"notes": notes}}

    verdict = compare(_record(environment=environment("a")), _record(environment=environment("b")))
    assert len(verdict.dumps()) <= 8_000


def test_step_that_was_logged_again_after_an_interruption_counts_as_it_was_last() -> None:
    from trainer.reproduce.record import values_of

    series = Series(steps=[1, 2, 1, 2, 3], values=[9.0, 9.0, 1.5, 1.25, 1.125], times=[10, 20, 30, 40, 50])
    slow = Series(steps=[1], values=[3.0], times=[1])
    found = values_of({"loss": series, "epoch_seconds": slow, "system/cpu": slow}.items())
    assert found == {"loss": {1: 1.5, 2: 1.25, 3: 1.125}}
