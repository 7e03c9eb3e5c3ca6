"""MLflow's filter syntax, parsed as MLflow parses it, with errors that say where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.tracking import FilterError, filter_key, is_filter, parse_filter, unknown_keys
from trainer.tracking.filter import Clause

CASES = [
    "metrics.val_accuracy > 0.95 and params.optimizer = 'Adam'",
    'metric.loss <= -1e-3 AND tag.team != "red"',
    "params.`batch size` LIKE '%2' and tags.\"a/b\" ILIKE 'X%'",
    "status = 'FINISHED' and attributes.start_time >= 1700000000000",
    "attribute.run_name LIKE 'dig%' and run.end_time < 5",
    "run_id IN ('a', 'b') and attr.run_id NOT IN ('c')",
    "params.x IS NULL and tags.y is not null",
    "datasets.name = 'digits' and dataset.context IN ('training', 'test')",
    "created > 1 and `run name` = 'x'",
    "params.lr='0.1'and metrics.loss=3",
    "metrics.`🎉` > 1",
]


@pytest.mark.parametrize("text", CASES)
def test_filter_means_what_it_means_to_mlflow(text: str) -> None:
    from mlflow.utils.search_utils import SearchUtils

    theirs = [
        (
            one["type"].replace("parameter", "param"),
            SearchUtils.translate_key_alias(one["key"]),
            one["comparator"].upper(),
            one.get("value"),
        )
        for one in SearchUtils.parse_search_filter(text)
    ]  # fmt: skip
    ours = [tuple(clause) for clause in parse_filter(text)]
    assert [each[:3] for each in ours] == [each[:3] for each in theirs]
    for (*_, value), (kind, *_, given_) in zip(ours, theirs, strict=True):
        assert value == (float(given_) if kind == "metric" else given_)


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("metrics.loss < 'a'", 15, "the metric `loss` must be compared with a number, got 'a'"),
        ("params.x = Adam", 11, "the param `x` must be compared with a quoted string, such as 'Adam', got Adam"),
        ("params.x = 3", 11, "the param `x` must be compared with a quoted string"),
        (
            "params.x > '3'",
            9,
            "`>` does not apply to params; expected one of =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL",
        ),
        ("metrics.loss LIKE '3'", 13, "`LIKE` does not apply to metrics; expected one of ="),
        ("seed = 1", 0, "'seed' is not an attribute of runs; expected one of start_time"),
        ("metrcs.loss < 1", 0, "got 'metrcs'; did you mean `metrics`?"),
        ("metrics.loss <", 14, "The filter ends after `<`; expected a value."),
        ("metrics.loss", 12, "The filter ends after a key; expected an operator such as `=`."),
        ("metrics.a < 1 or metrics.b > 2", 14, "MLflow's filters have no `or`"),
        ("metrics.a < 1 metrics.b > 2", 14, "expected `and` between comparisons, got 'metrics.b'"),
        ("metrics.a < 1 and", 17, "The filter ends after `and`"),
        ("params.x = 'a", 11, "a ' is not closed"),
        ("run_id IN ('a'", 14, "The filter ends within a list; expected ')'"),
        ("run_id IN ('a' 'b')", 15, "expected ,"),
        ("run_id IN 'a'", 10, "expected ("),
        ("datasets.size = '1'", 0, "'size' is not a field of datasets; expected one of name, digest, context"),
        ("metrics.a ! 3", 10, "The filter cannot be read from character 11 on."),
        ("= 3", 0, "expected a key such as `metrics.val_loss`, got '='"),
    ],
)
def test_error_says_what_is_wrong_and_where(text: str, at: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert words in str(caught.value)
    assert caught.value.at == at


PIECES = [
    "metrics.",
    "loss",
    "'",
    '"',
    "`",
    "(",
    ")",
    ",",
    " and ",
    " = ",
    "<",
    "!",
    "IN",
    "NOT",
    "IS",
    "NULL",
    "3",
    "-",
]


def _refused(text: str) -> FilterError | None:
    try:
        parse_filter(text)
    except FilterError as error:
        return error
    return None


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_parsed_or_refused_in_a_sentence(text: str) -> None:
    refused = _refused(text)
    if refused is not None:
        assert 0 <= refused.at <= len(text)
        assert str(refused).endswith((".", "?"))


@pytest.mark.parametrize(
    "text", ["adam seed=1", "dense 64", "lr=0.1", "metrics.loss", "in the end", "2 × Dense", "a=b c=d"]
)
def test_words_are_no_filter(text: str) -> None:
    assert not is_filter(text)


@pytest.mark.parametrize("text", [*CASES, "seed = 1", "params.x='a", "metrcs.loss < 1", "metrics.loss <"])
def test_filter_is_recognized_even_with_an_error(text: str) -> None:
    assert is_filter(text)


def test_keys_that_no_run_has_are_named_with_the_nearest() -> None:
    known = [("metric", "val_accuracy"), ("param", "optimizer"), ("tag", "team")]
    filters = (
        Clause("metric", "val_acuracy", ">", 1.0),
        Clause("param", "optimizer", "=", "Adam"),
        Clause("tag", "color", "=", "red"),
        Clause("tag", "mlflow.user", "=", "me"),
        Clause("attribute", "status", "=", "FINISHED"),
    )
    assert unknown_keys(filters, known) == [
        "No run has a metric `val_acuracy`; did you mean `metrics.val_accuracy`?",
        "No run has a tag `color`.",
    ]
    assert unknown_keys(parse_filter("metrics.`val_loss@best` < 1"), {("metric", "val_loss")}) == [
        "No run has a metric `val_loss@best`; runs can be sorted and grouped by such values, but not filtered."
    ]


@given(st.sampled_from(["metric", "param", "tag"]), st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_key_is_written_so_that_a_filter_reads_it(kind: str, name: str) -> None:
    key = filter_key(kind, name)
    if key is None:
        assert {"`", '"'} <= set(name)
    else:
        (clause,) = parse_filter(f"{key} IS NULL" if kind != "metric" else f"{key} > 1")
        assert (clause.kind, clause.key) == (kind, name)


def test_names_that_mlflow_reads_only_in_quotes_are_quoted() -> None:
    assert filter_key("metric", "a/b") == "metrics.`a/b`"
    assert filter_key("param", "größe") == "params.`größe`"
    assert filter_key("tag", "a`b") == 'tags."a`b"'
