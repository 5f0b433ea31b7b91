"""Rules for ha-eks:resilience.experiments: an experiment that cannot work here is refused."""

from collections.abc import Callable, Iterator, Mapping

from settings.reading.problem import Problem
from settings.reading.wording import listed
from settings.resilience.experiment_targets import MAX_SUBNETS, experiment_apps
from settings.resilience.practiced import has_stop_alarm
from settings.stack import NAMESPACE, Settings

KEY = f"{NAMESPACE}:resilience.experiments"


def _zone(settings: Settings) -> Iterator[Problem]:
    zone, zones = settings.resilience.experiments.zone, settings.network.zones_in
    if zone and zone not in zones:
        yield Problem(
            key=f"{KEY}.zone",
            message=f"the cell has no nodes in {zone}; write one of {', '.join(zones)}",
        )


def _other_region(settings: Settings) -> Iterator[Problem]:
    experiments, key = settings.resilience.experiments, f"{KEY}.otherRegion"
    region, cuts = experiments.other_region, "cut-cross-region" in experiments.enabled
    if region is None:
        if cuts:
            yield Problem(
                key=key, message="required by cut-cross-region: the region of the partner cell"
            )
    elif not cuts:
        yield Problem(
            key=key, message="only for the experiment cut-cross-region, which is not enabled"
        )
    elif region == settings.aws.region:
        yield Problem(
            key=key, message=f"{region} is the region of this cell; write that of its partner"
        )


def _reason_against_delete_pods(settings: Settings) -> str | None:
    if not experiment_apps(settings):
        return "deletes half of the pods of exposed apps, but no app has expose"
    return None


def _reason_against_spot(settings: Settings) -> str | None:
    if not any(pool.capacity_type == "SPOT" for pool in settings.pools.values()):
        return "interrupts spot nodes, but no pool has capacityType: SPOT"
    return None


def _reason_against_documents(settings: Settings) -> str | None:
    pools = [name for name, pool in settings.pools.items() if pool.bottlerocket]
    if pools:
        return (
            "runs a document of AWS Systems Manager on the nodes of the zone, which AWS does not "
            f"support on Bottlerocket, the system of {listed(pools)}"
        )
    return None


def _reason_against_other_zones(settings: Settings) -> str | None:
    if len(settings.network.zones_in) < 2:
        return "needs a second zone, but the cell has nodes in one only"
    return None


def _reason_against_loss(settings: Settings) -> str | None:
    if not settings.cluster.zonal_shift:
        return "shifts the cluster away from the zone, but cluster.zonalShift is false"
    return _reason_against_other_zones(settings)


def _reason_against_loss_of_packets(settings: Settings) -> str | None:
    return _reason_against_documents(settings) or _reason_against_other_zones(settings)


def _reason_against_cut(settings: Settings) -> str | None:
    if settings.traffic is None:
        return "is for a cell with a partner in another region, but there is no traffic section"
    if len(settings.network.zones) > MAX_SUBNETS:
        return f"acts on at most {MAX_SUBNETS} private subnets, but the cell has more zones"
    return None


_REASONS: Mapping[str, Callable[[Settings], str | None]] = {
    "delete-pods": _reason_against_delete_pods,
    "stress-cpu": _reason_against_documents,
    "interrupt-spot": _reason_against_spot,
    "slow-zone": _reason_against_documents,
    "lossy-zone": _reason_against_loss_of_packets,
    "lose-a-zone": _reason_against_loss,
    "cut-cross-region": _reason_against_cut,
}
"""Functions that return the reason why an experiment cannot work in a cell, by experiment."""


def _possible_experiments(settings: Settings) -> Iterator[Problem]:
    if not settings.network.zones_in:
        return
    for index, name in enumerate(settings.resilience.experiments.enabled):
        reason = _REASONS.get(name, lambda _: None)(settings)
        if reason:
            yield Problem(key=f"{KEY}.enabled[{index}]", message=f"{name} {reason}; remove it")


def _stop_alarms(settings: Settings) -> Iterator[Problem]:
    if settings.resilience.experiments.enabled and not has_stop_alarm(settings):
        yield Problem(
            key=f"{KEY}.enabled",
            message="an alarm must stop an experiment, and the cell has none: no app has expose, "
            "and there is no worker; add one of them, or remove the key",
        )


RULES = (_zone, _other_region, _possible_experiments, _stop_alarms)
