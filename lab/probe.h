/*
 * lab/probe.h - irqlab probe: a script of bus operations on the chips of a machine, without
 * drivers or tasks, and what came back.
 *
 * The same script replayed on QEMU must give the same lines with `--as qemu`
 * (tests/differential/).  Three parts: the table of machines (lab/probe_machine.c), the parser
 * (lab/probe_script.c), and the replay on the models (lab/probe.c).
 *
 * Source: docs/probe.md.
 */
#ifndef LAB_PROBE_H
#define LAB_PROBE_H

#include <stdbool.h>
#include <stdio.h>

#include "lab/core/diag.h"
#include "sim/sim.h"

enum {
    LAB_PROBE_REGIONS = 12,
    LAB_PROBE_CHIPS = 6,
    LAB_PROBE_WATCHED = 2,
    LAB_PROBE_DEVICES = 16,
    LAB_PROBE_VERBS = 4,
    LAB_PROBE_ARGUMENTS = 12, /* of QEMU's command line, above what all boards share */
    LAB_PROBE_NAMES = 64,     /* `= NAME` of one script */
    LAB_PROBE_TOKENS = 16,    /* the deepest FIFO of a device */
    LAB_PROBE_LINE = 512,     /* bytes of an output line */
};

/* How QEMU is asked for a region. */
enum lab_probe_reach {
    LAB_PROBE_MEMORY,
    LAB_PROBE_PORTS,  /* in a PC's I/O space */
    LAB_PROBE_BY_CPU, /* only its processor gets there */
    LAB_PROBE_ERASED  /* memory: what is read is erased */
};

struct lab_probe_region {
    const char *name;
    uint32_t base;
    uint32_t size;
    uint8_t reach; /* enum lab_probe_reach */
};

/* What `line CHIP PIN LEVEL` can drive: inputs of the controller, or pins of a device. */
struct lab_probe_chip {
    const char *name;
    const char *qom;     /* the object that QEMU's set_irq_in drives */
    uint16_t irq;        /* controller: irq of pin 0 */
    uint16_t pins;       /* how many; those without an irq are no pins */
    uint8_t device;      /* device + 1, 0: the controller */
    uint16_t hole_first; /* pins that only look like some: first, and how many */
    uint16_t hole_pins;
};

/* `cpu VERB`: which arguments it takes. */
struct lab_probe_verb {
    const char *name;
    uint8_t verb; /* enum sim_cpu_verb */
    bool reg;     /* a register of the chip `registers` */
    bool value;
};

struct lab_probe_device {
    uint8_t model; /* enum sim_model */
    uint8_t instance;
    uint16_t irq;
    uint32_t base;
};

/* One machine: a row of the table. */
struct lab_probe_machine {
    const char *name;
    uint8_t machine; /* enum sim_machine */
    struct lab_probe_region region[LAB_PROBE_REGIONS];
    struct lab_probe_chip chip[LAB_PROBE_CHIPS];
    const char *watched[LAB_PROBE_WATCHED]; /* outputs to CPU 0, lowest bit first */
    bool watched_backwards; /* of two that change at once QEMU tells the second first */
    bool watch_inputs;      /* instead: the first 32 inputs of the controller, by number */
    struct lab_probe_device device[LAB_PROBE_DEVICES];
    struct lab_probe_verb verb[LAB_PROBE_VERBS];
    uint8_t registers; /* sim_chip() + 1 of the system registers that verbs name, or 0 */

    const char *qemu[LAB_PROBE_ARGUMENTS]; /* program and its own arguments */
    const char *watch_qom;                 /* the object whose inputs QEMU reports */
    bool watch_outputs;                    /* its outputs instead */
    uint8_t watch_pin[LAB_PROBE_WATCHED];  /* which of them is watched[i] */
};

/* The table: row @index, 0 after the last; or the row of a name. */
const struct lab_probe_machine *lab_probe_machine(unsigned index);
const struct lab_probe_machine *lab_probe_find(const char *name, size_t length);

/* ---- scripts ---- */

enum lab_probe_kind {
    LAB_PROBE_READ,
    LAB_PROBE_WRITE,
    LAB_PROBE_LEVEL, /* line */
    LAB_PROBE_CPU,
    LAB_PROBE_STEP,
    LAB_PROBE_NOTE
};

struct lab_probe_operation {
    uint8_t kind;
    uint8_t size;  /* READ, WRITE: bytes */
    uint8_t chip;  /* LEVEL: row of the machine's chips; CPU: row of its verbs */
    uint8_t level; /* LEVEL */
    uint8_t reach; /* READ, WRITE: the region's */
    uint16_t pin;  /* LEVEL; CPU: register */
    uint8_t from;  /* WRITE, CPU: value of this name, counted from 1; 0: `value` */
    uint8_t to;    /* READ, CPU: the name that takes the result, or 0 */
    uint32_t address;
    uint32_t value;
    uint64_t ns;      /* STEP */
    uint32_t line;    /* of the text, 1 ... */
    const char *text; /* the operation as written, `length` bytes of the script's text */
    uint32_t length;
};

struct lab_probe_script {
    struct lab_probe_operation *operation;
    uint32_t count;
};

/*
 * Parses @text.  What is wrong is reported to @diags (its file name and text are set);
 * then, and without memory, false.  The script points into @text; free its operations.
 */
bool lab_probe_parse(const struct lab_probe_machine *machine, const char *file,
                     const char *text, size_t length, struct lab_diags *diags,
                     struct lab_probe_script *ret_script);

/* ---- replay on the models ---- */

/* One machine being probed; made by lab_probe_open(). */
struct lab_probe;

/* A machine after reset, @flip: with these policy rows the other way round; 0: no memory. */
struct lab_probe *lab_probe_open(const struct lab_probe_machine *machine, bool as_qemu,
                                 uint64_t flip);
void lab_probe_close(struct lab_probe *probe);

/* Does one operation and writes its output line, without an end of line. */
void lab_probe_step(struct lab_probe *probe, const struct lab_probe_operation *operation,
                    char ret_line[LAB_PROBE_LINE]);

/* The start of an output line, up to the result: both sides write it the same way. */
void lab_probe_put_text(const struct lab_probe_operation *operation,
                        char ret_line[LAB_PROBE_LINE]);

/* ---- the command ---- */

/* `irqlab probe MACHINE [FILE]`; @file 0 or "-" is standard input.  An enum lab_exit. */
int lab_probe_command(const char *machine, const char *file, bool as_qemu);

#endif
