"""Price of a Route 53 hosted zone, in dollars per month.

https://aws.amazon.com/route53/pricing/, for each of the first 25 hosted zones of an account. The
figure was read on third-party pages that quote it, in November 2026: https://ns1.com/resources/aws-dns
"""

MONTH = 0.50
