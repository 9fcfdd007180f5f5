#!/usr/bin/env python3
"""A greenlet's switch, as a line of bench_loop; 77 where there is no greenlet."""
import sys
import time

try:
    from greenlet import greenlet
except ImportError:
    sys.exit(77)

SWITCHES = 20000
ROUNDS = 9


def back_and_forth():
    while True:
        outside.switch()


outside = greenlet.getcurrent()
other = greenlet(back_and_forth)
figures = []
for _ in range(ROUNDS):
    begin = time.thread_time_ns()
    for _ in range(SWITCHES):
        other.switch()
    figures.append((time.thread_time_ns() - begin) / (2 * SWITCHES))
figures.sort()
low, middle, high = figures[ROUNDS // 4], figures[ROUNDS // 2], figures[ROUNDS * 3 // 4]
print(f"switch   greenlet {0:6} {0:6} {middle:9.3f} {low:9.3f} {high:9.3f} ns")
