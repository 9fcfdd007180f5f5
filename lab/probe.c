/* lab/probe.c - see probe.h: the replay on the models, and the command. */
#include "lab/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/load.h"
#include "sim/policy.h"

enum { READ_CHUNK = 64 << 10 };

struct lab_probe {
    const struct lab_probe_machine *machine;
    struct sim sim;
    struct sim_config config;
    struct sim_arena arena;
    struct sim_trace trace;
    uint8_t *bytes;
    uint32_t outputs; /* as last reported */
    uint32_t name[LAB_PROBE_NAMES + 1];
    uint64_t now_ns;
    uint64_t due_ns[SIM_DEVICES_MAX + 1]; /* 0: not armed */
};

struct lab_probe *lab_probe_open(const struct lab_probe_machine *machine, bool as_qemu,
                                 uint64_t flip)
{
    struct lab_probe *probe = calloc(1, sizeof(*probe));

    if (!probe)
        return 0;
    probe->machine = machine;
    probe->config = (struct sim_config){
        .machine = machine->machine, .cpus = 1, .as_qemu = as_qemu, .probe = 1};
    probe->config.policy_value = ~sim_policy_mask(&probe->config);
    probe->config.policy_set = flip;
    for (unsigned i = 0; i < LAB_PROBE_DEVICES && machine->device[i].base; i++) {
        const struct lab_probe_device *from = &machine->device[i];
        probe->config.device[probe->config.devices++] = (struct sim_device_config){
            .model = from->model,
            .trigger = SIM_TRIGGER_LEVEL,
            .instance = from->instance,
            .irq = from->irq,
            .base = from->base,
            .tokens = LAB_PROBE_TOKENS,
        };
    }
    sim_layout(&probe->sim, &probe->config, &probe->arena, 0);
    sim_arena_seal(&probe->arena);
    probe->bytes = calloc(probe->arena.size / 8 + 1, 8);
    if (!probe->bytes) {
        free(probe);
        return 0;
    }
    sim_arena_place(&probe->arena, probe->bytes);
    sim_bind(&probe->sim, &probe->trace);
    sim_reset(&probe->sim);
    probe->sim.armed = 0;
    probe->trace.want = UINT64_C(1) << SIM_EV_OUTPUT | UINT64_C(1) << SIM_EV_LINE;
    return probe;
}

void lab_probe_close(struct lab_probe *probe)
{
    if (probe)
        free(probe->bytes);
    free(probe);
}

/* ---- one operation ---- */

static void put(char line[LAB_PROBE_LINE], const char *text)
{
    size_t used = strlen(line);

    snprintf(line + used, LAB_PROBE_LINE - used, "%s", text);
}

/* A bus access of any alignment: the bus splits it into aligned ones. */
static unsigned piece(uint32_t address, unsigned size)
{
    unsigned aligned = address & 3 ? address & -address & 3 : 4;

    aligned = address & 1 ? 1 : aligned;
    aligned = size < aligned ? size : aligned;
    return aligned == 3 ? 2 : aligned;
}

/* How much of it goes at once: all of what is memory; by a processor, bytes. */
static unsigned write_piece(const struct lab_probe_operation *op, unsigned at)
{
    if (op->reach == LAB_PROBE_ERASED)
        return op->size;
    if (op->reach == LAB_PROBE_BY_CPU)
        return op->address & (op->size - 1u) ? 1 : op->size;
    return piece(op->address + at, op->size - at);
}

/* A processor reads the two aligned words that an access lies in. */
static uint32_t read_by_cpu(struct lab_probe *probe, const struct lab_probe_operation *op)
{
    uint32_t skipped = op->address & (op->size - 1u);
    uint64_t value = sim_read(&probe->sim, 0, op->address - skipped, op->size);

    if (skipped)
        value |= (uint64_t)sim_read(&probe->sim, 0, op->address - skipped + op->size, op->size)
                 << op->size * 8;
    value >>= skipped * 8;
    return (uint32_t)(value & ((UINT64_C(1) << op->size * 8) - 1));
}

