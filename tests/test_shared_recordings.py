from copy import deepcopy
from pathlib import Path

import yaml

from settings import read_stack_file
from tests.shared_recordings import recorded, recorded_config
from tools.recording import record
from tools.recording.record import ROOT


def test_a_shared_recording_equals_a_new_recording() -> None:
    assert recorded("dev") == record("dev")


def test_the_same_content_is_recorded_once(tmp_path: Path) -> None:
    config = read_stack_file(ROOT / "Pulumi.dev.yaml")
    (tmp_path / "Pulumi.copy.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    assert recorded("copy", tmp_path) is recorded_config("copy", deepcopy(config))


def test_another_content_or_stack_name_is_recorded_separately() -> None:
    config = read_stack_file(ROOT / "Pulumi.dev.yaml")
    first = recorded_config("copy", config)
    assert recorded_config("other", config).stack == "other"
    assert first.stack == "copy"
    config["aws:region"] = "us-west-2"
    config["ha-eks:network"] = {  # zones of that region
        "zones": ["us-west-2a", "us-west-2b"], "controlPlaneZones": ["us-west-2a", "us-west-2b"],
    }  # fmt: skip
    assert recorded_config("copy", config) != first
