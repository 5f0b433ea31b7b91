"""The pins: every minor that is known has its own."""

import re

from core.facts.versions import (
    ADD_ON_NAMES,
    ADD_ON_VERSION,
    ADD_ONS,
    CLUSTER_AUTOSCALER_IMAGE,
    KUBERNETES,
)


def test_every_known_minor_has_pins_and_an_autoscaler() -> None:
    assert list(ADD_ONS) == list(KUBERNETES), "a plan of the other minor would end in a KeyError"
    assert list(CLUSTER_AUTOSCALER_IMAGE) == list(KUBERNETES)
    for minor, tag in CLUSTER_AUTOSCALER_IMAGE.items():
        assert tag.startswith(f"v{minor}.")


def test_a_pin_is_a_version_of_an_add_on_that_cells_have() -> None:
    for pins in ADD_ONS.values():
        assert set(pins) <= set(ADD_ON_NAMES), "nobody would ever use it"
        for version in pins.values():
            assert re.fullmatch(ADD_ON_VERSION, version), version
