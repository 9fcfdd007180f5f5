/*
 * sim/policy.h - every place where data sheet and QEMU 7.2.22 differ and we know it, as a row.
 *
 * A model asks for its row where the difference matters and nowhere looks at `as_qemu`.  A
 * scenario may override a row (`policy NAME V`).  docs/controllers.md and docs/devices.md tell
 * what each one does to a driver.
 *
 * X(ROW, "name", architecture, qemu, "what 1 means")
 */
#ifndef SIM_POLICY_H
#define SIM_POLICY_H

#include "sim/sim.h"

/* clang-format off */
#define SIM_LINE_POLICIES(X)                                                                  \
    X(LINE_LAST_CALL, "line-last-call", 0, 1,                                                 \
      "a wire is what was said last, by a device or from outside, instead of the OR of all")

#define SIM_PL011_POLICIES(X)                                                                 \
    X(PL011_RX_AT_ONE, "pl011-rx-at-one", 0, 1,                                               \
      "the receive interrupt comes with the first byte, whatever IFLS says")                  \
    X(PL011_NO_TIMEOUT, "pl011-no-timeout", 0, 1,                                             \
      "there is no receive time-out interrupt")                                               \
    X(PL011_TX_EACH_WRITE, "pl011-tx-each-write", 0, 1,                                       \
      "every write of DR sets the transmit interrupt, nothing else does")                     \
    X(PL011_ALWAYS_ON, "pl011-always-on", 0, 1,                                               \
      "UARTEN, TXE and RXE are kept but have no effect")                                      \
    X(PL011_BYTE_WAITS, "pl011-byte-waits", 0, 1,                                             \
      "a byte for a full FIFO waits outside instead of overrunning it")                       \
    X(PL011_WIDE, "pl011-wide", 0, 1,                                                         \
      "set-up registers keep all 32 bits that are written")                                   \
    X(PL011_FEN_KEEPS_FLAGS, "pl011-fen-keeps-flags", 0, 1,                                   \
      "a change of FEN empties the FIFO but RXFE and RXFF stay as they were")

#define SIM_PL031_POLICIES(X)                                                                 \
    X(PL031_ALWAYS_ON, "pl031-always-on", 0, 1,                                               \
      "the clock runs without CR.START, and CR reads 1")

#define SIM_PL061_POLICIES(X)                                                                 \
    X(PL061_ONE_REGISTER, "pl061-one-register", 0, 1,                                         \
      "inputs and outputs share one register: a pin that becomes an input keeps its output's" \
      " value until the wire moves, and a wire that moves at an output is not seen")          \
    X(PL061_LEVEL_STICKS, "pl061-level-sticks", 0, 1,                                         \
      "a level stays in RIS after it has gone, until IC clears it")                           \
    X(PL061_LEVEL_OF_OUTPUT, "pl061-level-of-output", 0, 1,                                   \
      "the level of an output pin asks for an interrupt, too")

#define SIM_SP804_POLICIES(X)                                                                 \
    X(SP804_WIDE, "sp804-wide", 0, 1,                                                         \
      "CTRL keeps all 32 bits that are written")                                              \
    X(SP804_SIZE_IGNORED, "sp804-size-ignored", 0, 1,                                         \
      "a periodic or one-shot timer counts 32 bits whatever CTRL.32BIT says")                 \
    X(SP804_TOP_FIRST, "sp804-top-first", 0, 1,                                               \
      "a free-running timer starts from all ones, not from what LOAD was written")            \
    X(SP804_CONTROL_RELOADS, "sp804-control-reloads", 0, 1,                                   \
      "every write of CTRL with EN set starts a new round")                                   \
    X(SP804_STARTS_AT_0, "sp804-starts-at-0", 0, 1,                                           \
      "VALUE is 0 after reset, not all ones")                                                 \
    X(SP804_ROUNDS, "sp804-rounds", 0, 1,                                                     \
      "with the clock divided by 256 a counter that runs reads one less than it has")

