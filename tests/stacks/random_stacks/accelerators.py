"""Random pools with GPUs or Neuron devices, and apps that request them."""

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import Config, Draw

_TYPES = {
    "gpu": ["g6.xlarge", "g5.2xlarge", "g4dn.12xlarge"],
    "neuron": ["inf2.xlarge", "inf2.24xlarge"],
}
_AMIS = {
    "gpu": ["AL2023_x86_64_NVIDIA", "BOTTLEROCKET_x86_64_NVIDIA"],
    "neuron": ["AL2023_x86_64_NEURON", "BOTTLEROCKET_x86_64"],
}


def accelerate(draw: Draw, pools: Config, apps: Config) -> None:
    """Adds a pool with accelerators, and lets some apps request one; each pod fits on a node."""
    device = draw(st.sampled_from([*_TYPES]))
    pool: Config = {
        "instanceTypes": [draw(st.sampled_from(_TYPES[device]))],
        "perZone": {"min": draw(st.integers(0, 1)), "max": 20},
        "capacityType": "ON_DEMAND",
    }
    if draw(st.booleans()):
        pool["amiType"] = draw(st.sampled_from(_AMIS[device]))
    if draw(st.booleans()):
        pool["taints"] = [{"key": "team"}]
    pools["fast"] = pool
    for app in apps.values():
        if draw(st.booleans()):
            app["requests"] = {**app["requests"], device: 1}
            if "taints" in pool or draw(st.booleans()):
                app["pool"] = "fast"
            else:
                app.pop("pool", None)
