"""The lines of a sweep's script that propose values and drive the study: plain Optuna."""

import itertools
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainer.config.overrides import paths, with_value
from trainer.config.search import Choices, Dimension, Pruner, Sampler, Space, SweepFile
from trainer.errors import ConfigError
from trainer.reproduce.expressions import WIDTH, literal
from trainer.reproduce.varied import chosen, equals, quoted, variable
from trainer.sweeps.pointwise import grid_points, sobol_point
from trainer.sweeps.study import REDUCTION

__all__ = ["points_of", "study_lines", "suggest_lines"]

_SAMPLERS: Mapping[Sampler, str] = {
    Sampler.TPE: "TPESampler(seed=seed)",
    Sampler.RANDOM: "RandomSampler(seed=seed)",
    Sampler.CMAES: "CmaEsSampler(seed=seed, warn_independent_sampling=False)",
    Sampler.GP: "GPSampler(seed=seed)",
}
_MOST_POINTS = 10_000


def suggest_lines(space: Space) -> list[str]:
    """Return the lines that suggest each value of a trial as a variable."""
    lines = []
    for place, each in enumerate(space.dimensions):
        suggested = f"{variable(each)} = {_suggestion(each)}"
        condition = _condition(space, each, space.dimensions[:place])
        if not condition:
            lines.append(suggested)
        else:
            lines += [f"{variable(each)} = None", f"if {condition}:", textwrap.indent(suggested, "    ")]
    return lines


def points_of(sweep: SweepFile) -> list[dict[str, Any]] | None:
    """Return the parameters of each trial for samplers that know them in advance, else None.

    Raises:
        ConfigError: there are too many to be written down.
    """
    settings, space = sweep.settings, sweep.space
    if settings.trials > _MOST_POINTS and settings.sampler in {Sampler.GRID, Sampler.SOBOL}:
        raise ConfigError(f"A script with a {settings.sampler} has at most {_MOST_POINTS:,} trials; use --to config.")
    if settings.sampler is Sampler.GRID:
        found: Iterator[Mapping[str, Any]] = itertools.islice(grid_points(space, settings.seed), settings.trials)
    elif settings.sampler is Sampler.SOBOL:
        found = (sobol_point(space, settings.seed, number) for number in range(settings.trials))
    else:
        return None
    return [{name: _parameter(space.dimension(name), value) for name, value in each.items()} for each in found]


