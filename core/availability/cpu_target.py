"""The CPU target of an app: low enough that the other zones carry the load if one zone fails."""

CPU_PERCENT_AFTER_ZONE_LOSS = 90
"""CPU utilization, as a percentage of the CPU requests, that the failure of one zone may cause.

The remaining pods serve the load of the failed zone until new pods are ready, so 10% is kept free
for short peaks and for requests that are not spread evenly. Above that, response times grow faster
than the load. The figure is a choice of this project; AWS and Kubernetes recommend none.
"""


def cpu_target(zones: int) -> int:
    """Returns the average CPU utilization, in percent of the requests, to scale an app to.

    `zones` is 2 or more. If one zone fails, the load of all zones runs in `zones` − 1 zones. The
    utilization then rises to CPU_PERCENT_AFTER_ZONE_LOSS if the number of replicas is a multiple
    of `zones`, and can exceed it otherwise.
    """
    return CPU_PERCENT_AFTER_ZONE_LOSS * (zones - 1) // zones
