/* lab/family.c - see family.h. */
#include "lab/family.h"

#include <stdio.h>
#include <string.h>

#include "lab/words.h"

/* splitmix64: every seed gives another stream. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint8_t one_of(uint64_t *state, unsigned n)
{
    return (uint8_t)(next(state) % n);
}

struct lab_family lab_family_of(uint64_t seed)
{
    struct lab_family f = {.clears = 1, .chunk = 1};

    f.devices = (uint8_t)(1 + one_of(&seed, 2));
    f.tokens = (uint8_t)(2 + (f.devices == 1 && one_of(&seed, 2)));
    f.fifo = (uint8_t)(1 + one_of(&seed, f.tokens));
    f.queue = one_of(&seed, 4) ? 8 : 1;
    f.edge = one_of(&seed, 4) != 0;
    f.forgets = f.edge && one_of(&seed, 2);
    f.latched = one_of(&seed, 2);
    if (f.latched) {
        f.clears = one_of(&seed, 8) != 0;
        f.clears_last = f.clears && one_of(&seed, 2);
    }
    f.drains = one_of(&seed, 3) == 0;
    f.scans = one_of(&seed, 2);
    f.threaded = one_of(&seed, 3) == 0;
    if (f.threaded)
        f.unmask_first = one_of(&seed, 2);
    else
        f.eoi_first = one_of(&seed, 2);
    f.epoll = one_of(&seed, 3);
    f.reader = one_of(&seed, 3);
    f.chunk = (uint8_t)(1 + one_of(&seed, 2));
    f.readers = (uint8_t)(1 + (one_of(&seed, 3) == 0));
    f.cpus = (uint8_t)(1 + (one_of(&seed, 3) == 0));
    if (one_of(&seed, 8) == 0)
        f.reader = LAB_READ_NOTHING;
    return f;
}

static void put_drain(const struct lab_family *f, unsigned d, char *text, size_t size)
{
    const char *clear = f->latched && f->clears ? "        d%u.ACK = 1;\n" : "";
    char most[24] = "";

    if (f->drains)
        lab_words_set(most, sizeof(most), " && n < %u", f->drains);
    if (!f->clears_last)
        lab_words_add(text, size, clear, d);
    lab_words_add(text, size,
                  "        n = 0;\n"
                  "        while (d%u.COUNT > 0 && room(f%u) > 0%s) {\n"
                  "            queue(f%u, d%u.DATA);\n"
                  "            n = n + 1;\n"
                  "            moved = 1;\n"
                  "        }\n"
                  "        if (n > 0)\n"
                  "            wake(f%u);\n",
                  d, d, most, d, d, d);
    if (f->clears_last)
        lab_words_add(text, size, clear, d);
}

static void put_work(const struct lab_family *f, char *text, size_t size)
{
    lab_words_add(text, size, f->scans ? "        do {\n        moved = 0;\n" : "");
    for (unsigned d = 0; d < f->devices; d++)
        put_drain(f, d, text, size);
    lab_words_add(text, size, f->scans ? "        } while (moved);\n" : "");
}

static void put_driver(const struct lab_family *f, char *text, size_t size)
{
    lab_words_add(text, size,
                  "driver drv for d0%s {\n"
                  "    files f0%s;\n"
                  "    queue %u;\n"
                  "    flow manual;\n"
                  "    irq {\n"
                  "        ack();\n",
                  f->devices == 2 ? ", d1" : "", f->devices == 2 ? ", f1" : "", f->queue);
    if (f->threaded)
        lab_words_add(text, size, "        d0.disable_irq();\n        wake_thread();\n");
    if (f->eoi_first || f->threaded)
        lab_words_add(text, size, "        eoi();\n");
    if (f->threaded)
        lab_words_add(text, size, "    }\n    thread {\n%s",
                      f->unmask_first ? "        d0.enable_irq();\n" : "");
    put_work(f, text, size);
    if (f->threaded && !f->unmask_first)
        lab_words_add(text, size, "        d0.enable_irq();\n");
    if (!f->threaded && !f->eoi_first)
        lab_words_add(text, size, "        eoi();\n");
    lab_words_add(text, size, "    }\n}\n");
}

static void put_readers(const struct lab_family *f, char *text, size_t size)
{
    static const char *const mode[] = {"EPOLLIN", "EPOLLIN | EPOLLET",
                                       "EPOLLIN | EPOLLONESHOT"};
    unsigned cpu = f->cpus - 1u;

    lab_words_add(text, size, "process readers {\n    start {\n        ep = epoll_create();\n");
    for (unsigned d = 0; d < f->devices; d++)
        lab_words_add(text, size,
                      "        fd%u = open(\"f%u\", O_NONBLOCK);\n"
                      "        epoll_ctl(ep, EPOLL_CTL_ADD, fd%u, %s);\n",
                      d, d, d, mode[f->epoll]);
    lab_words_add(text, size, "    }\n");
    for (unsigned r = 0; r < f->readers; r++) {
        lab_words_add(text, size,
                      "    task r%u on cpu %u {\n        for (;;)\n"
                      "            foreach (fd, ev in epoll_wait(ep, 1)) {\n",
                      r, cpu);
        if (f->reader == LAB_READ_ONCE)
            lab_words_add(text, size, "                read(fd, %u);\n", f->chunk);
        else if (f->reader != LAB_READ_NOTHING)
            lab_words_add(text, size, "                while (read(fd, %u) %s) {}\n", f->chunk,
                          f->reader == LAB_READ_UNTIL_EMPTY ? "> 0"
                          : f->chunk == 1                   ? "== 1"
                                                            : "== 2");
        if (f->epoll == LAB_FAMILY_ONESHOT)
            lab_words_add(text, size, "                epoll_ctl(ep, EPOLL_CTL_MOD, fd, %s);\n",
                          mode[f->epoll]);
        lab_words_add(text, size, "            }\n    }\n");
    }
    lab_words_add(text, size, "}\n");
}

void lab_family_system(const struct lab_family *f, char *text, size_t size)
{
    static const char *const policy[] = {"", " forgets active masked;"};

    lab_words_add(
        text, size,
        "machine textbook { cpus %u;%s }\n"
        "device d0%s = source { irq 5; trigger %s; fifo %u; full wait; request %s; }\n",
        f->cpus, policy[f->forgets != 0], f->devices == 2 ? ", d1" : "",
        f->edge ? "edge" : "level", f->fifo, f->latched ? "latched" : "held");
    put_driver(f, text, size);
    put_readers(f, text, size);
    for (unsigned d = 0; d < f->devices; d++) {
        lab_words_add(text, size, "world w%u { d%u.send(", d, d);
        for (unsigned i = 0; i < f->tokens; i++)
            lab_words_add(text, size, "%st%u_%u", i ? ", " : "", d, i);
        lab_words_add(text, size, "); }\n");
    }
}

size_t lab_family_text(const struct lab_family *f, char *ret_text, size_t size)
{
    lab_words_set(ret_text, size,
                  "irqlab 1;\n"
                  "title \"%u device%s, %s, request %s\";\n",
                  f->devices, f->devices == 2 ? "s" : "", f->edge ? "edge" : "level",
                  f->latched ? "latched" : "held");
    lab_family_system(f, ret_text, size);
    lab_words_add(ret_text, size, "expect never lost;\n");
    return strlen(ret_text);
}

void lab_family_name(const struct lab_family *f, char *ret_text, size_t size)
{
    static const char *const epoll[] = {"LT", "ET", "ONESHOT"};
    static const char *const reader[] = {"one read a wake", "reads until empty",
                                         "reads until short", "reads nothing"};

    lab_words_set(ret_text, size, "%u device%s, %s%s, request %s", f->devices,
                  f->devices == 2 ? "s" : "", f->edge ? "edge" : "level",
                  f->forgets ? " that forgets" : "", f->latched ? "latched" : "held");
    if (f->latched)
        lab_words_add(ret_text, size, ", %s",
                      !f->clears       ? "never cleared"
                      : f->clears_last ? "cleared last"
                                       : "cleared first");
    lab_words_add(ret_text, size, "; %s%s, %s", f->scans ? "scan until quiet" : "one pass",
                  f->drains ? ", a token each" : "",
                  f->threaded
                      ? f->unmask_first ? "threaded, unmask first" : "threaded, unmask last"
                  : f->eoi_first ? "EOI first"
                                 : "EOI last");
    lab_words_add(ret_text, size, "; %s, %s", epoll[f->epoll], reader[f->reader]);
}

/* What each axis of the family can be, the fields that belong together in one. */
static const struct lab_family triggers[] = {
    {.edge = 0}, {.edge = 1}, {.edge = 1, .forgets = 1}};
