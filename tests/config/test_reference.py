from pathlib import Path

from trainer.config import REGISTRIES, Config, describe
from trainer.config.reference import reference

_README = Path(__file__).parents[2] / "README.md"
_BEGIN, _END = "<!-- config reference -->\n", "<!-- /config reference -->"


def test_reference_in_the_readme_is_current() -> None:
    block = _README.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]
    assert block.strip() == reference().strip(), "run python -m trainer.config.reference and put its output there"


def test_reference_names_every_part_and_every_field() -> None:
    text = reference()
    for registry in REGISTRIES.values():
        for name, member in registry.members.items():
            assert f"- **`{name}`**: " in text
            assert all(f"`{spec.name}`" in text for spec in describe(member))
    assert all(f"| `{spec.name}` |" in text for spec in describe(Config))
