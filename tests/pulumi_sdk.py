"""Version of the Pulumi SDK that the recorder supports. conftest.py imports this module first."""

from importlib.metadata import version

import pytest

SDK = "3.272.0"
"""Version of the SDK that the recorder was written and checked for."""
UPGRADE = (
    f"tools/recording uses internal names of pulumi {SDK}; before an upgrade, read the changes to "
    "the names in tests/tools/recording/test_pulumi_sdk.py, adapt the recorder, then change SDK in "
    "tests/pulumi_sdk.py"
)

if version("pulumi") != SDK:  # earlier than an import error of a missing name
    raise pytest.UsageError(UPGRADE)
