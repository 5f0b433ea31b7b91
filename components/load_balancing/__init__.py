"""The load balancer of the exposed apps, and the controller that registers their pods.

Pulumi owns the load balancer: Pulumi knows its DNS name, deletes it without the controller, and can
replace the cluster behind it. The controller registers and deregisters pods only.
docs/decisions/0034-pulumi-owns-the-load-balancer.md
"""

from components.load_balancing.load_balancing import LoadBalancing, LoadBalancingArgs, Target
from components.load_balancing.target_groups import ExposedApp

__all__ = ["ExposedApp", "LoadBalancing", "LoadBalancingArgs", "Target"]
