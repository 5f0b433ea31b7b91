"""Price of data between Availability Zones, in dollars per GB.

https://aws.amazon.com/ec2/pricing/on-demand/ ("Data transfer within the same AWS Region"). AWS
bills each direction: a GB that is sent to another zone costs the price at the sender and again at
the receiver. Measured in
https://www.lastweekinaws.com/blog/aws-cross-az-data-transfer-costs-more-than-aws-says/, read in
November 2026. Data between an Application Load Balancer and its targets is not billed.
"""

ZONE_GB_EACH_WAY = 0.01
"""A GB that leaves a zone, or that enters a zone from another one."""
