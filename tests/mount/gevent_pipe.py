"""select.epoll on a pipe inside gevent's own loop: an edge in the inner instance is told once.

The inner instance is itself a descriptor that gevent's hub waits for.  One greenlet writes; the
other looks into the instance each time the hub says so.  Level: told until it is read.  Edge:
told once, however often the hub asks again.  77: no gevent.
"""
import os
import select
import sys

try:
    import gevent
    from gevent.hub import get_hub
except ImportError:
    sys.exit(77)


def told(mode, looks):
    """How often the inner instance tells a byte that nobody reads, in so many looks."""
    reading, writing = os.pipe()
    inner = select.epoll()
    inner.register(reading, select.EPOLLIN | mode)
    watcher = get_hub().loop.io(inner.fileno(), 1)
    gevent.spawn(os.write, writing, b"x")
    get_hub().wait(watcher)
    times = sum(len(inner.poll(0)) for _ in range(looks))
    inner.close()
    os.close(reading)
    os.close(writing)
    return times


level, edge = told(0, 5), told(select.EPOLLET, 5)
print(f"level: told {level} times, edge: {edge}")
sys.exit(0 if (level, edge) == (5, 1) else 1)