def study_lines(sweep: SweepFile, points: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """Return the lines that run the search, given the function `train` and the constant `SEARCH_SEED`."""
    settings = sweep.settings
    lines = []
    if points is not None:
        lines += ["# The sampler knows all points in advance.", "POINTS = ["]
        lines += [*(f"    {_mapping(each)}," for each in points), "]"]
    lines += [
        "study = optuna.create_study(",
        f"    directions={[str(each) for each in settings.direction]},".replace("'", '"'),
        *_pruner_lines(sweep),
        ")",
        *([f"begun, limit = time.monotonic(), {settings.search_seconds:g}"] if settings.search_seconds else []),
        f"for number in range({'len(POINTS)' if points is not None else 'TRIALS'}):",
    ]
    if settings.search_seconds:
        lines += ["    if time.monotonic() - begun > limit:", "        break"]
    if points is not None:
        lines.append("    study.enqueue_trial(POINTS[number])")
    else:
        lines += [
            "    # A seed for each trial, so that an interrupted search would continue with the same values.",
            '    digest = hashlib.sha256(f"{SEARCH_SEED}/{number}".encode()).digest()',
            '    seed = int.from_bytes(digest[:4], "big")',
            f"    study.sampler = optuna.samplers.{_SAMPLERS[settings.sampler or Sampler.TPE]}",
        ]
    return [
        *lines,
        "    # A network that cannot be built is a failed trial.",
        "    study.optimize(train, n_trials=1, catch=(ValueError,))",
        "    done = study.trials[-1]",
        '    print(f"trial {number}: {done.state.name.lower()} {done.values} {done.params}")',
    ]


def _mapping(values: Mapping[str, Any]) -> str:
    """Return a mapping of plain values as Python."""
    return "{" + ", ".join(f"{quoted(name)}: {quoted(value)}" for name, value in values.items()) + "}"


def _pruner_lines(sweep: SweepFile) -> list[str]:
    match sweep.settings.pruner:
        case Pruner.MEDIAN:
            return ["    pruner=optuna.pruners.MedianPruner(),"]
        case Pruner.HYPERBAND:
            made = f"HyperbandPruner(max_resource={sweep.most_epochs}, reduction_factor={REDUCTION})"
            # Hyperband divides the trials among its brackets by the name of the study.
            return [f'    study_name="{sweep.digest}",', f"    pruner=optuna.pruners.{made},"]
        case _:
            return ["    pruner=optuna.pruners.NopPruner(),"]


def _suggestion(each: Dimension) -> str:
    name, domain = literal(each.name), each.domain
    # What stands before it on the line.
    indent = len(variable(each)) + len("        = ")
    if isinstance(domain, Choices):
        options = ", ".join(quoted(chosen(domain, option)) for option in domain.options)
        return _call("trial.suggest_categorical", [name, f"[{options}]"], indent)
    if domain.step is not None:
        # Optuna would add the steps as floats, which round.
        place = f"trial.suggest_int({name}, 0, {(domain.size or 1) - 1})"
        if domain.whole:
            return f"{int(domain.low)} + {int(domain.step)} * {place}"
        return f'float(Decimal("{domain.low}") + Decimal("{domain.step}") * {place})'
    ends = [f"{int(end)}" if domain.whole else repr(end) for end in (domain.low, domain.high)]
    log = ["log=True"] if domain.log else []
    return _call(f"trial.suggest_{'int' if domain.whole else 'float'}", [name, *ends, *log], indent)


def _call(name: str, arguments: Sequence[str], indent: int) -> str:
    line = f"{name}({', '.join(arguments)})"
    if len(line) + indent <= WIDTH:
        return line
    return f"{name}(\n{''.join(f'    {argument},{chr(10)}' for argument in arguments)})"


def _parameter(each: Dimension, value: Any) -> Any:
    """Return a value as the study has it."""
    if isinstance(each.domain, Choices):
        return chosen(each.domain, value)
    return each.domain.index(value) if each.domain.step is not None else value


def _condition(space: Space, each: Dimension, before: Sequence[Dimension]) -> str:
    """Return the condition on earlier variables under which a value applies; empty if it always does."""
    under = f"{each.path}."
    present = [variable(other) for other in before if other.is_presence and under.startswith(f"{other.path}.")]
    kinds = [other for other in before if other.rank == 1 and under.startswith(f"{_scope(space, other)}.")]
    tests = [*present, *_known(space, each, kinds)]
    return " and ".join(tests)


def _scope(space: Space, kind: Dimension) -> str:
    """Return the path of the component that a dimension chooses."""
    owner, _, last = kind.path.rpartition(".")
    is_name = last in {"name", "layer", "callback"} and owner
    return owner if is_name else kind.path


def _known(space: Space, each: Dimension, kinds: Sequence[Dimension]) -> list[str]:
    """Return a test for which components have the field."""
    # In the order of the choices; a kind of a component that is not there has no choice.
    has_field: dict[tuple[Any, ...], bool] = {}
    for options in itertools.product(*(other.domain.values() for other in kinds)):
        config, made = space.config, list[Any]()
        for other, option in zip(kinds, options, strict=True):
            is_there = other.path in set(paths(config))
            config = with_value(config, other.path, option) if is_there else config
            made.append(_parameter(other, option) if is_there else None)
        has_field[tuple(made)] = each.path in set(paths(config))
    allowed = [made for made, known in has_field.items() if known]
    if len(allowed) == len(has_field):
        return []
    if len(kinds) == 1:
        name, values = variable(kinds[0]), [one for (one,) in allowed]
        told = ", ".join(map(quoted, values))
        return [equals(name, values[0]) if len(values) == 1 else f"{name} in [{told}]"]
    names = ", ".join(map(variable, kinds))
    combinations = [f"({', '.join(map(quoted, made))})" for made in allowed]
    return [f"({names}) in [{', '.join(combinations)}]"]
