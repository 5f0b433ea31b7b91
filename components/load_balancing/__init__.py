"""The load balancer in front of the exposed apps, and the controller that binds their pods to it.

Pulumi owns the load balancer: its name is known to DNS, its teardown waits for nobody, and a
cluster can be replaced behind it. The controller registers and deregisters pods, nothing else.
"""

from components.load_balancing.load_balancing import LoadBalancing, LoadBalancingArgs, Target
from components.load_balancing.target_groups import ExposedApp

__all__ = ["ExposedApp", "LoadBalancing", "LoadBalancingArgs", "Target"]