static uint32_t read_bus(struct lab_probe *probe, const struct lab_probe_operation *op)
{
    uint32_t value = 0;

    if (op->reach == LAB_PROBE_BY_CPU)
        return read_by_cpu(probe, op);
    if (op->reach == LAB_PROBE_ERASED)
        return sim_read(&probe->sim, 0, op->address, op->size);
    for (unsigned at = 0; at < op->size;) {
        unsigned step = piece(op->address + at, op->size - at);
        value |= sim_read(&probe->sim, 0, op->address + at, step) << at * 8;
        at += step;
    }
    return value;
}

static void write_bus(struct lab_probe *probe, const struct lab_probe_operation *op,
                      uint32_t value)
{
    for (unsigned at = 0; at < op->size;) {
        unsigned step = write_piece(op, at);
        sim_write(&probe->sim, 0, op->address + at, step, value >> at * 8, 0);
        at += step;
    }
}

static void drive(struct lab_probe *probe, const struct lab_probe_operation *op)
{
    const struct lab_probe_chip *chip = &probe->machine->chip[op->chip];

    if (chip->device)
        sim_act(&probe->sim, (sim_dev_id)(chip->device - 1), SIM_VERB_DRIVE,
                (uint32_t)op->pin << 8 | op->level, 0);
    else
        sim_outside(&probe->sim, chip->irq + op->pin, op->level);
}

/* Devices whose timers were armed in this step are due that long from now. */
static void keep_time(struct lab_probe *probe)
{
    for (unsigned dev = 0; dev <= probe->config.devices; dev++) {
        uint64_t ns = sim_timer_ns(&probe->sim, dev);
        if (!ns)
            probe->due_ns[dev] = 0;
        else if (probe->sim.armed >> dev & 1 || !probe->due_ns[dev])
            probe->due_ns[dev] = probe->now_ns + ns;
    }
    probe->sim.armed = 0;
}

static void pass_time(struct lab_probe *probe, uint64_t ns)
{
    uint64_t until = probe->now_ns + ns;

    for (;;) {
        unsigned first = 0;
        uint64_t due = UINT64_MAX;
        for (unsigned dev = 0; dev <= probe->config.devices; dev++)
            if (probe->due_ns[dev] && probe->due_ns[dev] < due) {
                due = probe->due_ns[dev];
                first = dev;
            }
        if (due > until)
            break;
        probe->now_ns = due;
        probe->due_ns[first] = 0;
        sim_timer_fire(&probe->sim, first);
        keep_time(probe);
    }
    probe->now_ns = until;
}

static uint32_t ask_cpu(struct lab_probe *probe, const struct lab_probe_operation *op,
                        uint32_t value)
{
    const struct lab_probe_verb *verb = &probe->machine->verb[op->chip];

    return sim_cpu(&probe->sim, 0, (enum sim_cpu_verb)verb->verb, op->pin, value);
}

/* The changes of the watched pins in this step, in order. */
static void put_changes(struct lab_probe *probe, char line[LAB_PROBE_LINE])
{
    const struct lab_probe_machine *machine = probe->machine;
    char text[32];

    for (unsigned i = 0; i < probe->trace.count; i++) {
        const struct sim_record *record = &probe->trace.records[i];
        if (record->kind == SIM_EV_LINE && machine->watch_inputs) {
            unsigned irq = probe->sim.line_irq[record->object];
            snprintf(text, sizeof(text), " %c%u", record->value ? '+' : '-', irq);
            if (irq < 32)
                put(line, text);
        }
        if (record->kind != SIM_EV_OUTPUT || machine->watch_inputs)
            continue;
        for (unsigned n = 0; n < LAB_PROBE_WATCHED; n++) {
            unsigned bit = machine->watched_backwards ? LAB_PROBE_WATCHED - 1 - n : n;
            if (((record->value ^ probe->outputs) >> bit & 1) && machine->watched[bit]) {
                snprintf(text, sizeof(text), " %c%s", record->value >> bit & 1 ? '+' : '-',
                         machine->watched[bit]);
                put(line, text);
            }
        }
        probe->outputs = record->value;
    }
}

void lab_probe_put_text(const struct lab_probe_operation *operation,
                        char ret_line[LAB_PROBE_LINE])
{
    snprintf(ret_line, LAB_PROBE_LINE, "%.*s%s", (int)operation->length, operation->text,
             operation->kind == LAB_PROBE_NOTE ? "" : " -> ");
}

