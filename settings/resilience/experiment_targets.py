"""Targets of experiments that follow from the settings: a zone, apps and a node group."""

from core.facts.fis_actions import MAX_PARALLEL_ACTIONS
from core.tags import SPANNING
from settings.stack import Settings

MAX_APPS = MAX_PARALLEL_ACTIONS - 1
"""Apps whose pods an experiment deletes at once; one more action watches."""

MAX_SUBNETS = 5
"""ARNs of a target in the AWS provider.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/fis/experiment_template.go
"""


def experiment_zone(settings: Settings) -> str:
    """Returns the zone in which experiments act."""
    return settings.resilience.experiments.zone or settings.network.zones_in[0]


def experiment_apps(settings: Settings) -> tuple[str, ...]:
    """Returns the apps whose pods can be deleted: exposed apps, which have two or more pods.

    FIS rounds half of one pod, such as that of a singleton, down to none, and an experiment without
    a target fails.
    https://docs.aws.amazon.com/fis/latest/userguide/targets.html
    """
    return tuple(name for name in settings.apps if name in settings.exposed)


def deleted_apps(settings: Settings) -> tuple[str, ...]:
    """Returns the apps whose pods are deleted: as many as one experiment can act on."""
    return experiment_apps(settings)[:MAX_APPS]


def terminated_group(settings: Settings) -> tuple[str, str]:
    """Returns the node group whose nodes are terminated: the first pool of the stack file, and the
    zone of the group, or SPANNING."""
    name, pool = next(iter(settings.pools.items()))
    return name, SPANNING if pool.layout == "spanning" else experiment_zone(settings)
