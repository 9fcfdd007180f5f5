/*
 * tests/unit/test_sim_gicv2.c - GICv2: what its inputs latch, in scripts that also ran on QEMU.
 *
 *   ^ v  line up, down            ( )  the CPU takes the interrupt, leaves the handler
 *   A S  IAR gives the input, 1023   E  EOIR        - !  the output is low, is high
 *   p a  followed by 0 or 1: ISPENDR, ISACTIVER reads so
 *   d e  ICENABLER, ISENABLER     P C  ISPENDR, ICPENDR        L G  ICFGR to level, to edge
 */
#include "tests/unit/test_sim_fixture.h"

enum { SPI = 8, INTID = SPI + 32, SECOND = 9, GICD = VIRT_GICD_BASE, GICC = VIRT_GICC_BASE };

static sim_dev_id wire, second;

static void clear(void)
{
    bench_clear(SIM_MACHINE_VIRT);
    wire = bench_add(bench_line(SPI));
    second = bench_add(bench_line(SECOND));
}

static void set_trigger(unsigned intid, bool edge)
{
    sim_write(&bench.sim, 0, GICD + GICD_ICFGR + intid / 4, 1, edge ? 0xaau : 0, 0);
}

static void start(bool edge)
{
    bench_start();
    set_trigger(INTID, edge);
    wr(GICD + GICD_CTLR, 1);
    wr(GICC + GICC_CTLR, 1);
    wr(GICC + GICC_PMR, 0xff);
    wr(GICD + GICD_ISENABLER + 4, 1u << SPI | 1u << SECOND);
    bench_forget();
}

static bool bit(uint32_t bank, unsigned spi)
{
    return rd(GICD + bank + 4) >> spi & 1;
}

static void set_bit(uint32_t bank, unsigned spi)
{
    wr(GICD + bank + 4, 1u << spi);
}

static bool asks(void)
{
    return sim_irq_output(&bench.sim, 0);
}

static void play_one(char what, char value)
{
    switch (what) {
    case '^':
    case 'v':
        act(wire, what == '^' ? SIM_VERB_ASSERT : SIM_VERB_DEASSERT, 0);
        break;
    case '(':
    case '!':
        assert_true(asks());
        break;
    case '-':
        assert_false(asks());
        break;
    case 'A':
        assert_int_equal(sim_irq_best(&bench.sim, 0), SPI);
        assert_int_equal(rd(GICC + GICC_IAR), INTID);
        break;
    case 'S':
        assert_int_equal(sim_irq_best(&bench.sim, 0), -1);
        assert_int_equal(rd(GICC + GICC_IAR), GIC_SPURIOUS);
        break;
    case 'E':
        wr(GICC + GICC_EOIR, INTID);
        break;
    case 'p':
        assert_int_equal(bit(GICD_ISPENDR, SPI), value == '1');
        assert_int_equal(bit(GICD_ICPENDR, SPI), value == '1');
        break;
    case 'a':
        assert_int_equal(bit(GICD_ISACTIVER, SPI), value == '1');
        break;
    case 'd':
    case 'e':
        set_bit(what == 'd' ? GICD_ICENABLER : GICD_ISENABLER, SPI);
        break;
    case 'P':
    case 'C':
        set_bit(what == 'P' ? GICD_ISPENDR : GICD_ICPENDR, SPI);
        break;
    case 'L':
    case 'G':
        set_trigger(INTID, what == 'G');
        break;
    default:
        break;
    }
}

static void play(const char *script, bool edge, bool as_qemu)
{
    clear();
    bench.config.as_qemu = as_qemu;
    start(edge);
    for (const char *c = script; *c; c++)
        play_one(*c, c[1]);
}

static void play_all(const char *level, const char *edge)
{
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        play(level, false, qemu);
        play(edge, true, qemu);
    }
}

