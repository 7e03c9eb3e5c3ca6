"""Values of metrics that a command lists or sorts by: `val_accuracy@best:val_loss`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from trainer.config import Directions
from trainer.errors import ConfigError
from trainer.tracking import MetricValue, Run, RunQuery, RunReader, Sort, undirected_metric, values_of

__all__ = ["AskedValues", "asked_values"]


@dataclass(frozen=True, kw_only=True)
class AskedValues:
    """What was asked for, by the text that asked for it, and the directions in which metrics improve."""

    values: Mapping[str, MetricValue]
    directions: Directions

    def only(self, texts: Iterable[str]) -> "AskedValues":
        """Return these of the values."""
        return replace(self, values={text: self.values[text] for text in texts})

    def sorted_by(self, query: RunQuery, text: str | None) -> RunQuery:
        """Return the query with the directions, and with the order by one of the values, the best first."""
        query = replace(query, directions=self.directions)
        if text is None:
            return query
        smaller_first = self.directions.higher_is_better(self.values[text].metric) is False
        return replace(query, sort=Sort(kind="metric", name=text, descending=not smaller_first))

    def read(self, reader: RunReader, runs: Sequence[Run]) -> dict[str, dict[str, float]]:
        """Return run id → text → value, where the run has it."""
        return values_of(runs, self.values, self.directions, reader.histories)


def asked_values(reader: RunReader, texts: Sequence[str], directions: Directions) -> AskedValues:
    """Return what the texts ask for.

    Raises:
        ConfigError: one is not a value, names a metric that no run has, or needs a direction that is unknown.
    """
    values = {text: MetricValue.parse(text) for text in texts}
    known = reader.columns() if values else ()
    for text, value in values.items():
        for sentence in value.unknown(known):
            raise ConfigError(sentence)
        if undirected := undirected_metric(value, directions):
            raise ConfigError(
                f"Whether higher or lower values of {undirected!r} are better is unknown, so {text!r} cannot be "
                f"determined; add --higher {undirected} or --lower {undirected}."
            )
    return AskedValues(values=values, directions=directions)
