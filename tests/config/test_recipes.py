import pytest

from trainer.config import RECIPES, Recipe, dump_config, find_recipe, load_config
from trainer.errors import ConfigError


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_recipe_is_complete_and_survives_yaml(recipe: Recipe) -> None:
    assert recipe.title
    assert recipe.text.endswith(".")
    assert recipe.parameters > 0
    assert recipe.result
    assert recipe.config.name == recipe.name
    assert load_config(dump_config(recipe.config)) == recipe.config


def test_recipe_names_are_unique() -> None:
    assert len({recipe.name for recipe in RECIPES}) == len(RECIPES)


def test_quickstart_is_the_network_of_the_tensorflow_tutorial() -> None:
    config = find_recipe("quickstart-mnist").config
    assert [layer.kind for layer in config.layers] == ["Flatten", "Dense", "Dropout", "Dense"]
    assert config.loss.arguments()["from_logits"] is True
    assert (config.optimizer.kind, config.epochs, config.batch_size) == ("Adam", 5, 32)


def test_find_recipe_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'quickstart-digits'"):
        find_recipe("quickstart-digit")
