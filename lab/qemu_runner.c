/*
 * lab/qemu_runner.c - plays the world for an image on an emulated board, and takes its records.
 *
 * The machine stands still at each of its semihosting calls.  Meanwhile this side moves a wire
 * over qtest or hands a byte to the UART, answers, and the machine goes on: what happened in
 * between happened at exactly that instruction.
 */
#include "lab/qemu_runner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/core/board.h"
#include "lab/gdb_remote.h"
#include "lab/qemu_process.h"
#include "lab/qtest.h"
#include "lab/shelf.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/pl011.h"

enum {
    SILENCE_MS = 20000,
    PATIENCE_MS = 2000, /* for the emulator to end after it has said so */
    LOOKS_MAX = 1000,   /* until the UART has taken a byte; one has always been enough */
    CHUNK = 4096,       /* records taken at once */
    CONTROL_FD = 3,
    END_FD = 4,
};

struct runner {
    struct lab_qemu_process process;
    const struct lab_program *program;
    const struct lab_qemu_options *options;
    struct lab_sink *sink;
    struct lab *lab; /* only for the fold */
    uint8_t *arena;
    struct lab_outcome *outcome;
    struct lab_qemu_stats stats;
    struct lab_board_end end;
    bool ended;
    char *error;
    char gic[LAB_QOM_PATH];
    struct sim_record records[CHUNK];
};

__attribute__((format(printf, 2, 3))) static bool fail(struct runner *runner,
                                                       const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(runner->error, LAB_QEMU_ERROR, format, arguments);
    va_end(arguments);
    return false;
}

static struct lab_link *link_of(struct runner *runner, enum lab_qemu_channel channel)
{
    return &runner->process.link[channel];
}

/* ---- what the image asks for ---- */

static bool move_line(struct runner *runner, unsigned input, bool level)
{
    runner->stats.lines++;
    if (runner->options->drop_lines)
        return true;
    return lab_qtest_set_irq_in(link_of(runner, LAB_QEMU_QTEST), runner->gic, input, level) ||
           fail(runner, "QEMU does not move input %u of %s", input, runner->gic);
}

/* One byte into the UART's other end; a look at its flags makes QEMU deliver it. */
static bool hand_byte(struct runner *runner, char byte)
{
    uint32_t flags = PL011_FR_RXFE;

    runner->stats.bytes++;
    if (!lab_link_send(link_of(runner, LAB_QEMU_UART), &byte, 1))
        return fail(runner, "the UART's other end is closed");
    for (unsigned i = 0; i < LOOKS_MAX && flags & PL011_FR_RXFE; i++)
        if (!lab_qtest_read32(link_of(runner, LAB_QEMU_QTEST), VIRT_UART_BASE + PL011_FR,
                              &flags))
            return fail(runner, "QEMU does not show the UART's flags");
    return !(flags & PL011_FR_RXFE) || fail(runner, "the UART did not take a byte");
}

static bool take_records(struct runner *runner, uint64_t address, uint64_t size)
{
    size_t left = size / sizeof(struct sim_record);

    while (left) {
        size_t count = left < CHUNK ? left : CHUNK, bytes = count * sizeof(struct sim_record);
        if (!lab_gdb_read(link_of(runner, LAB_QEMU_GDB), address, runner->records, bytes))
            return fail(runner, "the image's records cannot be read");
        lab_ledger_fold_records(runner->lab, runner->outcome, runner->records, count);
        if (runner->sink)
            runner->sink->records(runner->sink, runner->records, count);
        runner->stats.records += count;
        address += bytes;
        left -= count;
    }
    return true;
}

/* What the image has to say besides: text of a fault. */
static bool take_text(struct runner *runner, uint64_t address, uint64_t size)
{
    struct lab_qemu_process *process = &runner->process;
    size_t room = sizeof(process->text) - 1 - process->used;

    if (size > room)
        size = room;
    if (!lab_gdb_read(link_of(runner, LAB_QEMU_GDB), address, process->text + process->used,
                      size))
        return false;
    process->used += size;
    process->text[process->used] = 0;
    return true;
}

static bool on_open(struct runner *runner, const struct lab_gdb_call *call, long *ret_result)
{
    char name[32];
    size_t length = call->length < sizeof(name) ? call->length : sizeof(name);

    if (!lab_gdb_read(link_of(runner, LAB_QEMU_GDB), call->argument[0], name, length))
        return false;
    name[length ? length - 1 : 0] = 0;
    if (strcmp(name, LAB_BOARD_CONTROL) == 0)
        *ret_result = CONTROL_FD;
    else if (strcmp(name, LAB_BOARD_END) == 0)
        *ret_result = END_FD;
    return true;
}

static bool on_seek(struct runner *runner, const struct lab_gdb_call *call, long *ret_result)
{
    uint32_t what = (uint32_t)call->argument[1], argument = what & ~(uint32_t)LAB_BOARD_WHAT;

    *ret_result = 0;
    if (call->argument[0] == CONTROL_FD && (what & LAB_BOARD_WHAT) == LAB_BOARD_LINE)
        return move_line(runner, argument >> 1, argument & 1);
    if (call->argument[0] == CONTROL_FD && (what & LAB_BOARD_WHAT) == LAB_BOARD_BYTE)
        return hand_byte(runner, (char)argument);
    *ret_result = -1;
    return true;
}

