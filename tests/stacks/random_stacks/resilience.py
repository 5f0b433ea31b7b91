"""Random practice runs, experiments and backups."""

from typing import get_args

from hypothesis import strategies as st

from settings.resilience.experiments import ExperimentName
from tests.stacks.random_stacks.drawing import RETENTION, Config, Draw, keys_of, maybe, some

_WINDOWS = {
    "cluster": ["Mon:00:00-Mon:04:00", "Tue:13:00-Tue:17:00"],
    "loadBalancer": ["Wed:13:00-Wed:17:00", "Thu:22:59-Thu:23:59"],
    "internalLoadBalancer": ["Fri:13:00-Fri:17:00", "Sat:00:30-Sat:00:31"],
}
"""Windows of each resource, which do not meet those of the others."""


def resilience_of(draw: Draw, config: Config, *, public: bool, internal: bool) -> Config:
    """Returns practice runs and experiments that are possible in a stack, and backups."""
    resources = {
        "cluster": config["ha-eks:cluster"].get("zonalShift", True),
        "loadBalancer": public,
        "internalLoadBalancer": internal,
    }
    windows = {each: some(_WINDOWS[each], 1) for each, exists in resources.items() if exists}
    autoshift = keys_of({}, {
        "practiceOnly": st.booleans(), "observer": st.booleans(),
        "blockedDates": some(["2026-12-24", "2028-02-29"]),
        "practiceWindows": keys_of({}, windows),
    })  # fmt: skip
    backup = keys_of({}, {
        "schedule": st.sampled_from(["@hourly", "30 4 1 * *", "15 */6 * * 1-5"]),
        "retentionDays": st.sampled_from([1, 35, 36500]), "copyRegion": st.just("eu-central-1"),
        "restoreTests": st.booleans(),
    })  # fmt: skip
    affecting = [
        *config.get("ha-eks:workers", {}),
        *(app for app in config.get("ha-eks:apps", {}).values() if "expose" in app),
    ]
    section = maybe(draw, {}, backup=backup)
    if affecting:
        maybe(draw, section, autoshift=autoshift, experiments=st.just(_experiments(draw, config)))
    return section


def _experiments(draw: Draw, config: Config) -> Config:
    network, pools = config["ha-eks:network"], config["ha-eks:pools"].values()
    bottlerocket = any(each["amiType"].startswith("BOTTLEROCKET") for each in pools)
    possible = {
        "delete-pods": any("expose" in each for each in config.get("ha-eks:apps", {}).values()),
        "stress-cpu": not bottlerocket,
        "slow-zone": not bottlerocket,
        "lossy-zone": not bottlerocket,
        "interrupt-spot": any(each["capacityType"] == "SPOT" for each in pools),
        "lose-a-zone": config["ha-eks:cluster"].get("zonalShift", True),
        "cut-cross-region": "ha-eks:traffic" in config and len(network["zones"]) < 6,
    }
    names = [each for each in get_args(ExperimentName) if possible.get(each, True)]
    enabled = [*draw(keys_of({}, dict.fromkeys(names, st.none())))]
    zones = [each for each in network["zones"] if each not in network.get("zonesOut", [])]
    experiments = maybe(
        draw, {"enabled": enabled}, zone=st.sampled_from(zones), retentionDays=RETENTION
    )
    if "cut-cross-region" in enabled:
        experiments["otherRegion"] = "eu-central-1"
    return experiments