static const struct lab_family requests[] = {
    {.clears = 1},
    {.latched = 1, .clears = 1},
    {.latched = 1, .clears = 1, .clears_last = 1},
    {.latched = 1},
};
static const struct lab_family orders[] = {
    {.eoi_first = 0}, {.eoi_first = 1}, {.threaded = 1}, {.threaded = 1, .unmask_first = 1}};
static const struct lab_family reads[] = {
    {.reader = LAB_READ_ONCE, .chunk = 1},        {.reader = LAB_READ_ONCE, .chunk = 2},
    {.reader = LAB_READ_UNTIL_EMPTY, .chunk = 1}, {.reader = LAB_READ_UNTIL_SHORT, .chunk = 1},
    {.reader = LAB_READ_UNTIL_SHORT, .chunk = 2}, {.reader = LAB_READ_NOTHING, .chunk = 1},
};
static const struct lab_family loads[] = {
    {.devices = 1, .tokens = 2, .fifo = 1},
    {.devices = 1, .tokens = 2, .fifo = 2},
    {.devices = 2, .tokens = 1, .fifo = 1},
    {.devices = 2, .tokens = 2, .fifo = 2},
};

enum {
    TRIGGERS = sizeof(triggers) / sizeof(triggers[0]),
    REQUESTS = sizeof(requests) / sizeof(requests[0]),
    ORDERS = sizeof(orders) / sizeof(orders[0]),
    READS = sizeof(reads) / sizeof(reads[0]),
    LOADS = sizeof(loads) / sizeof(loads[0]),
    MODES = 3, /* of epoll */
    PAIRS = 2 * 2 * 2 * 2 * 2,
};