#define SIM_NS16550_POLICIES(X)                                                               \
    X(NS16550_BYTE_WAITS, "ns16550-byte-waits", 0, 1,                                         \
      "a byte for a full receiver waits outside instead of overrunning it")

#define SIM_CMSDK_UART_POLICIES(X)                                                            \
    X(CMSDK_UART_BYTE_WAITS, "cmsdk-uart-byte-waits", 0, 1,                                   \
      "a byte for a receiver that is full or off waits outside instead of being lost")        \
    X(CMSDK_UART_TX_STUCK, "cmsdk-uart-tx-stuck", 0, 1,                                       \
      "a byte written while the transmitter is off stays when it is turned on")

/* The rows of wires and devices: the same on every machine, in front of its controller's. */
#define SIM_DEVICE_POLICIES(X)                                                                \
    SIM_LINE_POLICIES(X)                                                                      \
    SIM_PL011_POLICIES(X)                                                                     \
    SIM_PL031_POLICIES(X)                                                                     \
    SIM_PL061_POLICIES(X)                                                                     \
    SIM_SP804_POLICIES(X)                                                                      \
    SIM_NS16550_POLICIES(X)                                                                   \
    SIM_CMSDK_UART_POLICIES(X)

#define SIM_GICV2_POLICIES(X)                                                                 \
    X(GIC_NO_ALIASES, "gic-no-aliases", 0, 1,                                                 \
      "AIAR, AEOIR and AHPPIR are not there")                                                 \
    X(GIC_PENDING_PER_TARGET, "gic-pending-per-target", 0, 1,                                 \
      "an edge is stored for the CPUs targeted when it comes: none, and it is gone; two, and" \
      " both take it")                                                                        \
    X(GIC_ACTIVE_PER_CPU, "gic-active-per-cpu", 0, 1,                                         \
      "active is a bit per CPU: ISACTIVER sets eight, the end of interrupt clears one")       \
    X(GIC_GROUP_OFF_BLOCKS, "gic-group-off-blocks", 0, 1,                                     \
      "an interrupt of a disabled group still is the best one, and IAR hands it out")         \
    X(GIC_BYTEWISE, "gic-bytewise", 0, 1,                                                     \
      "a word written to the distributor takes effect byte by byte, and the outputs follow")  \
    X(GIC_SGI_OF_NOBODY, "gic-sgi-of-nobody", 0, 1,                                           \
      "a 0 written to SPENDSGIR makes the interrupt pending with no sender; an acknowledge"   \
      " then ends QEMU")                                                                      \
    X(GIC_V1_SENDERS, "gic-v1-senders", 0, 1,                                                 \
      "a GIC of version 1 has CPENDSGIR and SPENDSGIR, too")                                  \
    X(GIC_ENABLE_LATCHES, "gic-enable-latches", 0, 0,                                         \
      "enabling a raised level input also latches it, as QEMU did before 7.2.14")

#define SIM_GICV3_POLICIES(X)                                                                 \
    X(GICV3_TRIGGER_LAGS, "gicv3-trigger-lags", 0, 1,                                         \
      "a change of GICD_ICFGR takes effect when something else happens to the input")         \
    X(GICV3_SLEEPER_HEARS, "gicv3-sleeper-hears", 0, 1,                                       \
      "a redistributor that was never woken (GICR_WAKER) delivers all the same")              \
    X(GICV3_END_IN_STEPS, "gicv3-end-in-steps", 0, 1,                                         \
      "the outputs follow the priority drop before the end of interrupt has deactivated")     \
    X(GICV3_WIDE, "gicv3-wide", 0, 1,                                                         \
      "ICC_PMR keeps bits above its 8, and what is written to ICC_BPR is held against the"    \
      " minimum with all bits")                                                               \
    X(ITS_READ_POINTER, "its-read-pointer", 0, 1,                                             \
      "GITS_CREADR can be written")                                                           \
    X(ITS_SIZE_WRAPS, "its-size-wraps", 0, 1,                                                 \
      "the entries of a table of two levels are counted in 32 bits: with 64 pages of 64 KiB,"  \
      " or 128 or 256, there are none")                                                       \
    X(ITS_FAULT_PASSES, "its-fault-passes", 0, 1,                                             \
      "an event whose collection cannot be read does not stall the queue")

