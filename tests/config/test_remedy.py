from pathlib import Path
from typing import Any

import pytest

from trainer.config import Config, FailureKind, failure_kind, find_recipe, remedy
from trainer.data.npz_file import NpzFile
from trainer.errors import DataError
from trainer.execution.limits import Limits
from trainer.execution.process.exit_status import reason_of
from trainer.tracking.files import LOG_FILE

DIVERGED = "The loss became NaN in epoch 1: the learning rate is probably too high."


def config(**changes: Any) -> Config:
    return Config.model_validate(find_recipe("quickstart-digits").config.short() | changes)


@pytest.mark.parametrize(
    ("optimizer", "rate"),
    [
        ({"name": "Adam", "learning_rate": 0.02}, 0.002),
        ({"name": "Adam", "learning_rate": 0.0003}, 0.00003),
        ({"name": "Adam", "learning_rate": 1e30}, 0.001),
        ({"name": "SGD", "learning_rate": 0.3}, 0.01),
    ],
)
def test_diverged_run_is_tried_with_a_tenth_or_the_default_of_the_learning_rate(
    optimizer: dict[str, Any], rate: float
) -> None:
    found = remedy(DIVERGED, config(optimizer=optimizer))
    assert found is not None
    assert found.config.optimizer.learning_rate == rate
    assert found.label == f"Try learning rate {rate:g}"
    assert found.config.model_copy(update={"optimizer": None}) == config().model_copy(update={"optimizer": None})


def test_diverged_run_with_a_schedule_starts_lower() -> None:
    schedule = {"name": "CosineDecay", "initial_learning_rate": 0.1, "decay_steps": 100}
    found = remedy(DIVERGED, config(optimizer={"name": "Adam", "learning_rate": schedule}))
    assert found is not None
    assert found.config.optimizer.learning_rate.initial_learning_rate == 0.01


@pytest.mark.parametrize("words", ["inputs are probably not scaled (they", "input is most likely not scaled (it"])
def test_unscaled_input_gets_a_normalization_before_everything(words: str) -> None:
    found = remedy(f"The loss became NaN in epoch 1: the {words} reach 255).", config())
    assert found is not None
    assert [layer.kind for layer in found.config.layers] == [
        "BatchNormalization",
        *(layer.kind for layer in config().layers),
    ]


@pytest.mark.parametrize(("batch_size", "half"), [(32, 16), (3, 1), (1, None)])
@pytest.mark.parametrize(
    "sentence", ["Out of memory; reduce the batch size.", "The run needed more memory than there is."]
)
def test_run_out_of_memory_is_tried_with_half_the_batch(batch_size: int, half: int | None, sentence: str) -> None:
    found = remedy(sentence, config(batch_size=batch_size))
    assert (found and found.config.batch_size) == half


def test_missing_data_keep_the_config() -> None:
    found = remedy("dataset: File x.npz not found.", config())
    assert found is not None
    assert found.config == config()


@pytest.mark.parametrize(
    "sentence", ["", "The run failed unexpectedly (KeyError: 1).", "It diverged into memory lane."]
)
def test_other_failures_have_no_fix(sentence: str) -> None:
    assert failure_kind(sentence) is None
    assert remedy(sentence, config()) is None


def test_end_of_a_log_says_nothing_about_the_kind(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_text("Memory ran out\n")
    assert failure_kind(reason_of(1, tmp_path / LOG_FILE)) is None


def test_crash_is_told_in_the_active_voice(tmp_path: Path) -> None:
    log = tmp_path / LOG_FILE
    assert reason_of(-11, log) == "The training process crashed in native code (SIGSEGV)."
    assert reason_of(-99, log) == "The training process was ended by signal 99."


def test_sentences_that_runs_fail_with_are_recognized(tmp_path: Path) -> None:
    assert failure_kind(reason_of(-9, tmp_path / LOG_FILE)) is FailureKind.MEMORY
    assert failure_kind(Limits(memory=1).out_of_memory(2)) is FailureKind.MEMORY
    with pytest.raises(DataError) as caught:
        NpzFile(tmp_path / "gone.npz", name="gone.npz")
    assert failure_kind(str(caught.value)) is FailureKind.DATA


def test_recorded_kind_is_believed_however_the_sentence_is_worded() -> None:
    assert remedy("Die Kosten sind unendlich.", config(), kind="diverged") == remedy(DIVERGED, config())
    assert remedy(DIVERGED, config(), kind="memory") == remedy("Out of memory.", config())


def test_kind_of_a_later_version_leaves_it_to_the_sentence() -> None:
    assert remedy(DIVERGED, config(), kind="from the future") == remedy(DIVERGED, config())
