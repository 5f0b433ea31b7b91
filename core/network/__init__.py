"""Address plan of the VPC, and the addresses that nodes and pods use."""
