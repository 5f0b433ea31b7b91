"""The parts of a cell, each a Pulumi ComponentResource."""
