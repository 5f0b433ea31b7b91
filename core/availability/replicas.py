"""Replicas, headroom and autoscaler limits that the failure of one zone requires.

The claim: if one zone fails, and no pod is evicted or started, the replicas in the other zones
carry the load. The numbers of replicas per zone differ by at most one.
"""

_AUTOSCALER_DEFAULT = 45
"""Default of the Cluster Autoscaler's --max-total-unready-percentage."""

_UNREADY_OUTSIDE_THE_ZONE = 15
"""Percentage of nodes that may be unready in the other zones while one zone is unavailable."""


def minimum_replicas(needed: int, zones: int) -> int:
    """Returns the number of replicas of which `needed` remain if the fullest zone fails.

    `needed` is 1 or more, `zones` 2 or more. The result is ceil(needed × zones / (zones − 1)).
    """
    return -(-needed * zones // (zones - 1))


def remaining_during_rollout(minimum: int, zones: int, surge: int) -> int:
    """Returns the fewest replicas that remain if a zone fails at any moment of a rolling update.

    Old and new pods are spread over the zones separately. Kubernetes removes old pods in any order
    of zones, so that the zone that fails may run all remaining old pods, up to its share, and its
    share of the new pods. `minimum` pods serve in `zones` zones, and at most `surge` pods more are
    starting.
    https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/controller_utils.go
    """

    def in_fullest_zone(new: int) -> int:
        old = min(-(-minimum // zones), minimum - new)
        return old + min(new, -(-min(minimum, new + surge) // zones))

    return minimum - max(map(in_fullest_zone, range(minimum + 1)))


def headroom_per_zone(minimum: int, zones: int) -> int:
    """Returns the number of pods of an app for which each zone reserves capacity.

    The headroom of the other zones together has capacity for the pods of the fullest zone. With
    `minimum` replicas in `zones` zones, 2 or more: ceil(ceil(minimum / zones) / (zones − 1)).
    """
    lost = -(-minimum // zones)
    return -(-lost // (zones - 1))


def redistributed(per_zone: int, zones: int, zones_in: int) -> int:
    """Returns the number of nodes or pods per zone if `zones_in` of `zones` zones are in use.

    `per_zone` is the number per zone if all zones are in use. The total stays the same, rounded up
    to a multiple of `zones_in`.
    """
    return -(-per_zone * zones // zones_in)


def max_unready_percentage(zones: int) -> int:
    """Returns the Cluster Autoscaler's --max-total-unready-percentage, 45 to 100.

    The Cluster Autoscaler stops if a larger percentage of the nodes is unready. With its default of
    45, the failure of one of two zones would stop it. The result is the percentage of one zone plus
    15, but at least the default, while one of `zones` zones, 2 or more, is out of service.
    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
    """
    in_service = max(2, zones - 1)
    return max(_AUTOSCALER_DEFAULT, -(-100 // in_service) + _UNREADY_OUTSIDE_THE_ZONE)
