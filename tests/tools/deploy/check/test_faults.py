"""Every fault of a cell is a line of the table with a remedy."""

import pytest

from tests.conftest import recording_of
from tests.tools.deploy.check import aws_faults, pod_faults
from tests.tools.deploy.check.cell import Cell
from tests.tools.deploy.check.faults import Fault
from tools.deploy.check.__main__ import CHECKS
from tools.deploy.check.result import not_ok

FAULTS = (*pod_faults.FAULTS, *aws_faults.FAULTS)


def test_every_check_can_fail() -> None:
    assert {each.check for each in FAULTS} == {*CHECKS.values()}


@pytest.mark.parametrize("fault", FAULTS, ids=[each.breaks.__name__ for each in FAULTS])
def test_a_fault_is_a_line_with_a_remedy(fault: Fault) -> None:
    cell = Cell(recording_of("prod"))
    fault.breaks(cell)
    assert not_ok(*fault.line) in cell.check(fault.check)
