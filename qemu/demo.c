/*
 * qemu/demo.c - edge and level on this machine, without anybody's help.
 *
 * The line is the board's own UART: its transmit interrupt is pending for good after one byte,
 * so that its mask register IMSC puts the wire up and down.  Each act is played twice, with the
 * controller told `edge` and told `level`; registers and vector are real.
 */
#include "drivers/irq.h"
#include "qemu/metal.h"
#include "qemu/semihosting.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"
#include "sim/regs/pl011.h"

enum { RUNS_MAX = 9 };

struct act {
    const char *title;
    void (*before)(void);  /* with interrupts masked */
    void (*handler)(void); /* between acknowledge and end of interrupt */
    unsigned events;       /* times the device asked for attention */
};

static int text_fd;
static unsigned runs, runs_at_most;
static void (*body)(void);

static void say(const char *text)
{
    uint32_t length = 0;

    while (text[length])
        length++;
    metal_write(text_fd, text, length);
}

static void say_number(unsigned number)
{
    char digits[2] = {(char)('0' + number % 10), 0};

    say(digits);
}

static uint32_t access(const struct drv_access *a)
{
    uint32_t value = a->value;

    if (a->write == 0)
        return metal_read(a->address, a->size);
    if (a->write == DRV_ACCESS_MODIFY)
        value = (metal_read(a->address, a->size) & ~((uint32_t)a->mask << a->shift)) |
                value << a->shift;
    metal_store(a->address, a->size, value);
    return 0;
}

static void wire(bool up)
{
    metal_store(VIRT_UART_BASE + PL011_IMSC, 4, up ? PL011_INT_TX : 0);
}

static void up(void)
{
    wire(true);
}

static void down(void)
{
    wire(false);
}

static void pulse(void)
{
    wire(true);
    wire(false);
}

static void two_pulses(void)
{
    pulse();
    pulse();
}

static void nothing(void)
{
}

/* The device is served in the third run only. */
static void serve_third(void)
{
    if (runs == 3)
        wire(false);
}

/* Served; and asks again, shortly, while the handler is still there. */
static void serve_and_pulse(void)
{
    wire(false);
    if (runs == 1)
        pulse();
}

static void handle(void)
{
    const struct drv_chip *chip = &drv_chip_gicv2;
    struct drv_access ack = chip->ack(0);
    uint32_t number = access(&ack);
    struct drv_access eoi = chip->eoi(0, number);

    if (chip->irq_of(number) != VIRT_UART_SPI)
        return;
    runs++;
    body();
    access(&eoi);
}

static void configure(enum drv_sense sense)
{
    const struct drv_chip *chip = &drv_chip_gicv2;
    struct drv_access a;

    for (unsigned k = 0; (a = chip->setup(&(struct drv_input){.irq = -1}, k)).size; k++)
        access(&a);
    for (unsigned k = 0;
         (a = chip->setup(&(struct drv_input){VIRT_UART_SPI, sense, 0, 0, false}, k)).size; k++)
        access(&a);
    a = chip->unmask(VIRT_UART_SPI);
    access(&a);
}

static bool is_latched(void)
{
    unsigned intid = VIRT_UART_SPI + GIC_SPI_FIRST;

    return metal_read(VIRT_GICD_BASE + GICD_ISPENDR + intid / 32 * 4, 4) >> intid % 32 & 1;
}

static bool is_up(void)
{
    return metal_read(VIRT_UART_BASE + PL011_MIS, 4) != 0;
}

static void play(const struct act *act, enum drv_sense sense)
{
    unsigned intid = VIRT_UART_SPI + GIC_SPI_FIRST;
    bool latched, stuck;

    configure(sense);
    runs = 0;
    runs_at_most = RUNS_MAX;
    body = act->handler;
    act->before();
    latched = is_latched();
    while (metal_irq_asked() && runs < runs_at_most)
        metal_window();
    stuck = is_up();
    say(sense == DRV_SENSE_EDGE ? "   edge    pending " : "   level   pending ");
    say_number(latched);
    say("   handler runs ");
    say_number(runs);
    if (runs == RUNS_MAX)
        say("   a storm: stopped by hand");
    else if (stuck)
        say("   the line is still up and nobody comes");
    else if (runs < act->events)
        say("   an event was lost");
    say("\n");
    wire(false);
    metal_store(VIRT_GICD_BASE + GICD_ICPENDR + intid / 32 * 4, 4, 1u << intid % 32);
}

unsigned metal_demo(void)
{
    static const struct act acts[] = {
        {"one pulse while the CPU masks interrupts", pulse, nothing, 1},
        {"two pulses while the CPU masks interrupts", two_pulses, nothing, 2},
        {"held until the handler serves the device", up, down, 1},
        {"held; served in the third run only", up, serve_third, 1},
        {"served; a new pulse comes before the handler has ended", up, serve_and_pulse, 2},
        {"held; nobody ever serves it", up, nothing, 1},
    };

    text_fd = metal_open(":tt", METAL_OPEN_WRITE);
    metal_handler = handle;
    say("irqlab on the metal: one line, twice. No runner is listening, so the UART's own\n"
        "interrupt mask moves the wire; vector, controller and drivers are the real ones.\n");
    down();
    metal_store(VIRT_UART_BASE + PL011_DR, 4, 0); /* from now on the transmit status is 1 */
    for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        say("\n");
        say(acts[i].title);
        say("\n");
        play(&acts[i], DRV_SENSE_EDGE);
        play(&acts[i], DRV_SENSE_LEVEL);
    }
    say("\nAn edge tells you to look; a level tells you there is something to see.\n");
    return 0;
}