/* The fifteen rows as QEMU 7.2.22 played them on `virt` and `vexpress-a9`. */
static void the_fifteen_stories_end_as_on_qemu(void **state)
{
    (void)state;
    play_all("^(AE)(AE)(AvE)p0a0-", "^(AE)-p0a0");
    play_all("^(AvE)-", "^(AvE)-");
    play_all("^(Av^v^p1a1vE)-", "^(Av^v^p1a1vE)(AvE)-");
    play_all("^(Avp0a1^p1a1vp0a1E)-", "^(Avp0a1^p1a1vp1a1E)(AE)-");
    play_all("d^vp0a0e-", "d^vp1a0e(AE)-");
    play_all("d^p1a0e(AvE)-", "d^p1a0e(AvE)-");
    play_all("^vp0a0-", "^vp1a0(AE)-");
    play_all("^(vS)-", "^(vAE)-");
    play_all("^(AEp1a0vp0a0)-", "^(AEp0a0vp0a0)-");
    play_all("^(AE)(AE)(AE)(AE)v-", "^(AE)-v-");
    play_all("Pp1a0(AE)-", "Pp1a0(AE)-");
    play_all("^p1a0Cp1a0(AvE)-", "^p1a0Cp0a0-");
    play_all("^(Av^p1a1Cp1a1vE)-", "^(Av^p1a1Cp0a1vE)-");
    play_all("^(AdE)p1a0e(AvE)-", "^(AdE)p0a0e-");
    play_all("^Gp0a0-", "^Lp1a0(AvE)-");
}

static void a_an_edge_while_disabled_is_delivered_on_enable(void **state)
{
    (void)state;
    play_all("d^v-e-", "d^v-e(AE)-");
}

static void b_an_edge_while_pending_merges(void **state)
{
    (void)state;
    play_all("^v^v-", "^v^v^v(AE)-");
}

static void c_an_edge_while_active_waits_for_the_end(void **state)
{
    (void)state;
    play_all("^(Av^v-E)-", "^v(A^v-p1a1E)(AE)-");
}

static void d_a_level_that_drops_before_the_acknowledge_is_spurious(void **state)
{
    (void)state;
    play_all("^(vS)-", "^(vAE)-");
}

static void e_f_a_level_still_high_at_the_end_comes_again(void **state)
{
    (void)state;
    play_all("^(AE)!(AE)!v-", "^(AE)-");
}

static void g_a_short_pulse_leaves_only_an_edge(void **state)
{
    (void)state;
    play_all("^v-S", "^v!AE-");
}

static void h_a_second_rise_on_a_shared_edge_line_is_invisible(void **state)
{
    (void)state;
    clear();
    sim_dev_id sharer = bench_add(bench_line(SPI));
    start(true);
    act(wire, SIM_VERB_ASSERT, 0);
    assert_int_equal(rd(GICC + GICC_IAR), INTID);
    act(sharer, SIM_VERB_ASSERT, 0);
    act(wire, SIM_VERB_DEASSERT, 0);
    wr(GICC + GICC_EOIR, INTID);
    assert_false(asks());
    assert_true(sim_line_level(&bench.sim, 0));
}

static void i_a_shared_level_line_asks_until_both_are_quiet(void **state)
{
    (void)state;
    clear();
    sim_dev_id sharer = bench_add(bench_line(SPI));
    start(false);
    act(wire, SIM_VERB_ASSERT, 0);
    assert_int_equal(rd(GICC + GICC_IAR), INTID);
    act(sharer, SIM_VERB_ASSERT, 0);
    act(wire, SIM_VERB_DEASSERT, 0);
    wr(GICC + GICC_EOIR, INTID);
    assert_true(asks());
    act(sharer, SIM_VERB_DEASSERT, 0);
    assert_false(asks());
}

static void j_a_changed_trigger_keeps_the_latch_and_invents_no_edge(void **state)
{
    (void)state;
    play_all("^Gp0-Lp1", "^vLp1Gp1(AE)-");
}

