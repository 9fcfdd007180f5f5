"""Reads the mounted UART to its end in one greenlet while another one runs; 77: no gevent."""
import os
import sys

try:
    import gevent
    from gevent.os import make_nonblocking, nb_read
except ImportError:
    sys.exit(77)


def read_uart():
    fd = os.open("uart", os.O_RDONLY)
    make_nonblocking(fd)
    while True:
        byte = nb_read(fd, 1)
        if not byte:
            return
        sys.stdout.buffer.write(byte)


turns = 0


def run_meanwhile(reader):
    global turns
    while not reader.ready():
        turns += 1
        gevent.sleep(0)


reader = gevent.Greenlet(read_uart)
other = gevent.spawn(run_meanwhile, reader)
reader.start()
gevent.joinall([reader, other], raise_error=True)
sys.exit(0 if turns else 1)
