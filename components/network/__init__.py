"""The VPC of a cell: a new one, or an existing one."""

from components.network.network import Network, NetworkArgs

__all__ = ["Network", "NetworkArgs"]