#define SIM_NVIC_POLICIES(X)                                                                  \
    X(NVIC_NO_DEEP_SLEEP, "nvic-no-deep-sleep", 0, 1,                                         \
      "SCR has no SLEEPDEEP and keeps the bits that are reserved")                            \
    X(NVIC_CACHE_SELECT, "nvic-cache-select", 0, 1,                                           \
      "CSSELR keeps four bits, though there is no cache to select")

#define SIM_PL190_POLICIES(X)                                                                 \
    X(PL190_FIQ_UNGATED, "pl190-fiq-ungated", 0, 1,                                           \
      "INTENABLE does not hold back a source that is selected as FIQ")                        \
    X(PL190_VECTOR_OF_ANY, "pl190-vector-of-any", 0, 1,                                       \
      "VECTADDR also hands out sources that are disabled or selected as FIQ")                 \
    X(PL190_WIDE, "pl190-wide", 0, 1,                                                         \
      "VECTCNTL keeps 8 bits")                                                                \
    X(SIC_SOFTINT_ENABLES, "sic-softint-enables", 0, 1,                                       \
      "SOFTINTSET and SOFTINTCLR of the secondary controller change its enable bit 0")

#define SIM_I8259_POLICIES(X)                                                                 \
    X(I8259_EDGE_STAYS, "i8259-edge-stays", 0, 1,                                             \
      "an edge stays in IRR when its line drops before the acknowledge")                      \
    X(I8259_ICW1_FORGETS, "i8259-icw1-forgets", 0, 1,                                         \
      "ICW1 forgets the levels: a line that is said to be high again is a new edge")          \
    X(I8259_NO_LTIM, "i8259-no-ltim", 0, 1,                                                   \
      "LTIM of ICW1 has no effect: only ELCR makes levels")                                   \
    X(I8259_ELCR_BLIND, "i8259-elcr-blind", 0, 1,                                             \
      "a write of ELCR is noticed when the line moves the next time")                         \
    X(I8259_INT_LAGS, "i8259-int-lags", 0, 1,                                                 \
      "INT is worked out after a request, a mask or an end of interrupt, not after OCW3 or"   \
      " ICW4")                                                                                \
    X(I8259_WIDE_REPEATS, "i8259-wide-repeats", 0, 1,                                         \
      "a wide access goes on at the last port of the chip, not at the ports behind it")

#define SIM_APIC_POLICIES(X)                                                                  \
    X(IOAPIC_EACH_CALL, "ioapic-each-call", 0, 1,                                             \
      "an edge pin has no edge detector: each time it is told a high level it sends")         \
    X(IOAPIC_ACTIVE_HIGH, "ioapic-active-high", 0, 1,                                         \
      "the polarity bit is kept but has no effect")                                           \
    X(IOAPIC_BLIND, "ioapic-blind", 0, 1,                                                     \
      "a changed entry does not look at its wire: a level that turns edge is sent once more," \
      " an edge that turns level is seen when it moves")                                      \
    X(IOAPIC_PIN_0, "ioapic-pin-0", 0, 1,                                                     \
      "what drives pin 0 drives pin 2")                                                       \
    X(IOAPIC_EXTINT_MASKED, "ioapic-extint-masked", 0, 1,                                     \
      "a pin in ExtINT mode acknowledges at the 8259A also when it sends nothing")            \
    X(LAPIC_LOW_VECTORS, "lapic-low-vectors", 0, 1,                                           \
      "vectors below 16 are accepted")                                                        \
    X(LAPIC_OFF_ACCEPTS, "lapic-off-accepts", 0, 1,                                           \
      "messages are accepted while SVR has it turned off")                                    \
    X(LAPIC_RAW, "lapic-raw", 0, 1,                                                           \
      "registers keep reserved bits, and nothing masks the local table when it is off")       \
    X(LAPIC_REQUEST_LAGS, "lapic-request-lags", 0, 1,                                         \
      "of a probe: the CPU is told of a request when it does something the next time")

