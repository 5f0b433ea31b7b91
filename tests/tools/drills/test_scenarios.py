"""Scenarios of a drill."""

from typing import Any

import yaml

from tools.drills.scenarios import common
from tools.recording.record import ROOT


def test_the_start_time_of_a_pod_is_that_of_the_simulated_kubelet() -> None:
    text = (ROOT / "tools" / "drills" / "stages.yaml").read_text(encoding="utf-8")
    stages: dict[str, Any] = {each["metadata"]["name"]: each for each in yaml.safe_load_all(text)}
    delay = stages["pod-becomes-ready"]["spec"]["delay"]["durationMilliseconds"]
    assert delay == 1000 * common.POD_START
