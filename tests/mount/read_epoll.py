"""Reads the mounted UART to its end with Python's select.epoll, a byte at a time."""
import os
import select
import sys

fd = os.open("uart", os.O_RDONLY | os.O_NONBLOCK)
epoll = select.epoll()
epoll.register(fd, select.EPOLLIN)
byte = b"?"
while byte:
    epoll.poll()
    try:
        byte = os.read(fd, 1)
    except BlockingIOError:
        continue
    sys.stdout.buffer.write(byte)
