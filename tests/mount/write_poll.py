"""Writes to a mounted device, with a second process that reads; the driver's blocks decide."""
import os
import select
import signal
import sys


def ready(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    return sum(events for _, events in poll.poll(0))


try:
    os.open("deaf", os.O_WRONLY)
    sys.exit("a file whose driver cannot be written to was opened for it")
except PermissionError:
    pass



class Enough(Exception):
    pass


def enough(number, frame):
    raise Enough


def interrupted():
    """A write that sleeps ends by a signal: short, or with nothing; and by SIGKILL."""
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)  # again and again: it may come too early
    signal.signal(signal.SIGALRM, lambda number, frame: None)
    assert os.write(fd, b"123456") == 4
    signal.signal(signal.SIGALRM, enough)
    try:
        os.write(fd, b"5")
        sys.exit("a write to a full queue came back")
    except Enough:
        pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    child = os.fork()
    if child == 0:
        os.write(os.open("echo", os.O_WRONLY), b"6")
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert os.read(fd, 8) == b"1234"


fd = os.open("echo", os.O_RDWR)
for _ in range(5):  # more often than blocks can run at once
    interrupted()
assert ready(fd) == select.POLLOUT, ready(fd)
assert os.write(fd, b"he") == 2
assert ready(fd) == select.POLLIN | select.POLLOUT, ready(fd)
assert os.write(fd, b"ll") == 2
assert ready(fd) == select.POLLIN, ready(fd)  # its queue of four is full

got = b""
if os.fork() == 0:
    other = os.open("echo", os.O_WRONLY)  # one description is for one call at a time
    assert os.write(other, b"o, world, and more than fits") == 28  # sleeps until all are read
    os._exit(0)
while len(got) < 32:
    got += os.read(fd, 3)
assert got == b"hello, world, and more than fits", got
assert os.wait()[1] == 0
assert os.read(fd, 8) == b"\x80"  # the token that the world sends
