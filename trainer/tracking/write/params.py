"""A config as flat, short MLflow params to read, sort and search; `config.yaml` is authoritative."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainer.config import Config
from trainer.format import cut

__all__ = ["layers_line", "params_of"]

# MLflow silently truncates longer params.
_LONGEST = 6_000


def params_of(config: Config, facts: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the params of a config, and of `facts` that are known only once the network is built (`parameters`, …)."""
    short = config.short()
    params = {
        "dataset": config.dataset.kind,
        "layers": layers_line(config),
        "optimizer": config.optimizer.kind,
        "loss": config.loss.kind,
        **dict(_flat("dataset", _without(short["dataset"], "name"))),
        **dict(_flat("", _without(short["optimizer"], "name"))),
        **_learning_rate(config),
        **dict(_flat("loss", _without(short["loss"], "name"))),
        "epochs": str(config.epochs),
        "batch_size": str(config.batch_size),
        "seed": str(config.seed),
        **dict(_layers(short["layers"])),
        **dict(_augment(config)),
        **dict(_callbacks(short.get("callbacks", ()))),
        **{name: _text(value) for name, value in (facts or {}).items()},
    }
    return {name: cut(value, _LONGEST) for name, value in params.items()}


def layers_line(config: Config) -> str:
    """Describe the network in one line: `Flatten → Dense 128 relu → Dropout 0.2 → Dense 10`."""
    return _line(config.short()["layers"])


def _line(layers: Sequence[Any]) -> str:
    return cut(" → ".join(map(_layer_words, layers)), _LONGEST)


def _augment(config: Config) -> Iterator[tuple[str, str]]:
    if config.augment:
        yield "augment", _line(config.short()["augment"])


def _layer_words(layer: Any) -> str:
    if not isinstance(layer, Mapping):
        return str(layer)
    words = [str(layer["layer"])]
    for name, value in layer.items():
        if isinstance(value, Mapping):
            words.append(f"({_layer_words(value)})" if "layer" in value else f"{name}={value.get('name', '…')}")
        elif isinstance(value, bool):
            words.append(name if value else f"no {name}")
        elif isinstance(value, list):
            words.append("×".join(map(str, value)))
        elif name != "layer":
            words.append(str(value))
    return " ".join(words)


def _learning_rate(config: Config) -> dict[str, str]:
    """Return the learning rate, even at its default, or the name of its schedule."""
    rate = getattr(config.optimizer, "learning_rate", None)
    if rate is None or isinstance(rate, float):
        return {} if rate is None else {"learning_rate": _text(rate)}
    return {"learning_rate": rate.kind}


def _layers(layers: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for number, layer in enumerate(layers, start=1):
        yield f"layer.{number}", str(layer["layer"] if isinstance(layer, Mapping) else layer)
        if isinstance(layer, Mapping):
            yield from _flat(f"layer.{number}", _without(layer, "layer"))


def _callbacks(callbacks: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for callback in callbacks:
        if isinstance(callback, Mapping):
            yield from _flat(f"callback.{callback['callback']}", _without(callback, "callback"))
        else:
            yield f"callback.{callback}", "default"


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), inner)
    else:
        yield prefix, _text(value)


def _without(fields: Any, name: str) -> Any:
    return {key: value for key, value in fields.items() if key != name}


def _text(value: Any) -> str:
    # The shortest text that reads back as the same float.
    return repr(value) if isinstance(value, float) else str(value)
