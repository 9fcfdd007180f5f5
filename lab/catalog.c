/* lab/catalog.c - see catalog.h. */
#include "lab/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/irq.h"
#include "lab/core/lab.h"
#include "lab/core/names.h"
#include "lab/load.h"
#include "lab/shelf.h"

enum { NAME_COLUMN = 20 };

struct entry {
    const char *name;
    const char *text;
};

static const struct entry machines[] = {
    {"textbook", "per input: line, latch, masked, active; any device at any irq"},
    {"virt", "GICv2; qemu-system-arm -M virt: pl011 pl031 pl061 virtio"},
    {"virt-gicv3", "GICv3 with ITS; -M virt,gic-version=3: pl011 pl031 pl061 virtio"},
    {"vexpress-a9", "GICv1 (MPCore); -M vexpress-a9: sp804 pl011"},
    {"versatilepb", "PL190 VIC with SIC; -M versatilepb: sp804 pl011 pl061"},
    {"mps2-an385", "Armv7-M NVIC; -M mps2-an385: cmsdk-uart cmsdk-timer"},
    {"pc", "two 8259A with ELCR; qemu-system-i386 -M pc: ns16550 i8254"},
    {"pc-ioapic", "IO-APIC with local APIC; -M q35: ns16550 i8254"},
    {"riscv-virt", "PLIC; qemu-system-riscv64 -M virt: ns16550"},
    {"riscv-aia", "APLIC and IMSIC; -M virt,aia=aplic-imsic: ns16550"},
};

static const struct entry devices[] = {
    {"source", "holds tokens and asks while it has one; on every machine, at any free irq"},
    {"line", "a wire without registers; on every machine, at any free irq"},
    {"pl011", "UART (Arm DDI 0183)"},
    {"pl031", "real-time clock (Arm DDI 0224)"},
    {"pl061", "eight GPIO pins (Arm DDI 0190)"},
    {"sp804", "two timers (Arm DDI 0271)"},
    {"cmsdk-uart", "UART of the Cortex-M system design kit"},
    {"cmsdk-timer", "timer of the Cortex-M system design kit"},
    {"ns16550", "UART of the PC"},
    {"i8254", "interval timer of the PC"},
    {"virtio", "block device over virtio-mmio (OASIS virtio 1.2)"},
};

static const struct entry files[] = {
    {"device file", "a driver's queue of bytes: open(\"NAME\")"},
    {"regular file", "bytes that are no tokens: file NAME = \"...\";"},
    {"pipe", "pipe(r, w)"},
    {"eventfd", "eventfd()"},
    {"epoll", "epoll_create()"},
    {"socket", "socketpair(a, b), connect(NAME), accept(fd)"},
    {"listening name", "listen(NAME): a connection is a token"},
    {"timerfd", "timerfd_create(): expirations are counted"},
    {"signalfd", "signalfd(-1, {SIG, ...}): signals that are blocked"},
    {"named pipe", "mkfifo(NAME), open(NAME): each side waits for the other"},
    {"pty", "openpty(master, slave): a terminal in raw mode"},
    {"io_uring", "io_uring_setup(): requests in, completions out"},
    {"pidfd", "pidfd_open(TASK): ready when the process has ended"},
};

static const struct entry events[] = {
    {"arrive", "a token came to a device from the world; value: the byte, or the pin"},
    {"request", "a device starts (1) or stops (0) asking for its line"},
    {"line", "a wired-OR line changed; value: its level"},
    {"message", "a device sent its message instead of moving a wire; value: what it wrote"},
    {"latch", "the controller's memory of an edge; value: set or not"},
    {"pending", "pending as software sees it; value: pending or not"},
    {"active", "in service; value: active or not"},
    {"ignored", "an edge came and was forgotten, because its input was active or masked"},
    {"output", "the controller's request to a CPU; value: its level"},
    {"drop", "a token was destroyed in a device; value: why"},
    {"bus-bad", "an access to nothing, or not allowed; value: the address"},
    {"read-reg", "a register was read; value, and the token that came with it"},
    {"write-reg", "a register was written; value, and its token"},
    {"take", "a CPU takes an interrupt"},
    {"ack", "the interrupt was acknowledged; value: the number the controller gave"},
    {"spurious", "this taking had no cause for the driver"},
    {"run", "irq {} of the driver starts"},
    {"eoi", "end of interrupt told to the controller"},
    {"leave", "the CPU leaves the handler"},
    {"mask", "an input was masked at the controller"},
    {"unmask", "an input was unmasked at the controller"},
    {"affinity", "an input was given to another CPU; value: which"},
    {"cpu-mask", "the CPU's own mask: 1 disabled, 0 enabled"},
    {"thread", "threaded half of a driver: 2 woken, 1 starts, 0 ends"},
    {"get", "a shared variable was read"},
    {"set", "a shared variable was written"},
    {"queue", "a byte was queued for a file; value: the byte, and its token"},
    {"full", "the file's queue was full: the byte was dropped"},
    {"wake", "all who wait for the file were woken; value: with which events"},
    {"ready", "an epoll entry came onto (set) or left (clear) the ready list of an instance"},
    {"call", "a system call begins; value: its first argument"},
    {"block", "the call goes to sleep"},
    {"return", "the call returns without having slept; value: what it returns"},
    {"woken", "the call returns after having slept; value: what it returns"},
    {"got", "a task read a byte; value: the byte, and its token"},
    {"put", "a task wrote a byte; value: the byte, and its token"},
    {"report", "a wait reported events of a file; value: registration and events"},
    {"lose", "a token was destroyed with or in a file; value: why"},
    {"timer", "a device's timer fired"},
    {"timeout", "a time-out of a task ran out"},
    {"sleep", "driver code sleeps (1) on a file, prepares to (0), or need not (2)"},
    {"settle", "everybody else was asleep"},
    {"exit", "a task ended"},
    {"left", "at the end a token lies in a device, driver, file or task"},
    {"quiet", "only the world could step: tokens that are unread now are late"},
    {"value", "at the end: a variable that an expectation names"},
    {"end", "the run is over; value: quiet, spin, storm, starve or limit"},
    {"tx", "a byte left through a device; value: the byte, and its token"},
    {"create", "a file was made; value: its descriptor"},
    {"fork", "a task was born; value: the number of its process"},
    {"signal", "a signal is sent to a process; value: its number"},
    {"alarm", "a timerfd expired"},
    {"complete", "an asynchronous request is done; value: its result"},
    {"done", "a request of POSIX AIO is done; value: its result"},
    {"limit", "the model's own room ran out; value: the error the call gives"},
};