uint32_t lab_family_count(void)
{
    return TRIGGERS * REQUESTS * ORDERS * READS * LOADS * MODES * PAIRS;
}

/* Takes the last digit, of base @n, off @number. */
static uint8_t digit(uint32_t *number, uint32_t n)
{
    uint32_t last = *number % n;

    *number /= n;
    return (uint8_t)last;
}

struct lab_family lab_family_member(uint32_t number)
{
    const struct lab_family *trigger = &triggers[digit(&number, TRIGGERS)];
    const struct lab_family *request = &requests[digit(&number, REQUESTS)];
    const struct lab_family *order = &orders[digit(&number, ORDERS)];
    uint8_t epoll = digit(&number, MODES);
    const struct lab_family *read = &reads[digit(&number, READS)];
    uint8_t scans = digit(&number, 2), drains = digit(&number, 2);
    uint8_t full = digit(&number, 2), readers = digit(&number, 2), cpus = digit(&number, 2);
    const struct lab_family *load = &loads[digit(&number, LOADS)];

    return (struct lab_family){
        .devices = load->devices,
        .tokens = load->tokens,
        .fifo = load->fifo,
        .queue = full ? 1 : 8,
        .edge = trigger->edge,
        .forgets = trigger->forgets,
        .latched = request->latched,
        .clears = request->clears,
        .clears_last = request->clears_last,
        .drains = drains,
        .scans = scans,
        .eoi_first = order->eoi_first,
        .threaded = order->threaded,
        .unmask_first = order->unmask_first,
        .epoll = epoll,
        .reader = read->reader,
        .chunk = read->chunk,
        .readers = (uint8_t)(1 + readers),
        .cpus = (uint8_t)(1 + cpus),
    };
}
