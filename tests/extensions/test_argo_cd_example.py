"""The extension of docs/federation.md creates a managed Argo CD."""

import re
from pathlib import Path

from botocore.session import get_session

from tests.extensions.recorded_extension import record_with
from tools.recording.record import ROOT


def test_the_extension_of_the_page_creates_the_capability(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "federation.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    recording = record_with(code, tmp_path)
    [capability] = recording.of_type("aws:eks/capability:Capability")
    inputs = capability.inputs
    [mapping] = inputs["configuration"]["argoCd"]["rbacRoleMappings"]
    model = get_session().get_service_model("eks")
    for value, shape in (
        (inputs["type"], "CapabilityType"),
        (inputs["deletePropagationPolicy"], "CapabilityDeletePropagationPolicy"),
        (mapping["role"], "ArgoCdRole"),
        (mapping["identities"][0]["type"], "SsoIdentityType"),
    ):
        assert value in model.shape_for(shape).metadata["enum"]
    assert inputs["clusterName"] == recording.stack