static const struct entry words[] = {
    {"token", "one thing that arrives, with a name, followed from the wire to the read"},
    {"lost", "at the end no task has read it: it was left or dropped"},
    {"dropped", "lost, and nowhere any more: overrun, merged, destroyed"},
    {"late", "read only because a later arrival woke somebody"},
    {"twice", "read two times"},
    {"repeat", "an event was reported again although no wake of the file carried it"},
    {"hang", "at the end a task is blocked and a token is left where it would read it"},
    {"spin", "tasks step for ever and nothing gets further"},
    {"storm", "interrupts for ever, even if everybody gets a turn again and again"},
    {"starve", "interrupts for ever, unless everybody who waits gets a turn"},
    {"point", "one choice of values for all knobs (`vary`)"},
    {"step", "what one actor does at once: a register access, a call, a push, ..."},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- list ---- */

static void print_entry(const struct lab_style *style, const char *name, const char *text,
                        const char *remark)
{
    fputs("  ", stdout);
    lab_style_put(style, stdout, LAB_INK_STRONG, name);
    lab_style_blanks(stdout, strlen(name) < NAME_COLUMN ? NAME_COLUMN - strlen(name) : 1);
    fputs(text, stdout);
    lab_style_put(style, stdout, LAB_INK_SOFT, remark);
    fputc('\n', stdout);
}

static void print_table(const struct lab_style *style, const struct entry *entry, size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_entry(style, entry[i].name, entry[i].text,
                    lab_is_built(entry[i].name) ? "" : "  (not built yet)");
}

/* Of a scenario that was only parsed. */
static const char *title_of(const struct lab_scenario *scenario)
{
    for (lab_node_id i = scenario->root; i != 0; i = scenario->nodes[i].next)
        if (scenario->nodes[i].kind == LAB_N_TITLE)
            return lab_name(scenario, scenario->nodes[i].name);
    return "";
}

static void print_scenario(const struct lab_style *style, const char *path)
{
    static const struct lab_load_options none;
    struct lab_loaded *loaded = calloc(1, sizeof(*loaded));

    if (!loaded)
        return;
    if (lab_load(loaded, path, &none) == LAB_EXIT_OK)
        print_entry(style, loaded->stem, title_of(&loaded->scenario), "");
    lab_unload(loaded);
    free(loaded);
}

static int list_scenarios(const struct lab_style *style)
{
    struct lab_shelf shelf;

    if (!lab_shelf_open(&shelf, lab_shelf_folder())) {
        fprintf(stderr, "irqlab: cannot list %s\n", lab_shelf_folder());
        return LAB_EXIT_INTERNAL;
    }
    for (size_t i = 0; i < shelf.count; i++)
        print_scenario(style, shelf.path[i]);
    if (shelf.count == 0)
        fprintf(stderr, "irqlab: no scenarios in %s; IRQLAB_SCENARIOS names another folder\n",
                lab_shelf_folder());
    lab_shelf_close(&shelf);
    return LAB_EXIT_OK;
}

int lab_list(const struct lab_style *style, const char *what)
{
    static const struct {
        const char *name;
        const struct entry *entry;
        size_t count;
    } table[] = {
        {"scenarios", 0, 0},
        {"machines", machines, COUNT(machines)},
        {"devices", devices, COUNT(devices)},
        {"files", files, COUNT(files)},
    };

    bool found = false;
    int code = LAB_EXIT_OK;

    for (size_t i = 0; i < COUNT(table); i++) {
        if (what && strcmp(what, table[i].name) != 0)
            continue;
        if (!what)
            printf("%s%s\n", found ? "\n" : "", table[i].name);
        found = true;
        if (table[i].entry)
            print_table(style, table[i].entry, table[i].count);
        else
            code = list_scenarios(style);
    }
    if (!found && strcmp(what, "lessons") == 0) {
        fprintf(stderr, "irqlab: not built yet: list lessons\n");
        return LAB_EXIT_CANNOT;
    }
    if (!found) {
        fprintf(stderr,
                "irqlab: cannot list '%s'; one of: scenarios, machines, devices, files\n",
                what);
        return LAB_EXIT_USAGE;
    }
    return code;
}

/* ---- list --arena ---- */

static const char *class_name(uint32_t class)
{
    static const char *const name[SIM_ARENA_CLASSES] = {"hot", "stack", "cold", "clock"};

    return class < SIM_ARENA_CLASSES ? name[class] : "?";
}

static int print_arena(const struct lab_program *program)
{
    struct sim_component *list = calloc(SIM_COMPONENTS_MAX, sizeof(*list));
    struct lab *lab = calloc(1, sizeof(*lab));
    int code = LAB_EXIT_INTERNAL;

    if (list && lab) {
        lab_layout(lab, program, list, lab_bench_sim_context_bytes());
        printf("%8s %6s  %-6s %s\n", "offset", "bytes", "class", "component");
        for (uint32_t i = 0; i < lab->arena.count; i++)
            printf("%8u %6u  %-6s %s\n", (unsigned)list[i].offset, (unsigned)list[i].size,
                   class_name(list[i].class), list[i].name);
        for (unsigned i = 0; i < SIM_ARENA_CLASSES; i++)
            printf("%8s %6u  %-6s all\n", "", (unsigned)lab->arena.fill[i], class_name(i));
        code = LAB_EXIT_OK;
    }
    free(list);
    free(lab);
    return code;
}

int lab_list_arena(const char *name)
{
    static const struct lab_load_options none;
    struct lab_loaded *loaded = calloc(1, sizeof(*loaded));
    struct lab_program *program = 0;
    int code;

    if (!loaded)
        return LAB_EXIT_INTERNAL;
    code = lab_load(loaded, name, &none);
    if (code == LAB_EXIT_OK)
        code = lab_load_point(loaded, 0, &program);
    if (code == LAB_EXIT_OK)
        code = print_arena(program);
    free(program);
    lab_unload(loaded);
    free(loaded);
    return code;
}

/* ---- explain ---- */

static bool explain_table(const struct lab_style *style, const struct entry *entry,
                          size_t count, const char *kind, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entry[i].name, name) != 0)
            continue;
        lab_style_put(style, stdout, LAB_INK_STRONG, name);
        printf(" (%s): %s%s\n", kind, entry[i].text,
               lab_is_built(name) ? "" : "  (not built yet)");
        return true;
    }
    return false;
}

