/*
 * qemu/main.c - the image: runs the compiled scenario that the runner put into memory, or, with
 * nobody listening, shows edge and level by itself.
 */
#include <stddef.h>

#include "lab/core/board.h"
#include "qemu/bench_virt.h"
#include "qemu/metal.h"
#include "qemu/semihosting.h"

enum {
    RECORDS = 4096,       /* kept back before they go to the runner */
    SILENT_STEPS = 20000, /* after so many steps it hears from us even without any */
};

static struct {
    struct lab_sink sink;
    struct sim_record records[RECORDS];
    uint32_t count, silent;
    struct lab_board_end end;
} out;

static struct lab lab;
static struct lab_counts counts;
static struct lab_outcome outcome;
static int control = -1;

_Noreturn void metal_die(unsigned code, const char *why)
{
    metal_complain("image: ");
    metal_complain(why);
    metal_complain("\n");
    metal_exit(code);
}

_Noreturn void metal_fault(unsigned kind, uint32_t return_address)
{
    static char where[] = ", return address 0x00000000";
    static const char *const kinds[] = {
        "reset",
        "undefined instruction",
        "unexpected svc: is semihosting on?",
        "prefetch abort",
        "data abort",
    };

    for (unsigned i = 0; i < 8; i++)
        where[sizeof(where) - 2 - i] = "0123456789abcdef"[return_address >> 4 * i & 15];
    metal_complain("image: ");
    metal_complain(kinds[kind]);
    metal_die(LAB_BOARD_FAULT, where);
}

static void ask_runner(uint32_t what)
{
    if (metal_seek(control, what))
        metal_die(LAB_BOARD_REFUSED, "the runner refuses");
}

void metal_host_line(unsigned input, bool level)
{
    ask_runner(LAB_BOARD_LINE | input << 1 | (level ? 1u : 0));
}

void metal_host_byte(unsigned uart, unsigned byte)
{
    ask_runner(LAB_BOARD_BYTE | uart << 8 | byte);
}

static void flush(void)
{
    out.silent = 0;
    if (metal_write(control, out.records, out.count * (uint32_t)sizeof(out.records[0])))
        metal_die(LAB_BOARD_REFUSED, "the runner takes no records");
    out.end.records += out.count;
    out.count = 0;
}

/* The records of a step.  They also tell when the CPU leaves a handler. */
static void take_records(struct lab_sink *sink, const struct sim_record *records, size_t count)
{
    (void)sink;
    if (lab.trace.lost)
        metal_die(LAB_BOARD_TRACE, "a step made more records than there is room for");
    if (out.count + count > RECORDS || ++out.silent > SILENT_STEPS)
        flush();
    for (size_t i = 0; i < count; i++) {
        out.records[out.count++] = records[i];
        if (records[i].kind == SIM_EV_LEAVE)
            metal_leave();
    }
}

static bool is_intact(const struct lab_program *program)
{
    const uint8_t *bytes = (const uint8_t *)program;
    uint32_t hash = 2166136261u; /* FNV-1a, as lab/core/compile.c */

    if (program->magic != LAB_PROGRAM_MAGIC || program->size < sizeof(*program) ||
        program->size > LAB_BOARD_PROGRAM_BYTES)
        return false;
    for (uint32_t i = offsetof(struct lab_program, zero); i < program->size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash == program->hash;
}

static void run(const struct lab_program *program)
{
    uint32_t room = (LAB_BOARD_MEMORY_END - LAB_BOARD_ARENA) / 2;
    uint8_t *arena = (uint8_t *)LAB_BOARD_ARENA;
    int end;

    if (!is_intact(program))
        metal_die(LAB_BOARD_NO_PROGRAM, "no compiled scenario in memory, or a damaged one");
    if (program->sim.machine != SIM_MACHINE_VIRT || program->sim.cpus != 1)
        metal_die(LAB_BOARD_WRONG_MACHINE, "this is `virt` with one CPU");
    lab.counts = &counts;
    lab_layout(&lab, program, 0, metal_context_bytes());
    if (lab.arena.size > room)
        metal_die(LAB_BOARD_NO_ROOM, "the scenario's state does not fit into memory");
    sim_arena_place(&lab.arena, arena);
    lab.trace.want = ~UINT64_C(0);
    lab_start(&lab, &metal_bench);
    out.sink.records = take_records;
    lab_run(&lab, &out.sink, arena + room, &outcome);
    flush();
    out.end.steps = outcome.steps;
    out.end.end_ns = outcome.end_ns;
    out.end.takes = metal_takes;
    end = metal_open(LAB_BOARD_END, METAL_OPEN_READ);
    metal_write(end, &out.end, sizeof(out.end));
}

void metal_main(void)
{
    control = metal_open(LAB_BOARD_CONTROL, METAL_OPEN_READ);
    if (control < 0)
        metal_exit(metal_demo());
    run((const struct lab_program *)LAB_BOARD_PROGRAM);
    metal_exit(LAB_BOARD_RAN);
}
