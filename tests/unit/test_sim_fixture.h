/*
 * tests/unit/test_sim_fixture.h - a workbench for the tests of sim/: one small configuration
 * laid out, placed and reset, with the trace of the last operations at hand.
 */
#ifndef TEST_SIM_FIXTURE_H
#define TEST_SIM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/controller.h"
#include "sim/line.h"
#include "sim/policy.h"
#include "sim/regs/access.h"
#include "sim/regs/board_virt.h"
#include "sim/regs/gicv2.h"
#include "sim/regs/pl011.h"
#include "sim/regs/source.h"
#include "sim/regs/textbook.h"
#include "sim/sim.h"

enum { BENCH_BYTES = 32768 };

struct bench {
    struct sim sim;
    struct sim_arena arena;
    struct sim_trace trace;
    struct sim_config config;
    struct sim_component list[SIM_COMPONENTS_MAX];
    _Alignas(8) uint8_t bytes[BENCH_BYTES];
};

static struct bench bench;

/* Forgets everything: an empty configuration of @machine. */
static inline void bench_clear(enum sim_machine machine)
{
    memset(&bench, 0, sizeof(bench));
    bench.config.machine = (uint8_t)machine;
    bench.config.cpus = 1;
}

/* Adds a device and returns its number. */
static inline sim_dev_id bench_add(struct sim_device_config device)
{
    bench.config.device[bench.config.devices] = device;
    return bench.config.devices++;
}

static inline struct sim_device_config bench_source(unsigned irq, enum sim_request request)
{
    return (struct sim_device_config){
        .model = SIM_MODEL_SOURCE,
        .irq = (uint16_t)irq,
        .request = (uint8_t)request,
        .fifo = 4,
        .tokens = 8,
        .pulse_ns = 1000,
        .base = SOURCE_BASE + SOURCE_STRIDE * (uint32_t)bench.config.devices,
    };
}

static inline struct sim_device_config bench_line(unsigned irq)
{
    return (struct sim_device_config){
        .model = SIM_MODEL_LINE, .irq = (uint16_t)irq, .tokens = 8, .pulse_ns = 1000};
}

static inline struct sim_device_config bench_uart(unsigned tokens)
{
    return (struct sim_device_config){.model = SIM_MODEL_PL011,
                                      .irq = VIRT_UART_SPI,
                                      .tokens = (uint16_t)tokens,
                                      .base = VIRT_UART_BASE};
}

static inline void bench_start(void)
{
    bench.arena.list = bench.list;
    sim_layout(&bench.sim, &bench.config, &bench.arena, NULL);
    sim_arena_seal(&bench.arena);
    assert_true(bench.arena.size <= BENCH_BYTES);
    sim_arena_place(&bench.arena, bench.bytes);
    sim_bind(&bench.sim, &bench.trace);
    bench.trace.want = UINT64_MAX;
    sim_reset(&bench.sim);
    bench.trace.count = 0;
}

static inline uint32_t rd(uint32_t address)
{
    return sim_read(&bench.sim, 0, address, 4);
}

static inline void wr(uint32_t address, uint32_t value)
{
    sim_write(&bench.sim, 0, address, 4, value, 0);
}

static inline uint32_t rd8(uint32_t address)
{
    return sim_read(&bench.sim, 0, address, 1);
}

static inline void wr8(uint32_t address, uint32_t value)
{
    sim_write(&bench.sim, 0, address, 1, value, 0);
}

static inline void act(sim_dev_id dev, enum sim_verb verb, unsigned token)
{
    sim_act(&bench.sim, dev, verb, 0, token);
}

/* How often @kind was recorded with this object and value since bench_forget(). */
static inline unsigned seen(enum sim_trace_kind kind, unsigned object, uint32_t value)
{
    unsigned count = 0;

    for (unsigned i = 0; i < bench.trace.count; i++) {
        const struct sim_record *record = &bench.trace.records[i];
        count += record->kind == kind && record->object == object && record->value == value;
    }
    return count;
}

/* Was a DROP of @token for @why recorded? */
static inline bool dropped(unsigned token, enum sim_drop why)
{
    for (unsigned i = 0; i < bench.trace.count; i++) {
        const struct sim_record *record = &bench.trace.records[i];
        if (record->kind == SIM_EV_DROP && record->token == token && record->value == why)
            return true;
    }
    return false;
}

static inline void bench_forget(void)
{
    bench.trace.count = 0;
}

/* A small generator with a fixed seed: the tests are the same each time. */
static inline uint32_t bench_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/*
 * Probes every row of a register table at @base after a reset: first what it reads, then, where
 * plain software may write, which bits stay.
 */
static inline void probe_registers(uint32_t base, const struct sim_register *rows,
                                   unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        bench_forget();
        for (uint32_t k = 0; k < rows[i].count; k++) {
            uint32_t address = base + rows[i].offset + rows[i].stride * k;
            uint32_t value = rd(address);
            if (k == 0)
                assert_int_equal(value, rows[i].reset);
            if (rows[i].access == SIM_ACCESS_RW) {
                wr(address, UINT32_MAX);
                assert_int_equal(rd(address), rows[i].writable);
                wr(address, 0);
                assert_int_equal(rd(address), 0);
                wr(address, value);
            } else if (rows[i].access == SIM_ACCESS_RO) {
                wr(address, UINT32_MAX);
                assert_int_equal(rd(address), value);
            }
            assert_int_equal(seen(SIM_EV_BUS_BAD, 0, address), 0);
        }
    }
}

#endif
