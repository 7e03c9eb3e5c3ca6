"""Two runs in a lineage: the second starts from the weights of the first."""

import json
from pathlib import Path

import pytest

from tests.support.commands import SMALL, call
from trainer.home import Home


def _answered(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, object]:
    status = call(*words)
    answer = capsys.readouterr()
    assert status == 0, answer.err
    found: dict[str, object] = json.loads(answer.out)
    return found


@pytest.mark.slow
def test_fine_tuned_run_starts_from_the_weights_of_the_first_and_repeats_exactly(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, place = tmp_path / "config.yaml", ("--json", "--home", str(home.path))
    config.write_text(SMALL)
    first = _answered(capsys, "train", config, *place)
    config.write_text(f"{SMALL}weights: {{source: run, run: {first['run_id']}}}\n")
    second = _answered(capsys, "train", config, *place)
    assert second["weights_of"] == first["run_id"]
    assert second["start_weights_sha256"] == first["weights_sha256"]
    assert second["history"]["loss"][0] < first["history"]["loss"][0]  # type: ignore[index]
    again = _answered(capsys, "rerun", str(second["run_id"]), *place)
    assert again["verdict"]["identical"] is True  # type: ignore[index]
    assert call("train", config, "--home", home.path, "--set", f"weights.run={'f' * 32}") == 2
    assert f"run {'f' * 32} is not in the store" in capsys.readouterr().err
