"""Takes a stack through the real Pulumi engine, over a stand-in cloud."""