static void k_enabling_an_asserted_input_delivers_at_once(void **state)
{
    (void)state;
    play_all("d^-e(AvE)-", "d^-e(AvE)-");
}

static void l_nothing_to_hand_out_is_1023_and_needs_no_end(void **state)
{
    (void)state;
    play_all("S", "S");
    wr(GICC + GICC_EOIR, GIC_SPURIOUS);
    assert_int_equal(rd(GICC + GICC_RPR), 0xff);
}

static void l_a_pending_group_1_input_is_1022_without_ackctl(void **state)
{
    (void)state;
    clear();
    start(false);
    set_bit(GICD_IGROUPR, SPI);
    wr(GICD + GICD_CTLR, 3);
    wr(GICC + GICC_CTLR, 3);
    act(wire, SIM_VERB_ASSERT, 0);
    assert_true(asks());
    assert_int_equal(rd(GICC + GICC_IAR), GIC_OTHER_GROUP);
    assert_int_equal(rd(GICC + GICC_HPPIR), GIC_OTHER_GROUP);
    assert_int_equal(rd(GICC + GICC_AHPPIR), INTID);
    assert_int_equal(rd(GICC + GICC_AIAR), INTID);
    assert_int_equal(rd(GICC + GICC_NSAPR), 1);
    wr(GICC + GICC_AEOIR, INTID);
    assert_false(bit(GICD_ISACTIVER, SPI));
    wr(GICC + GICC_CTLR, 7);
    assert_int_equal(rd(GICC + GICC_IAR), INTID);
}

static void m_set_pending_on_a_level_is_a_latch_beside_the_wire(void **state)
{
    (void)state;
    play_all("P^(AvE)-", "P^(AvE)-");
    play_all("^PC!v-", "^PC-");
}

static void n_priority(unsigned intid, uint32_t priority)
{
    sim_write(&bench.sim, 0, GICD + GICD_IPRIORITYR + intid, 1, priority, 0);
}

static void n_the_lower_priority_value_preempts_and_the_mask_is_strict(void **state)
{
    (void)state;
    clear();
    start(false);
    n_priority(INTID, 0xa0);
    n_priority(INTID + 1, 0x80);
    act(wire, SIM_VERB_ASSERT, 0);
    wr(GICC + GICC_PMR, 0xa0);
    assert_false(asks());
    wr(GICC + GICC_PMR, 0xa1);
    assert_int_equal(rd(GICC + GICC_IAR), INTID);
    assert_int_equal(rd(GICC + GICC_RPR), 0xa0);
    act(second, SIM_VERB_ASSERT, 0);
    assert_true(asks());
    assert_int_equal(rd(GICC + GICC_IAR), INTID + 1);
    assert_int_equal(rd(GICC + GICC_RPR), 0x80);
    wr(GICC + GICC_EOIR, INTID + 1);
    assert_int_equal(rd(GICC + GICC_RPR), 0xa0);
    wr(GICC + GICC_EOIR, INTID);
    assert_int_equal(rd(GICC + GICC_RPR), 0xff);
}

static void n_the_binary_point_groups_priorities(void **state)
{
    (void)state;
    clear();
    start(false);
    n_priority(INTID, 0xaf);
    n_priority(INTID + 1, 0xa0);
    wr(GICC + GICC_BPR, 3);
    act(wire, SIM_VERB_ASSERT, 0);
    assert_int_equal(rd(GICC + GICC_IAR), INTID);
    assert_int_equal(rd(GICC + GICC_RPR), 0xa0);
    act(second, SIM_VERB_ASSERT, 0);
    assert_false(asks());
    wr(GICC + GICC_EOIR, INTID);
    assert_int_equal(rd(GICC + GICC_IAR), INTID + 1);
}

