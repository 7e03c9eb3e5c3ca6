import pytest

from trainer.statistics import interval_words, mean_words, summarize, summary_words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.9356, 0.9357], "0.93565 (95 % 0.93501 to 0.93629, n 2)"),
        ([0.93561, 0.93562, 0.935615], "0.935615 (95 % 0.935603 to 0.935627, n 3)"),
        ([0.2, 0.9, 0.5], "0.53 (95 % −0.34 to 1.41, n 3)"),
        ([1_000_000.0, 1_020_000.0, 1_013_000.0], "1,011,000 (95 % 985,789 to 1,036,211, n 3)"),
        ([4.7e-9, 4.8e-9, 4.6e-9], "4.70e−09 (95 % 4.45e−09 to 4.95e−09, n 3)"),
        ([0.5, 0.5, 0.5], "0.5000 (all equal, n 3)"),
        ([0.93561234], "0.9356 (n 1, no interval)"),
        ([0.0, 0.0], "0 (all equal, n 2)"),
        ([1e-4, 1e-4], "0.0001000 (all equal, n 2)"),
        ([9.9e-5, 9.9e-5], "9.900e−05 (all equal, n 2)"),
        ([9_999_999.0, 9_999_999.0], "9,999,999 (all equal, n 2)"),
        ([1e7, 1e7], "1.000e+07 (all equal, n 2)"),
        ([0.5, 0.5 + 1e-15], "0.500000000000 (95 % 0.500000000000 to 0.500000000000, n 2)"),
    ],
)
def test_mean_and_interval_keep_the_digits_that_the_interval_supports(values: list[float], words: str) -> None:
    summary = summarize(values)
    assert summary is not None
    assert summary_words(summary) == words
    assert words.startswith(mean_words(summary))
    assert len(values) > 1 or interval_words(summary) == "no interval"
