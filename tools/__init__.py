"""Commands around the program: `python -m tools.NAME`."""

import signal
import sys

# Python imports this package before the command, whose imports take a second. Until
# tools/entry_point.py handles signals, Ctrl-C ends the process, without a stack trace.
# https://docs.python.org/3/using/cmdline.html#cmdoption-m
if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
