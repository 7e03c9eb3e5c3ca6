"""Runs survive whatever happens to their processes, disk, store and clock, and end with the undisturbed run's bits.

`make faults N=50` tries each fault 50 times; FITBOARD_FAULTS_SEED repeats what a failure printed.
"""

import pytest

from tests.support.fault_table import Table
from tests.support.faults import Reference, Scene
from tests.support.harm import FAULTS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", FAULTS)
def test_run_survives(name: str, local: Scene, reference: Reference, table: Table) -> None:
    table.fill(name, FAULTS[name], local, reference)