static void n_with_eoimode_the_end_drops_priority_and_dir_deactivates(void **state)
{
    (void)state;
    clear();
    start(false);
    wr(GICC + GICC_CTLR, 1 | GICC_CTLR_EOIMODE);
    act(wire, SIM_VERB_ASSERT, 0);
    assert_int_equal(rd(GICC + GICC_IAR), INTID);
    wr(GICC + GICC_EOIR, INTID);
    assert_int_equal(rd(GICC + GICC_RPR), 0xff);
    assert_true(bit(GICD_ISACTIVER, SPI));
    assert_false(asks());
    wr(GICC + GICC_DIR, INTID);
    assert_true(asks());
}

static void group_0_comes_as_fiq_if_asked_to(void **state)
{
    (void)state;
    clear();
    start(false);
    wr(GICC + GICC_CTLR, 1 | GICC_CTLR_FIQEN);
    act(wire, SIM_VERB_ASSERT, 0);
    assert_false(asks());
    assert_int_equal(bench.sim.controller->output(&bench.sim, 0), 2);
}

static void every_register_resets_and_masks_as_its_row_says(void **state)
{
    (void)state;
    clear();
    bench_start();
    for (unsigned i = 0; sim_chip(SIM_MACHINE_VIRT, i); i++) {
        const struct sim_chip *chip = sim_chip(SIM_MACHINE_VIRT, i);
        probe_registers(chip->base, chip->registers, chip->count);
    }
}

static void inputs_that_are_not_wired_ignore_writes(void **state)
{
    (void)state;
    clear();
    start(false);
    wr(GICD + GICD_ISENABLER + 4, UINT32_MAX);
    assert_int_equal(rd(GICD + GICD_ISENABLER + 4), 1u << SPI | 1u << SECOND);
    wr(GICD + GICD_IPRIORITYR + 32 + 8, UINT32_MAX);
    assert_int_equal(rd(GICD + GICD_IPRIORITYR + 32 + 8), 0xffff);
    wr(GICD + GICD_SGIR, 0x02000001);
    assert_int_equal(rd(GICD + GICD_ISPENDR), 0);
}

static void old_qemu_made_a_ghost_of_an_enabled_level(void **state)
{
    (void)state;
    for (unsigned old = 0; old < 2; old++) {
        clear();
        bench.config.as_qemu = 1;
        bench.config.policy_set = 1u << SIM_POLICY_GIC_ENABLE_LATCHES;
        bench.config.policy_value = old ? bench.config.policy_set : 0;
        start(false);
        play_one('d', 0);
        play_one('^', 0);
        play_one('e', 0);
        play_one('v', 0);
        assert_int_equal(asks(), old);
    }
}

static void a_scenario_turns_one_row_of_qemu_off(void **state)
{
    (void)state;
    clear();
    bench.config.as_qemu = 1;
    bench.config.policy_set = 1u << SIM_POLICY_GIC_NO_ALIASES;
    start(false);
    assert_int_equal(rd(GICC + GICC_AHPPIR), GIC_SPURIOUS);
    bench.config.policy_set = 0;
    clear();
    bench.config.as_qemu = 1;
    start(false);
    assert_int_equal(rd(GICC + GICC_AHPPIR), 0);
    assert_int_equal(seen(SIM_EV_BUS_BAD, 0, GICC + GICC_AHPPIR), 1);
}

/* One edge for two CPUs: the architecture lets one take it, QEMU both (policy row). */
static void an_edge_for_two_cpus_is_taken_once_or_as_qemu_twice(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        clear();
        bench.config.cpus = 2;
        bench.config.as_qemu = (uint8_t)qemu;
        start(true);
        sim_write(&bench.sim, 0, GICD + GICD_ITARGETSR + INTID, 1, 3, 0);
        sim_write(&bench.sim, 1, GICC + GICC_CTLR, 4, 1, 0);
        sim_write(&bench.sim, 1, GICC + GICC_PMR, 4, 0xff, 0);
        act(wire, SIM_VERB_ASSERT, 0);
        assert_true(asks() && sim_irq_output(&bench.sim, 1));
        assert_int_equal(rd(GICC + GICC_IAR), INTID);
        assert_int_equal(sim_irq_output(&bench.sim, 1), qemu);
        assert_int_equal(sim_read(&bench.sim, 1, GICC + GICC_IAR, 4),
                         qemu ? INTID : GIC_SPURIOUS);
    }
}

