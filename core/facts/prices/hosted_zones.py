"""Price of a Route 53 hosted zone, in dollars per month.

https://aws.amazon.com/route53/pricing/, for each of the first 25 hosted zones of an account.
"""

MONTH = 0.50