static void try_table(struct lab_near *near, const char *name, const struct entry *entry,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        lab_near_try(near, name, strlen(name), entry[i].name);
}

int lab_explain(const struct lab_style *style, const char *name)
{
    static const char *const flow[] = {
        [DRV_FLOW_LEVEL] = "level",
        [DRV_FLOW_EDGE] = "edge",
        [DRV_FLOW_FASTEOI] = "fasteoi",
        [DRV_FLOW_MANUAL] = "manual",
    };
    struct lab_near near = {0};
    bool found = false;

    for (unsigned i = 0; i < COUNT(flow); i++) {
        lab_near_try(&near, name, strlen(name), flow[i]);
        if (strcmp(flow[i], name) != 0)
            continue;
        lab_style_put(style, stdout, LAB_INK_STRONG, name);
        printf(" (interrupt flow): %s\n", drv_flow_text((enum drv_flow)i));
        found = true;
    }
    found |= explain_table(style, words, COUNT(words), "word", name);
    found |= explain_table(style, events, COUNT(events), "event of the trace", name);
    found |= explain_table(style, machines, COUNT(machines), "machine", name);
    found |= explain_table(style, devices, COUNT(devices), "device", name);
    if (found)
        return LAB_EXIT_OK;
    try_table(&near, name, words, COUNT(words));
    try_table(&near, name, events, COUNT(events));
    try_table(&near, name, machines, COUNT(machines));
    try_table(&near, name, devices, COUNT(devices));
    fprintf(stderr, "irqlab: nothing to explain about '%s'%s%s%s\n", name,
            near.name ? ", did you mean '" : "", near.name ? near.name : "",
            near.name ? "'?" : "");
    return LAB_EXIT_USAGE;
}