static void an_edge_for_no_cpu_is_kept_or_as_qemu_lost(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        clear();
        bench.config.cpus = 2;
        bench.config.as_qemu = (uint8_t)qemu;
        start(true);
        act(wire, SIM_VERB_ASSERT, 0);
        assert_int_equal(seen(SIM_EV_IGNORED, SPI, 3), qemu);
        assert_false(asks());
        sim_write(&bench.sim, 0, GICD + GICD_ITARGETSR + INTID, 1, 1, 0);
        assert_int_equal(asks(), !qemu);
    }
}

static void a_disabled_group_is_passed_over_or_as_qemu_blocks(void **state)
{
    (void)state;
    for (unsigned qemu = 0; qemu < 2; qemu++) {
        clear();
        bench.config.as_qemu = (uint8_t)qemu;
        start(false);
        set_bit(GICD_IGROUPR, SPI);
        wr(GICC + GICC_CTLR, 7);
        wr(GICD + GICD_CTLR, 1);
        act(wire, SIM_VERB_ASSERT, 0);
        act(second, SIM_VERB_ASSERT, 0);
        assert_int_equal(asks(), !qemu);
        assert_int_equal(rd(GICC + GICC_IAR), qemu ? INTID : INTID + 1);
    }
}

static void a_cleared_latch_takes_its_arrivals_with_it(void **state)
{
    (void)state;
    clear();
    start(true);
    act(wire, SIM_VERB_SEND, 1);
    sim_timer_fire(&bench.sim, wire);
    assert_true(sim_dev_holds(&bench.sim, wire, 1));
    set_bit(GICD_ICPENDR, SPI);
    assert_true(dropped(1, SIM_DROP_UNSEEN));
}

/* What the CPU should see, worked out from what registers say (one group, one CPU). */
static bool output_by_registers(void)
{
    bool on = rd(GICD + GICD_CTLR) & 1 && rd(GICC + GICC_CTLR) & 1;
    uint32_t best = 0x100;

    for (unsigned spi = SPI; spi <= SECOND; spi++) {
        uint32_t priority = sim_read(&bench.sim, 0, GICD + GICD_IPRIORITYR + 32 + spi, 1);
        bool candidate =
            bit(GICD_ISENABLER, spi) && bit(GICD_ISPENDR, spi) && !bit(GICD_ISACTIVER, spi);
        if (candidate && priority < best)
            best = priority;
    }
    uint32_t running = rd(GICC + GICC_RPR);
    return on && best < rd(GICC + GICC_PMR) && (best < running || running == 0xff);
}

static void the_output_is_a_function_of_what_registers_say(void **state)
{
    (void)state;
    static const uint32_t banks[] = {GICD_ISENABLER, GICD_ISENABLER, GICD_ICENABLER,
                                     GICD_ISPENDR,   GICD_ICPENDR,   GICD_ISACTIVER,
                                     GICD_ICACTIVER};
    uint32_t seed = 88172645u;

    clear();
    start(false);
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t what = bench_random(&seed);
        unsigned spi = SPI + (what >> 8) % 2;
        bench_forget();
        switch (what % 12) {
        case 0:
        case 1:
            act(spi == SPI ? wire : second, what & 16 ? SIM_VERB_ASSERT : SIM_VERB_DEASSERT, 0);
            break;
        case 2:
            rd(GICC + GICC_IAR);
            break;
        case 3:
            wr(GICC + GICC_EOIR, 32 + spi);
            break;
        case 4:
            n_priority(32 + spi, (what >> 16) & 0xf0);
            break;
        case 5:
            wr(GICC + GICC_PMR, (what >> 16) & 0xff);
            break;
        case 6:
            set_trigger(32 + spi, what >> 16 & 1);
            break;
        case 7:
            wr(what & 16 ? GICC + GICC_CTLR : GICD + GICD_CTLR, what >> 16 & 5 ? 1 : 0);
            break;
        default:
            set_bit(banks[(what >> 16) % 7], spi);
        }
        assert_int_equal(asks(), output_by_registers());
    }
}

