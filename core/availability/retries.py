"""Time until Kubernetes tries again to create a pod that was refused."""

LONGEST_RETRY = 1000
"""Longest waiting time in seconds between two attempts of a controller.
https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/client-go/util/workqueue/default_rate_limiters.go"""


def seconds_to_retry(refused: float) -> float:
    """Returns the longest time from the end of a failure to the next attempt of a controller.

    `refused` are the seconds since the first failed attempt. A controller doubles its waiting time
    after each failed attempt, so that a waiting time is as long as all waiting times before.
    """
    return min(refused, LONGEST_RETRY)
