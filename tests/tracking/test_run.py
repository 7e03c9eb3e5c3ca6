"""What a run is called, and what it says of itself."""

import pytest

from trainer.tracking import Run, Status


def _run(name: str) -> Run:
    return Run(
        run_id="0123456789abcdef" * 2,
        name=name,
        experiment_id="0",
        experiment="Default",
        status=Status.FINISHED,
        start_time=1,
        end_time=2,
        artifact_uri="",
    )


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u00a0\u2003", "\u200b\ufeff", "\u202e"])
def test_run_whose_name_cannot_be_seen_is_called_by_its_id(name: str) -> None:
    assert _run(name).title == "01234567"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("a\nb", "a b"),
        (" x  y ", "x y"),
        ("😀", "😀"),
        ("👩‍💻 ÜNÏ", "👩‍💻 ÜNÏ"),
        ("<b>", "<b>"),
        ("a\x1b[31m\x07b\u2028c", "a [31m b c"),
    ],
)
def test_title_is_the_name_on_one_line(name: str, title: str) -> None:
    assert _run(name).title == title