static bool on_write(struct runner *runner, const struct lab_gdb_call *call, long *ret_result)
{
    uint64_t address = call->argument[1], size = call->argument[2];

    *ret_result = (long)size;
    if (call->argument[0] == CONTROL_FD)
        return take_records(runner, address, size);
    if (call->argument[0] != END_FD)
        return take_text(runner, address, size);
    runner->ended =
        size == sizeof(runner->end) &&
        lab_gdb_read(link_of(runner, LAB_QEMU_GDB), address, &runner->end, sizeof(runner->end));
    return true;
}

static bool answer_call(struct runner *runner, const char *packet)
{
    struct lab_gdb_call call;
    long result = -1;
    bool done = true;

    if (!lab_gdb_parse_call(packet, &call))
        return fail(runner, "unexpected packet '%.40s' from QEMU", packet);
    if (strcmp(call.name, "open") == 0)
        done = on_open(runner, &call, &result);
    else if (strcmp(call.name, "lseek") == 0)
        done = on_seek(runner, &call, &result);
    else if (strcmp(call.name, "write") == 0)
        done = on_write(runner, &call, &result);
    else if (strcmp(call.name, "close") == 0)
        result = 0;
    return done && (lab_gdb_answer(link_of(runner, LAB_QEMU_GDB), result) ||
                    fail(runner, "QEMU has gone"));
}

/* What software sent through the UART: the records say it too. */
static void drain_uart(struct runner *runner)
{
    char bytes[512];

    while (read(link_of(runner, LAB_QEMU_UART)->fd, bytes, sizeof(bytes)) > 0) {}
    lab_qemu_listen(&runner->process);
}

/* Serves the image until it exits; *ret_code is its exit code. */
static bool serve(struct runner *runner, long *ret_code)
{
    char packet[LAB_GDB_PACKET_MAX];

    if (!lab_qmp_start(link_of(runner, LAB_QEMU_QMP)) ||
        !lab_qmp_find(link_of(runner, LAB_QEMU_QMP), "arm_gic", runner->gic))
        return fail(runner, "QEMU does not tell where its interrupt controller is");
    if (!lab_gdb_send(link_of(runner, LAB_QEMU_GDB), "c"))
        return fail(runner, "QEMU has gone");
    for (;;) {
        if (lab_gdb_receive(link_of(runner, LAB_QEMU_GDB), packet) < 0)
            return fail(runner, "the board has been silent for too long, or QEMU has gone");
        runner->stats.packets++;
        drain_uart(runner);
        if (packet[0] == 'W') {
            *ret_code = strtol(packet + 1, 0, 16);
            return true;
        }
        if (!answer_call(runner, packet))
            return false;
    }
}

/* ---- around it ---- */

/* A view of the program for the fold; nothing in it ever steps. */
static bool open_books(struct runner *runner)
{
    runner->lab = calloc(1, sizeof(*runner->lab));
    if (!runner->lab)
        return fail(runner, "out of memory");
    runner->lab->counts = &runner->outcome->counts;
    lab_layout(runner->lab, runner->program, 0, lab_bench_sim_context_bytes());
    runner->arena = aligned_alloc(64, (runner->lab->arena.size + 63u) & ~63u);
    if (!runner->arena)
        return fail(runner, "out of memory");
    sim_arena_place(&runner->lab->arena, runner->arena);
    lab_resume(runner->lab, &lab_bench_sim);
    return true;
}

static bool is_complete(struct runner *runner, long code)
{
    const char *text = runner->process.text;

    if (code != LAB_BOARD_RAN)
        return fail(runner, "the image ended with code %ld%s%s", code, *text ? ": " : "", text);
    if (!runner->ended || runner->end.records != runner->stats.records)
        return fail(runner, "of %" PRIu32 " records %" PRIu64 " came over", runner->end.records,
                    runner->stats.records);
    runner->outcome->steps = runner->end.steps;
    runner->outcome->end_ns = runner->end.end_ns;
    runner->stats.takes = runner->end.takes;
    return true;
}

static int run_image(struct runner *runner, const char *image)
{
    const struct lab_qemu_options *options = runner->options;
    long code = -1;
    bool good;
    int error = lab_qemu_start(&runner->process, image, runner->program, runner->program->size,
                               options->silence_ms ? options->silence_ms : SILENCE_MS);

    if (error) {
        fail(runner, "cannot start qemu-system-arm: %s", strerror(error));
        return LAB_QEMU_BROKEN;
    }
    runner->stats.pid = (int)runner->process.pid;
    good = serve(runner, &code);
    lab_qemu_end(&runner->process, good ? PATIENCE_MS : 0);
    if (good)
        good = is_complete(runner, code);
    else if (runner->process.text[0])
        snprintf(runner->error + strlen(runner->error), LAB_QEMU_ERROR - strlen(runner->error),
                 ": %s", runner->process.text);
    if (!good)
        return LAB_QEMU_BROKEN;
    if (runner->process.text[0])
        fprintf(stderr, "qemu-system-arm: %s", runner->process.text);
    return LAB_QEMU_OK;
}

