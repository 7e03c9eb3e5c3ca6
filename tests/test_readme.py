import re
from pathlib import Path

import pytest

from trainer.tracking import Tag

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

ONE_SCREEN = 45


@pytest.mark.parametrize("section", README.split("\n## "), ids=lambda section: section.partition("\n")[0])
def test_section_fits_on_a_screen(section: str) -> None:
    assert len(section.splitlines()) <= ONE_SCREEN


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", README))
def test_link_leads_somewhere(target: str) -> None:
    assert target.startswith("https://") or (ROOT / target).is_file()


@pytest.mark.parametrize("tag", Tag)
def test_tag_is_explained(tag: Tag) -> None:
    assert f"`{tag}`" in README
