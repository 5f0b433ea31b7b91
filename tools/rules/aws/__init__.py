"""Rules over the AWS resources of a recording."""
