"""Price of a public IPv4 address, in dollars per hour.

https://aws.amazon.com/vpc/pricing/. The figure was read on third-party pages, in November 2026.
Since February 2024 AWS charges for every address, also for those of NAT gateways and load
balancers:
https://aws.amazon.com/blogs/networking-and-content-delivery/identify-and-optimize-public-ipv4-address-usage-on-aws/
"""

HOUR = 0.005
"""An address that AWS provides, in use or idle."""
