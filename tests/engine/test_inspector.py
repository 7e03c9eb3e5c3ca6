import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engine import config_on
from trainer.config.check import AugmentedSample, CheckReport
from trainer.engine.inspector import Answers, answer
from trainer.execution.inspector_client import augment, check, ensure_inspector
from trainer.home import Home

_REPORT = CheckReport(ok=True, input_shape=(None, 8))


def _augmented(config: object, sample: int, count: int) -> AugmentedSample:
    return AugmentedSample(problem=f"{sample} of {count}")


def _answered(line: bytes) -> CheckReport:
    return CheckReport.model_validate_json(answer(line, Answers(lambda config: _REPORT, _augmented)))


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"?", b"[1]", b"{}", b'{"config": 3}', b"\xff\xfe", b"[" * 100_000, b'{"config": NaN}']
)
def test_bad_lines_are_answered(line: bytes) -> None:
    report = _answered(line)
    assert not report.ok
    assert report.problems


def test_good_line_is_answered_by_the_check() -> None:
    fields = config_on().model_dump(mode="json")
    assert _answered(json.dumps({"config": fields}).encode()) == _REPORT


def test_question_about_augmentation_is_answered_by_it() -> None:
    line = json.dumps({"config": config_on().model_dump(mode="json"), "augment": {"sample": 2, "count": 6}}).encode()
    found = answer(line, Answers(lambda config: _REPORT, _augmented))
    assert AugmentedSample.model_validate_json(found) == AugmentedSample(problem="2 of 6")


def test_config_that_does_not_parse_says_where() -> None:
    fields = {**config_on().model_dump(mode="json"), "epochs": 0}
    report = _answered(json.dumps({"config": fields}).encode())
    assert not report.ok
    assert [problem.where for problem in report.problems] == ["epochs"]


def test_crash_of_a_check_is_an_answer() -> None:
    def crash(config: object) -> CheckReport:
        raise ZeroDivisionError("by design")

    fields = config_on().model_dump(mode="json")
    answers = Answers(crash, _augmented)
    report = CheckReport.model_validate_json(answer(json.dumps({"config": fields}).encode(), answers))
    assert not report.ok
    assert "by design" in report.problems[0].message


def test_client_without_an_inspector_says_not_yet(tmp_path: Path) -> None:
    assert check({}, Home(tmp_path), 1.0) is None


def test_client_with_a_dead_socket_says_not_yet(tmp_path: Path) -> None:
    home = Home(tmp_path).make()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(home.inspector_socket))
    assert check({}, home, 1.0) is None


def test_client_does_not_wait_for_ever(tmp_path: Path) -> None:
    home = Home(tmp_path).make()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(home.inspector_socket))
        silent.listen()
        assert check({}, home, 0.2) is None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("inspected")).make()


@pytest.fixture(scope="module")
def inspector(home: Home) -> Iterator["subprocess.Popen[bytes]"]:
    home.inspector_socket.touch()  # what a crash leaves behind
    process = ensure_inspector(home)
    assert process is not None
    assert ensure_inspector(home) is None
    until = time.monotonic() + 300
    while check({}, home, 1.0) is None:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    yield process
    process.kill()
    process.wait()


@pytest.mark.slow
def test_inspector_answers_many_clients(home: Home, inspector: "subprocess.Popen[bytes]") -> None:
    fields = config_on().model_dump(mode="json")
    connections = [socket.socket(socket.AF_UNIX) for _ in range(5)]
    for connection in connections:
        connection.connect(str(home.inspector_socket))
    for connection in connections:
        connection.sendall(b"nonsense\n" + b"a" * 3_000_000 + b"\n" + json.dumps({"config": fields}).encode() + b"\n")
    for connection in connections:
        with connection, connection.makefile("rb") as answers:
            assert [json.loads(answers.readline())["ok"] for _ in range(3)] == [False, False, True]


@pytest.mark.slow
def test_inspector_augments_a_sample_and_still_checks(home: Home, inspector: "subprocess.Popen[bytes]") -> None:
    fields = config_on(augment=["RandomFlip"]).model_dump(mode="json")
    found = augment(fields, home, 60.0, sample=1, count=6)
    assert found is not None
    assert (found.shape, found.problem) == ((5, 8, 8), None)
    report = check(fields, home, 60.0)
    assert report is not None
    assert report.ok


@pytest.mark.slow
def test_inspector_is_for_its_owner_alone(home: Home, inspector: "subprocess.Popen[bytes]") -> None:
    assert stat.S_IMODE(home.inspector_socket.stat().st_mode) == 0o600


@pytest.mark.slow
def test_inspector_answers_every_change_of_a_field(home: Home, inspector: "subprocess.Popen[bytes]") -> None:
    layers = ["Flatten", *({"layer": "Dense", "units": 16} for _ in range(8)), {"layer": "Dense", "units": 10}]
    fields = config_on(layers=layers).model_dump(mode="json")
    for units in range(20, 40):
        fields["layers"][4]["units"] = units
        report = check(fields, home, 5.0)
        assert report is not None
        assert report.layers[4].output_shape == (None, units)


@pytest.mark.slow
def test_inspector_ends_when_told(home: Home, inspector: "subprocess.Popen[bytes]") -> None:
    inspector.send_signal(signal.SIGTERM)
    assert inspector.wait(10) == 0
    assert not home.inspector_socket.exists()
    assert (home.path / "inspector.log").read_text() == ""


@pytest.mark.slow
def test_inspector_ends_with_its_parent(tmp_path: Path) -> None:
    program = (
        "from trainer.execution.inspector_client import ensure_inspector\n"
        "from trainer.home import Home\n"
        f"print(ensure_inspector(Home.resolve({str(tmp_path)!r})).pid)"
    )
    started = subprocess.run([sys.executable, "-Wignore", "-c", program], capture_output=True, text=True, check=True)
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            os.kill(int(started.stdout), 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the inspector outlived its parent")
