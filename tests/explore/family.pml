/*
 * tests/explore/family.pml - the systems of lab/family.h for Spin, after docs/language.md:
 * which ends can they come to, which cycles have they?  Parameters come as macros, see spin.sh.
 *
 * With CYCLES nobody judges ends, and a world may stop at any time: fairness never waits for an
 * arrival.  TAKES and WAKES are labels behind the taken interrupt and the woken thread:
 * `accept` for fair cycles that pass one of them (who can always go on does not rest there),
 * `progress` for cycles of readers alone (which are there as well when the other has gone one
 * step further).
 */
byte sent[2], fifo[2], queue[2], registered;
bit asks[2], ready[2], armed[2];
bit latch, busy, masked, woken, handling; /* busy: taken and not completed */
bit lost, good;

#define ASKS(d) (LATCHED -> asks[d] : fifo[d] > 0)
#define LINE (ASKS(0) || (DEVICES == 2 && ASKS(1)))
#define LEFT (fifo[0] || fifo[1] || queue[0] || queue[1])

/* An arrival: a rise of the line sets the latch, unless the controller forgets it. */
proctype world(byte d)
{
    bit high;

    do
    :: sent[d] == TOKENS || CYCLES -> break
    :: atomic {
            sent[d] < TOKENS && fifo[d] < FIFO ->
            high = LINE;
            sent[d]++;
            fifo[d]++;
            asks[d] = LATCHED;
            if
            :: EDGE && !high && !(FORGETS && (busy || masked)) -> latch = 1
            :: else
            fi;
            high = 0
        }
    od
}

inline clear(d)
{
    if
    :: LATCHED && CLEARS -> asks[d] = 0
    :: else
    fi
}

inline drain(d)
{
    n = 0;
    do
    :: atomic {
            fifo[d] && queue[d] < QUEUE && (DRAINS == 0 || n < DRAINS) ->
            fifo[d]--;
            queue[d]++;
            moved = 1;
            n = (DRAINS -> n + 1 : 1)
        }
    :: else -> break
    od;
    atomic {
        ready[d] = ready[d] || (n && armed[d]);
        n = 0
    }
}

inline serve(d)
{
    if
    :: !CLEARS_LAST -> clear(d)
    :: else
    fi;
    drain(d);
    if
    :: CLEARS_LAST -> clear(d)
    :: else
    fi
}

inline work()
{
    do
    :: moved = 0;
        serve(0);
        if
        :: DEVICES == 2 -> serve(1)
        :: else
        fi;
        if
        :: SCANS && moved
        :: else -> break
        fi
    od;
    moved = 0
}

proctype handler()
{
    byte n;
    bit moved;

    do
    :: atomic {
            !masked && !busy && (EDGE -> latch : LINE) ->
            handling = 1;
            busy = 1;
            latch = 0
        };
TAKES:  if
        :: THREADED -> masked = 1; woken = 1
        :: !THREADED && EOI_FIRST -> busy = 0; work()
        :: else -> work()
        fi;
        d_step {
            busy = 0;
            handling = 0
        }
    od
}

proctype half() provided (!handling)
{
    byte n;
    bit moved;

    do
    :: atomic { woken -> woken = 0 };
WAKES:  if
        :: UNMASK_FIRST -> masked = 0; work()
        :: else -> work(); masked = 0
        fi
    od
}

proctype reader(byte r) provided (CPUS == 2 || !handling)
{
    byte f;
    bit stop;

    if
    :: r == 0 ->
        do
        :: atomic {
                registered < DEVICES ->
                armed[registered] = 1;
                ready[registered] = queue[registered] > 0;
                registered++
            }
        :: registered == DEVICES -> break
        od
    :: else -> registered == DEVICES
    fi;
    do
    :: atomic {
            (ready[0] || ready[1]) ->
            if
            :: ready[0] -> f = 0
            :: ready[1] -> f = 1
            fi;
            if
            :: !queue[f] -> ready[f] = 0; stop = 1
            :: else ->
                ready[f] = (EPOLL == 0);
                if
                :: EPOLL == 2 -> armed[f] = 0
                :: else
                fi
            fi
        };
        if
        :: stop -> stop = 0
        :: else ->
            do
            :: atomic {
                    stop = (READER == 0 || READER == 3 || (READER == 1 && !queue[f]) ||
                            (READER == 2 && queue[f] < CHUNK));
                    if
                    :: READER == 3
                    :: READER != 3 && queue[f] < CHUNK -> queue[f] = 0
                    :: else -> queue[f] = queue[f] - CHUNK
                    fi
                };
                if
                :: stop -> break
                :: else
                fi
            od;
            stop = 0;
            if
            :: EPOLL == 2 ->
                atomic {
                    armed[f] = 1;
                    ready[f] = ready[f] || queue[f] > 0
                }
            :: else
            fi
        fi;
        f = 0
    od
}

/* Nothing can step any more. */
proctype judge()
{
    timeout ->
        lost = LEFT;
        good = !LEFT;
        assert(lost == 0);
        assert(good == 0)
}

init
{
    atomic {
        run world(0);
        run handler();
        run half();
        run reader(0);
        if
        :: !CYCLES -> run judge()
        :: else
        fi;
        if
        :: DEVICES == 2 -> run world(1)
        :: else
        fi;
        if
        :: READERS == 2 -> run reader(1)
        :: else
        fi
    }
}
