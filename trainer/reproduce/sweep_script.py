"""Write a sweep as a plain Optuna and Keras program that proposes the same trials and computes the same numbers."""

import textwrap
from collections.abc import Sequence
from string import Template

from trainer.config import Config
from trainer.config.overrides import with_value
from trainer.config.search import Choices, Pruner, SweepFile
from trainer.errors import ConfigError
from trainer.reproduce.data_lines import parts_of
from trainer.reproduce.expressions import literal
from trainer.reproduce.facts import DataFacts
from trainer.reproduce.network_source import augment_source, compile_source, model_source
from trainer.reproduce.script import Origin, Preamble, fit_arguments, start_source
from trainer.reproduce.sweep_search import points_of, study_lines, suggest_lines
from trainer.reproduce.varied import Varied

__all__ = ["write_sweep_script"]

_SCRIPT = Template("""\
# $title
# It searches as the sweep of Fitboard did$note, and prints each trial with its values.

$standard

os.environ["KERAS_BACKEND"] = "tensorflow"
$one_dnn
$imports

TRIALS, SEARCH_SEED = $trials, $search_seed

# The same bits every time: $promise
tf.config.threading.set_intra_op_parallelism_threads($intra)
tf.config.threading.set_inter_op_parallelism_threads($inter)
$grappler$determinism
# The data: $samples
$data

$constants

$report
def train(trial, step=0):
    # What varies in the search.
$suggested

$fixed

    # The order of each epoch's samples depends only on the seed and the epoch.
    def batches_of(epoch):
        order = tf.random.experimental.stateless_shuffle(tf.range(len(x)), seed=[seed, epoch])
        samples = tf.data.Dataset.from_tensor_slices($gathered)
        return samples.batch(batch_size)

    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
$network
    history = model.fit(
$fit
    ).history
$kept$evaluated    return $results


$study
$confirmation""")

_REPORT = """
class Report(keras.callbacks.Callback):
    def __init__(self, trial):
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch, logs=None):
        self.trial.report(logs[{objective}], epoch + 1)
        if self.trial.should_prune():
            raise optuna.TrialPruned

"""
_KEPT = """\
    # The network has the weights of the best epoch where a callback has put them back.
    restored = [each for each in callbacks if getattr(each, "best_weights", None) is not None]
    epoch = restored[-1].best_epoch if restored else -1
"""
_CONFIRMATION = """
# These results chose the winner, so they flatter it: {best} again, with fresh seeds.
complete = {complete}
for done in {ranked}[:{count}]:
    for step in range(1, {end}):
        results = train(optuna.trial.FixedTrial(done.params), step)
        print(f"trial {{done.number}} with seed + {{step}}: {{results}}")
"""
_EVALUATED = """\
    # The test part is read for fresh seeds only, and chooses nothing.
    if step:
        print(model.evaluate(x_test, y_test, batch_size=batch_size, return_dict=True, verbose=0))
"""


def write_sweep_script(sweep: SweepFile, facts: DataFacts, origin: Origin) -> str:
    """Return the program of a sweep; it does not import Fitboard.

    Args:
        sweep: the sweep.
        facts: what is known of its data.
        origin: how its trials were computed.

    Raises:
        ConfigError: something varies in a way that a script cannot express; the message says what.
    """
    config, settings, varied = sweep.config, sweep.settings, Varied(sweep.space)
    _refuse_other_labels(sweep)
    search = "\n".join(study_lines(sweep, points_of(sweep)))
    suggested = "\n".join(suggest_lines(sweep.space))
    is_pruned = settings.pruner is not Pruner.NONE
    callbacks = varied.items("callbacks", indent=4)
    restores = any(getattr(each, "restore_best_weights", False) is not False for each in config.callbacks) or any(
        each.name.endswith(".restore_best_weights") for each in sweep.space.dimensions
    )
    preamble = Preamble.of(config, facts, origin, search=f"{suggested}\n{search}")
    return _SCRIPT.substitute(
        vars(preamble),
        title=preamble.title.replace("a network", "a search over networks").replace("plain Keras", "Optuna and Keras"),
        note=_note(sweep),
        trials=settings.trials,
        search_seed=settings.seed,
        report=_REPORT.format(objective=literal(settings.objective[0])) if is_pruned else "",
        suggested=textwrap.indent(suggested, "    "),
        fixed=textwrap.indent(_fixed(varied), "    "),
        network=textwrap.indent(_network(config, facts, origin, varied, callbacks), "    "),
        fit=textwrap.indent(_fit(facts, callbacks, is_pruned=is_pruned), "        "),
        kept=_KEPT if restores else "",
        results=", ".join(f"history[{literal(name)}][{'epoch' if restores else '-1'}]" for name in settings.objective),
        study=search,
        evaluated=_EVALUATED if settings.confirmation is not None and "test" in parts_of(facts) else "",
        confirmation=_confirmation(sweep),
    )


