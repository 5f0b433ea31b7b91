"""`python tools/policy ENGINE`: serves the policy pack. The Pulumi engine runs this command."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.policy.analyzer import serve  # the path above comes first

if __name__ == "__main__":
    serve()
