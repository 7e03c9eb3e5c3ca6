import dataclasses

import pytest

from dashboard.views.run.evaluation import evaluated_part
from tests.dashboard.views.run.test_header import RUN


@pytest.mark.parametrize(
    ("metrics", "part"), [({"test_loss": 1.0, "val_loss": 1.0}, "test"), ({"loss": 1.0}, "validation")]
)
def test_evaluation_is_called_by_the_part_that_it_is_about(metrics, part):
    assert evaluated_part(dataclasses.replace(RUN, metrics=metrics)) == part