void lab_probe_step(struct lab_probe *probe, const struct lab_probe_operation *op,
                    char ret_line[LAB_PROBE_LINE])
{
    uint32_t value = op->from ? probe->name[op->from] : op->value;
    bool answers = op->kind == LAB_PROBE_READ;
    char text[32];

    lab_probe_put_text(op, ret_line);
    if (op->kind == LAB_PROBE_NOTE)
        return;
    probe->trace.count = 0;
    if (op->kind == LAB_PROBE_READ) {
        value = read_bus(probe, op);
    } else if (op->kind == LAB_PROBE_WRITE) {
        write_bus(probe, op, value);
    } else if (op->kind == LAB_PROBE_LEVEL) {
        drive(probe, op);
    } else if (op->kind == LAB_PROBE_CPU) {
        answers = !probe->machine->verb[op->chip].value;
        value = ask_cpu(probe, op, value);
    } else {
        pass_time(probe, op->ns);
    }
    keep_time(probe);
    if (op->to)
        probe->name[op->to] = value;
    if (answers)
        snprintf(text, sizeof(text), "0x%" PRIx32, value);
    put(ret_line, answers ? text : "ok");
    put_changes(probe, ret_line);
}

/* ---- the command ---- */

/* All of @file, or of standard input; 0: it was reported. */
static char *read_all(const char *file, size_t *ret_length)
{
    FILE *stream = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
    char *text = 0;
    size_t used = 0, got = 0;

    do {
        char *bigger = stream ? realloc(text, used + READ_CHUNK) : 0;
        if (!bigger) {
            fprintf(stderr, "irqlab: %s: %s\n", file, strerror(errno));
            free(text);
            return 0;
        }
        text = bigger;
        got = fread(text + used, 1, READ_CHUNK, stream);
        used += got;
    } while (got == READ_CHUNK);
    if (stream != stdin)
        fclose(stream);
    *ret_length = used;
    return text;
}

static void sink(void *context, const char *text, size_t length)
{
    fwrite(text, 1, length, context);
}

static int refuse_machine(const char *name)
{
    struct lab_near near = {0};
    const struct lab_probe_machine *row;

    fprintf(stderr, "irqlab: no machine '%s' to probe", name);
    for (unsigned i = 0; (row = lab_probe_machine(i)); i++)
        lab_near_try(&near, name, strlen(name), row->name);
    if (near.name)
        fprintf(stderr, ", did you mean '%s'?\n", near.name);
    for (unsigned i = 0; !near.name && (row = lab_probe_machine(i)); i++)
        fprintf(stderr, "%s%s", i ? ", " : "; one of: ", row->name);
    if (!near.name)
        fputc('\n', stderr);
    return LAB_EXIT_USAGE;
}

static int replay(const struct lab_probe_machine *machine,
                  const struct lab_probe_script *script, bool as_qemu)
{
    struct lab_probe *probe = lab_probe_open(machine, as_qemu, 0);
    char line[LAB_PROBE_LINE];

    if (!probe) {
        fprintf(stderr, "irqlab: no memory\n");
        return LAB_EXIT_INTERNAL;
    }
    for (uint32_t i = 0; i < script->count; i++) {
        lab_probe_step(probe, &script->operation[i], line);
        puts(line);
    }
    lab_probe_close(probe);
    return LAB_EXIT_OK;
}

int lab_probe_command(const char *machine, const char *file, bool as_qemu)
{
    const struct lab_probe_machine *row = lab_probe_find(machine, strlen(machine));
    const char *name = file ? file : "-";
    struct lab_diags *diags = calloc(1, sizeof(*diags));
    struct lab_probe_script script = {0};
    size_t length = 0;
    char *text = 0;
    int code = LAB_EXIT_USAGE;

    if (!row)
        refuse_machine(machine);
    else
        text = read_all(name, &length);
    if (text && diags) {
        if (lab_probe_parse(row, name, text, length, diags, &script))
            code = replay(row, &script, as_qemu);
        else if (diags->reported)
            lab_diags_print(diags, sink, stderr);
        else
            code = LAB_EXIT_INTERNAL;
    }
    free(script.operation);
    free(text);
    free(diags);
    return code;
}
