"""Tests of the pinned versions."""

import re

from core.facts.versions.add_ons import ADD_ON_NAMES, ADD_ON_VERSION, ADD_ONS
from core.facts.versions.images import CLUSTER_AUTOSCALER_IMAGE
from core.facts.versions.kubernetes import KUBERNETES


def test_every_kubernetes_version_has_pins_and_an_autoscaler_image() -> None:
    assert list(ADD_ONS) == list(KUBERNETES), "a stack with the other version would fail"
    assert list(CLUSTER_AUTOSCALER_IMAGE) == list(KUBERNETES)
    for minor, tag in CLUSTER_AUTOSCALER_IMAGE.items():
        assert tag.startswith(f"v{minor}.")


def test_every_pin_is_a_version_of_an_add_on_of_every_cell() -> None:
    for pins in ADD_ONS.values():
        assert set(pins) <= set(ADD_ON_NAMES), "no cell uses the pin"
        for version in pins.values():
            assert re.fullmatch(ADD_ON_VERSION, version), version
