"""Prices of AWS Fault Injection Service (FIS), in dollars.

https://aws.amazon.com/fis/pricing/, read in November 2026. AWS charges each experiment report on
top; the page as it was read does not show that price.
"""

ACTION_MINUTE = 0.10
"""One minute in which one action is active, whatever the action and the number of its targets. AWS
rounds the duration of an action to the nearest minute."""
