"""Shapes through a network, as Build draws them."""

from dashboard.draft import stages
from dashboard.views.build.network_way import strip
from trainer.config.check import LayerReport


def report(layer: str, *shape: int | None) -> LayerReport:
    return LayerReport(layer=layer, output_shape=(None, *shape), parameters=0)


QUICKSTART = [report("Flatten", 64), report("Dense", 128), report("Dropout", 128), report("Dense", 10)]


def test_layers_that_keep_the_shape_share_the_box_of_the_layer_before() -> None:
    found = stages((8, 8), QUICKSTART, source="digits")
    assert [stage.shape for stage in found] == [(8, 8), (64,), (128,), (10,)]
    assert [stage.layers for stage in found] == [("digits",), ("Flatten",), ("Dense", "Dropout"), ("Dense",)]


def test_two_dense_layers_of_one_size_are_two_boxes() -> None:
    found = stages((4,), [report("Dense", 4), report("Dense", 4)], source="iris")
    assert [stage.layers for stage in found] == [("iris",), ("Dense",), ("Dense",)]


def test_widths_grow_with_the_number_of_values() -> None:
    sizes = [stage.size for stage in stages((8, 8), QUICKSTART, source="digits")]
    assert max(sizes) == sizes[2] == 1
    assert sizes[0] == sizes[1] > sizes[3] > 0


def test_strip_says_its_shapes_in_words_and_escapes_names() -> None:
    html = strip(stages((None, 3), [report("Dense", None, 4)], source="<b>mine"), is_cut=True)
    assert "<b>mine" not in html
    assert 'aria-label="Shapes through the network: ? × 3 (&lt;b&gt;mine), ? × 4 (Dense)"' in html
    assert "not built" in html
