from pathlib import Path

from trainer.config import REGISTRIES, Config, describe
from trainer.config.reference import reference

_KEPT = Path(__file__).parents[2] / "trainer" / "config" / "README.md"


def test_reference_beside_the_schema_is_current() -> None:
    kept = _KEPT.read_text(encoding="utf-8")
    assert kept == reference(), "run python -m trainer.config.reference > trainer/config/README.md"


def test_reference_names_every_part_and_every_field() -> None:
    text = reference()
    for registry in REGISTRIES.values():
        for name, member in registry.members.items():
            assert f"- **`{name}`**: " in text
            assert all(f"`{spec.name}`" in text for spec in describe(member))
    assert all(f"| `{spec.name}` |" in text for spec in describe(Config))
