"""The load balancers of the exposed apps, and the controller that registers their pods.

Pulumi owns the load balancers: Pulumi knows their DNS names, deletes them without the controller,
and can replace the cluster behind them. The controller registers and deregisters pods only.
docs/decisions/0034-pulumi-owns-the-load-balancer.md
"""

from components.load_balancing.load_balancer import CreatedLoadBalancer
from components.load_balancing.load_balancing import LoadBalancing, LoadBalancingArgs, Target

__all__ = ["CreatedLoadBalancer", "LoadBalancing", "LoadBalancingArgs", "Target"]
