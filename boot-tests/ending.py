# SPDX-License-Identifier: BSD-2-Clause
"""How the tools of this folder end when they are told to, by Ctrl-C or SIGTERM: soon, after what they have started,
and with nothing left in /tmp.

Called by: those that run for long, and conftest.py.
"""
from contextlib import contextmanager
import signal
import subprocess
import sys


def be_told():
    """From here on either signal is a KeyboardInterrupt. A second SIGTERM does not disturb what is done then."""
    def told(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, told)
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:    # as in the background
        signal.signal(signal.SIGINT, told)


@contextmanager
def in_good_order(name):
    """All of a tool; exit status 130 if it was told to end."""
    be_told()
    try:
        yield
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(130)


def run(argv, **more):
    """subprocess.run() with the output, of what has to clean up behind itself, too: make ends compilers."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            process.terminate()
            process.communicate()
            raise
    return subprocess.CompletedProcess(argv, process.returncode, out, err)