static void nothing_a_guest_writes_breaks_it(void **state)
{
    (void)state;
    uint32_t seed = 7;

    clear();
    bench.config.cpus = 4;
    start(false);
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t what = bench_random(&seed);
        uint32_t address = (what & 1 ? GICD : GICC) + (what >> 4) % 0x2100;
        unsigned cpu = what >> 20 & 3;
        unsigned size = 1u << (what >> 22) % 3;
        bench_forget();
        if (what & 2)
            sim_read(&bench.sim, cpu, address, size);
        else
            sim_write(&bench.sim, cpu, address, size, bench_random(&seed), 0);
        act(what & 4 ? wire : second, what & 8 ? SIM_VERB_ASSERT : SIM_VERB_DEASSERT, 0);
        assert_int_equal(bench.trace.lost, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fifteen_stories_end_as_on_qemu),
        cmocka_unit_test(a_an_edge_while_disabled_is_delivered_on_enable),
        cmocka_unit_test(b_an_edge_while_pending_merges),
        cmocka_unit_test(c_an_edge_while_active_waits_for_the_end),
        cmocka_unit_test(d_a_level_that_drops_before_the_acknowledge_is_spurious),
        cmocka_unit_test(e_f_a_level_still_high_at_the_end_comes_again),
        cmocka_unit_test(g_a_short_pulse_leaves_only_an_edge),
        cmocka_unit_test(h_a_second_rise_on_a_shared_edge_line_is_invisible),
        cmocka_unit_test(i_a_shared_level_line_asks_until_both_are_quiet),
        cmocka_unit_test(j_a_changed_trigger_keeps_the_latch_and_invents_no_edge),
        cmocka_unit_test(k_enabling_an_asserted_input_delivers_at_once),
        cmocka_unit_test(l_nothing_to_hand_out_is_1023_and_needs_no_end),
        cmocka_unit_test(l_a_pending_group_1_input_is_1022_without_ackctl),
        cmocka_unit_test(m_set_pending_on_a_level_is_a_latch_beside_the_wire),
        cmocka_unit_test(n_the_lower_priority_value_preempts_and_the_mask_is_strict),
        cmocka_unit_test(n_the_binary_point_groups_priorities),
        cmocka_unit_test(n_with_eoimode_the_end_drops_priority_and_dir_deactivates),
        cmocka_unit_test(group_0_comes_as_fiq_if_asked_to),
        cmocka_unit_test(every_register_resets_and_masks_as_its_row_says),
        cmocka_unit_test(inputs_that_are_not_wired_ignore_writes),
        cmocka_unit_test(old_qemu_made_a_ghost_of_an_enabled_level),
        cmocka_unit_test(a_scenario_turns_one_row_of_qemu_off),
        cmocka_unit_test(an_edge_for_two_cpus_is_taken_once_or_as_qemu_twice),
        cmocka_unit_test(an_edge_for_no_cpu_is_kept_or_as_qemu_lost),
        cmocka_unit_test(a_disabled_group_is_passed_over_or_as_qemu_blocks),
        cmocka_unit_test(a_cleared_latch_takes_its_arrivals_with_it),
        cmocka_unit_test(the_output_is_a_function_of_what_registers_say),
        cmocka_unit_test(nothing_a_guest_writes_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