/* Can the scenario run on the board at all?  The first thing that is in the way. */
static bool fits(struct runner *runner, const char *board)
{
    const struct sim_config *config = &runner->program->sim;

    if (strcmp(board, "virt") != 0)
        return fail(runner, "there is no image for the board '%s', only for 'virt'", board);
    if (config->machine == SIM_MACHINE_TEXTBOOK)
        return fail(runner, "the textbook's machine is on no board: add --machine virt");
    if (config->machine != SIM_MACHINE_VIRT)
        return fail(runner, "there is no image for this machine: add --machine virt");
    if (config->cpus > 1)
        return fail(runner, "the image runs one CPU, the scenario has %u", config->cpus);
    for (unsigned i = 0; i < runner->program->drv.drivers; i++)
        if (runner->program->drv.driver[i].builtin >= DRV_BUILTIN_NATIVE)
            return fail(runner, "a shared object is code of this machine, not of the board's");
    for (unsigned i = 0; i < config->devices; i++)
        if (config->device[i].model > SIM_MODEL_PL011)
            return fail(runner, "the image has no %s",
                        sim_model_name((enum sim_model)config->device[i].model));
    if (runner->program->size > LAB_BOARD_PROGRAM_BYTES)
        return fail(runner, "the compiled scenario does not fit into the board's memory");
    return true;
}

const char *lab_qemu_version(void)
{
    static char version[32];
    char line[256] = "";
    const char *number;
    FILE *pipe_end;

    if (version[0])
        return version;
    pipe_end = popen("qemu-system-arm --version 2>/dev/null", "r");
    if (!pipe_end)
        return 0;
    if (!fgets(line, sizeof(line), pipe_end))
        line[0] = 0;
    pclose(pipe_end);
    number = strstr(line, "version ");
    if (!number)
        return 0;
    number += strlen("version ");
    snprintf(version, sizeof(version), "%.*s", (int)strcspn(number, " \n"), number);
    return version;
}

/*
 * The first place that has the image: where the user says, beside this program in the build
 * directory, beside its installed data.
 */
static bool find_file(const char *name, char *ret_path, size_t size)
{
    static const char *const places[] = {"qemu", "../qemu", "../share/irqlab"};
    const char *said = getenv("IRQLAB_IMAGES");
    char below[64];

    if (said) {
        snprintf(ret_path, size, "%s/%s.elf", said, name);
        return access(ret_path, R_OK) == 0;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(below, sizeof(below), "%s/%s.elf", places[i], name);
        if (lab_shelf_beside(below, ret_path, size))
            return true;
    }
    return false;
}

static bool find_image(struct runner *runner, const char *board, char *ret_path, size_t size)
{
    const char *image = runner->options->image;

    if (!lab_qemu_version())
        return fail(runner, "qemu-system-arm is missing: apt install qemu-system-arm");
    if (image)
        snprintf(ret_path, size, "%s", image);
    if (image ? access(image, R_OK) == 0 : find_file(board, ret_path, size))
        return true;
    return fail(runner,
                "there is no %s: apt install gcc-arm-none-eabi and build again, or say in "
                "IRQLAB_IMAGES where it is",
                image ? image : "virt.elf");
}

int lab_qemu_run_with(const struct lab_program *program, const struct lab_qemu_options *options,
                      struct lab_sink *sink, struct lab_outcome *ret,
                      struct lab_qemu_stats *stats, char ret_error[LAB_QEMU_ERROR])
{
    const char *board = options->board ? options->board : "virt";
    struct runner *runner = calloc(1, sizeof(*runner));
    char image[4096];
    int result = LAB_QEMU_BROKEN;

    ret_error[0] = 0;
    *ret = (struct lab_outcome){.end = 0};
    if (!runner) {
        snprintf(ret_error, LAB_QEMU_ERROR, "out of memory");
        return LAB_QEMU_BROKEN;
    }
    runner->program = program;
    runner->options = options;
    runner->sink = sink;
    runner->outcome = ret;
    runner->error = ret_error;
    if (!fits(runner, board) || !find_image(runner, board, image, sizeof(image)))
        result = LAB_QEMU_CANNOT;
    else if (open_books(runner))
        result = run_image(runner, image);
    if (stats)
        *stats = runner->stats;
    free(runner->arena);
    free(runner->lab);
    free(runner);
    return result;
}

int lab_qemu_run(const struct lab_program *program, const char *board, struct lab_sink *sink,
                 struct lab_outcome *ret, char *error, size_t error_size)
{
    const struct lab_qemu_options options = {.board = board};
    char text[LAB_QEMU_ERROR];
    int result = lab_qemu_run_with(program, &options, sink, ret, 0, text);

    if (result != LAB_QEMU_OK)
        snprintf(error, error_size, "%s", text);
    return result;
}