def _network(config: Config, facts: DataFacts, origin: Origin, varied: Varied, callbacks: Sequence[str]) -> str:
    """Return the statements that create and compile the network, and the list of callbacks."""
    blocks = varied.layers()
    is_mixed = config.precision != "float32"
    last = {"dtype": "float32"} if is_mixed else {}
    layers = None if blocks is not None else varied.items("layers", indent=4, **last)
    compiled = compile_source(
        config,
        deterministic=origin.deterministic,
        optimizer=varied.part("optimizer", indent=4),
        loss=varied.part("loss", indent=4),
    )
    lines = [model_source(blocks or config, facts.schema, layers) + start_source(config.weights, origin)]
    lines.append(compiled + augment_source(config, facts.schema))
    if callbacks:
        lines += ["callbacks = [", *(f"    {each}," for each in callbacks), "]"]
    return "\n".join(lines)


def _fixed(varied: Varied) -> str:
    """Return the lines that set the numbers which `fit` takes, unless they vary."""
    epochs, batch_size, seed = (varied.number(name) for name in ("epochs", "batch_size", "seed"))
    given = (("epochs", epochs), ("batch_size", batch_size), ("seed", "step" if seed == "0" else f"{seed} + step"))
    return "\n".join(f"{name} = {value}" for name, value in given if name != value)


def _fit(facts: DataFacts, callbacks: Sequence[str], *, is_pruned: bool) -> str:
    given = [*(["*callbacks"] if callbacks else []), *(["Report(trial)"] if is_pruned else [])]
    arguments = fit_arguments(parts_of(facts), epochs="epochs", batch_size="batch_size")
    arguments += [f"callbacks=[{', '.join(given)}]"] if given else []
    return "\n".join(f"{each}," for each in [*arguments, "verbose=0"])


def _note(sweep: SweepFile) -> str:
    if sweep.settings.jobs == 1:
        return ""
    return f", but one trial after the other, so not as with {sweep.settings.jobs} trials at once"


def _confirmation(sweep: SweepFile) -> str:
    how = sweep.settings.confirmation
    if how is None:
        return ""
    complete, ranked = "study.get_trials(states=[optuna.trial.TrialState.COMPLETE])", "complete"
    if len(sweep.settings.objective) > 1:
        complete = "study.best_trials"
    else:
        reverse = ", reverse=True" if sweep.settings.maximizes[0] else ""
        ranked = f"sorted(complete, key=lambda each: each.value{reverse})"
    best = "the best one" if how.best == 1 else f"the best {how.best}"
    return _CONFIRMATION.format(best=best, complete=complete, ranked=ranked, count=how.best, end=how.seeds + 1)


def _refuse_other_labels(sweep: SweepFile) -> None:
    """Refuse losses that take different targets: the script converts them once."""
    for each in sweep.space.dimensions:
        if each.rank == 1 and each.path.split(".")[0] == "loss" and isinstance(each.domain, Choices):
            losses = [with_value(sweep.config, each.path, option).loss for option in each.domain.options]
            if len({loss.labels for loss in losses}) > 1:
                raise ConfigError(
                    f"The choices of `{each.name}` take different labels (integers and one-hot), which a script cannot "
                    "express; export one of the sweep's trials with --to script."
                )
