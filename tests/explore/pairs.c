/* tests/explore/pairs.c - see pairs.h. */
#include "tests/explore/pairs.h"

#include <stdbool.h>
#include <stdint.h>

static uint32_t drawn;

static unsigned below(unsigned n)
{
    drawn = drawn * 1664525u + 1013904223u;
    return (drawn >> 16) % n;
}

/* One of the texts, with the half's number @k for each $. */
static void put(FILE *file, unsigned k, const char *const *text, unsigned n)
{
    for (const char *c = text[below(n)]; *c; c++) {
        if (*c == '$')
            fprintf(file, "%u", k);
        else
            fputc(*c, file);
    }
}

#define PUT(file, k, ...)                                                                      \
    put(file, k, (const char *const[]){__VA_ARGS__},                                           \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* A device on @cpu, its driver, a world and a reader. */
static void put_device(FILE *file, unsigned k, unsigned cpu)
{
    fprintf(file, "device d%u = source { irq %u; cpu %u; ", k, 5 + k, cpu);
    PUT(file, k, "trigger edge; ", "trigger level; ");
    PUT(file, k, "", "fifo 1; ", "request latched; ");
    PUT(file, k, "}\ndriver f$ for d$ { irq { ");
    PUT(file, k, "if (d$.STATUS) push(d$.DATA);", "d$.ACK = 1; push(d$.DATA);",
        "while (d$.STATUS) push(d$.DATA); d$.ACK = 1;", "queue(d$.DATA); wake();",
        "disable_irq(); push(d$.DATA); enable_irq();");
    PUT(file, k, " } }\ntask t$ ");
    fprintf(file, "on cpu %u { ", cpu);
    PUT(file, k, "r = open(\"f$\"); for (;;) read(r, 1);",
        "r = open(\"f$\", O_NONBLOCK); if (read(r, 2) < 0) m = 1; read(r, 1);",
        "r = open(\"f$\", O_NONBLOCK); e = epoll_create(); epoll_ctl(e, EPOLL_CTL_ADD, r, "
        "EPOLLIN | EPOLLET); for (;;) { epoll_wait(e); read(r, 1); }");
    PUT(file, k, " }\nworld w$ { d$.send(a$); d$.send(b$); }\n");
}

/* Tasks and what they talk through. */
static void put_process(FILE *file, unsigned k, unsigned cpu)
{
    PUT(file, k, "process p$ { start { pipe(r, w, O_NONBLOCK); m = 0; }\n",
        "process p$ { start { mkfifo(\"n$\"); r = open(\"n$\", O_RDONLY | O_NONBLOCK); "
        "w = open(\"n$\", O_WRONLY); m = 0; }\n",
        "process p$ { start { socketpair(r, w); m = 0; }\n");
    PUT(file, k, "task t$ ", "task t$ * 2 ");
    fprintf(file, "on cpu %u { ", cpu);
    PUT(file, k, "if (read(r, 1) > 0) m = m + 1;", "poll({r, POLLIN}); read(r, 2);",
        "poll({r, POLLIN}, 5us); read(r, 1); m = 2;",
        "e = epoll_create(); epoll_ctl(e, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLONESHOT); "
        "epoll_wait(e); read(r, 1);");
    fprintf(file, " }\ntask s%u on cpu %u { write(w, a%u); ", k, cpu, k);
    PUT(file, k, "write(w, b$);", "m = m + 4; write(w, b$);", "write(w, b$); close(w);");
    fputs(" } }\n", file);
}

/* True: it has a device. */
static bool put_half(FILE *file, unsigned k, unsigned cpu)
{
    bool device = below(2);

    if (device)
        put_device(file, k, cpu);
    else
        put_process(file, k, cpu);
    return device;
}

void pair_write(FILE *file, unsigned seed)
{
    bool apart, device[2];

    drawn = seed * 2654435761u;
    apart = below(5) != 0;
    fputs("machine textbook { cpus 2; }\n", file);
    device[0] = put_half(file, 0, 0);
    device[1] = put_half(file, 1, apart ? 1 : 0);
    for (unsigned k = 0; k < 2; k++) {
        if (device[k])
            PUT(file, k, "", "expect never runs(f$) == 3 && lost a0;\n",
                "expect sometimes spurious(f$) == 1;\n", "expect sometimes wakes(t$) > 1;\n");
        else
            PUT(file, k, "", "expect sometimes s$.m == 5 && lost b1;\n");
    }
    PUT(file, 0, "expect sometimes lost a0 || lost nothing;\n", "expect never lost b0, a1;\n",
        "expect sometimes count(left) == 1 && lost a1;\n", "expect never hang;\n");
}
