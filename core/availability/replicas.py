"""What the loss of a zone asks of an application: replicas, CPU target, headroom.

The claim: with one zone gone, and nothing evicted or started, the replicas in the other zones
carry the load. Zones hold replicas evenly, to within one.
"""

_FULL = 90
"""CPU utilization in percent at which a replica carries as much as it should."""


def minimum_replicas(needed: int, zones: int) -> int:
    """Replicas of which `needed` are left when the fullest of `zones` zones is lost.

    `needed` is 1 or more, `zones` 2 or more. It is ceil(needed × zones / (zones − 1)).
    """
    return -(-needed * zones // (zones - 1))


def cpu_target(zones: int) -> int:
    """CPU utilization in percent that a zone's loss raises to 90 % in the other zones."""
    return _FULL * (zones - 1) // zones


def headroom_per_zone(minimum: int, zones: int) -> int:
    """Pods for which each zone holds room: its share of what the fullest lost zone ran.

    `minimum` replicas over `zones` zones, 2 or more: ceil(ceil(minimum / zones) / (zones − 1)).
    """
    lost = -(-minimum // zones)
    return -(-lost // (zones - 1))


def redistributed(each: int, zones: int, zones_in: int) -> int:
    """What each of the zones that are in holds, if `zones` zones held `each` and some are out."""
    return -(-each * zones // zones_in)


def max_unready_percentage(zones: int) -> int:
    """Share of nodes in percent that may be unready before the Cluster Autoscaler stops.

    That of the largest zone and 15 more, at least the autoscaler's own 45: at 45, the loss of one
    of two zones would stop it altogether.
    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
    """
    return min(100, max(45, -(-100 // zones) + 15))
