"""The VPC of a cell, made or there already."""

from components.network.network import Network, NetworkArgs

__all__ = ["Network", "NetworkArgs"]