#define SIM_PLIC_POLICIES(X)                                                                  \
    X(PLIC_NO_GATEWAY, "plic-no-gateway", 0, 1,                                               \
      "each rise sets IP, also while the source is claimed, and the completion does not look" \
      " at the wire")                                                                         \
    X(PLIC_CLAIM_THRESHOLD, "plic-claim-threshold", 0, 1,                                     \
      "a claim takes only what is above the threshold")                                       \
    X(PLIC_COMPLETE_ANY, "plic-complete-any", 0, 1,                                           \
      "the completion of a source that is not enabled counts")                                \
    X(PLIC_ENABLE_LAGS, "plic-enable-lags", 0, 1,                                             \
      "the outputs notice a change of the enables when something else happens")               \
    X(PLIC_SOURCE_0, "plic-source-0", 0, 1,                                                   \
      "source 0, which is none, has a pending and an enable bit")                             \
    X(PLIC_PRIORITY_BEYOND, "plic-priority-beyond", 0, 1,                                     \
      "behind the priority of the last source there is one more")                             \
    X(PLIC_FORGETS_DISABLED, "plic-forgets-disabled", 0, 0,                                   \
      "what comes while its source is enabled nowhere is forgotten, as in Renode")

#define SIM_APLIC_POLICIES(X)                                                                 \
    X(APLIC_LEVEL_STICKS, "aplic-level-sticks", 0, 1,                                         \
      "direct delivery: a level stays pending when its input falls, until it is claimed")     \
    X(APLIC_IFORCE_STICKS, "aplic-iforce-sticks", 0, 1,                                       \
      "a claim that clears iforce leaves the output on until something else happens")         \
    X(APLIC_DETACHED_SEES, "aplic-detached-sees", 0, 1,                                       \
      "a detached source shows its wire as its input")                                        \
    X(APLIC_OWNER_SEES, "aplic-owner-sees", 0, 1,                                             \
      "only the domain that has a source learns that its wire moves")                         \
    X(APLIC_RAW, "aplic-raw", 0, 1,                                                           \
      "registers keep what they should not: modes 2 and 3, child indices, targets of inactive" \
      " sources, a source in a domain that nobody delegated it to")
/* clang-format on */

#define SIM_POLICY_ENUM(row, name, architecture, qemu, what) SIM_POLICY_##row,

enum sim_policy_row {
    SIM_DEVICE_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_DEVICE_ROWS,
    SIM_POLICY_BEFORE_GIC = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_GICV2_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_GICV2_END,
    SIM_POLICY_BEFORE_GICV3 = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_GICV3_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_GICV3_END,
    SIM_POLICY_BEFORE_NVIC = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_NVIC_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_NVIC_END,
    SIM_POLICY_BEFORE_PL190 = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_PL190_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_PL190_END,
    SIM_POLICY_BEFORE_I8259 = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_I8259_POLICIES(SIM_POLICY_ENUM) SIM_APIC_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_PC_END,
    SIM_POLICY_BEFORE_PLIC = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_PLIC_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_PLIC_END,
    SIM_POLICY_BEFORE_APLIC = SIM_POLICY_DEVICE_ROWS - 1,
    SIM_APLIC_POLICIES(SIM_POLICY_ENUM) SIM_POLICY_APLIC_END
};

#undef SIM_POLICY_ENUM

_Static_assert((int)SIM_POLICY_GICV2_END <= (int)SIM_POLICIES_MAX &&
                   (int)SIM_POLICY_PC_END <= (int)SIM_POLICIES_MAX &&
                   (int)SIM_POLICY_PLIC_END <= (int)SIM_POLICIES_MAX,
               "a row is a bit of the configuration");

static inline bool sim_policy(const struct sim *sim, enum sim_policy_row row)
{
    return (sim->policy >> row & 1) != 0;
}

/* The rows in force under @config: its side of the table, then what the scenario overrides. */
uint64_t sim_policy_mask(const struct sim_config *config);

#endif
