"""The version of Pulumi's SDK for which the recorder was written; imported by conftest.py first."""

from importlib.metadata import version

import pytest

SDK = "3.272.0"
"""Version of the SDK with which the recorder was compared."""
UPGRADE = (
    f"tools/recording replaces internal parts of pulumi {SDK}: read what a new version changed in "
    "the names that tests/tools/recording/test_pulumi_sdk.py lists, adapt the recorder, then "
    "change SDK in tests/pulumi_sdk.py"
)

if version("pulumi") != SDK:  # before an import fails of a name that this version lacks
    raise pytest.UsageError(UPGRADE)
