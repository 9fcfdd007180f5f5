/*
 * sim/regs/gicv2.h - GICv2 register contract: distributor (GICD) and CPU interface (GICC).
 * Source: Arm IHI 0048B.b, 4.3 (distributor) and 4.4 (CPU interface).  Reset values are those
 * of one CPU and no wired input; what a wired input adds is the model's.
 */
#ifndef SIM_REGS_GICV2_H
#define SIM_REGS_GICV2_H

#define GICD_CTLR       0x000 /* bit 0: group 0, bit 1: group 1 (4.3.1) */
#define GICD_TYPER      0x004 /* 4:0 lines / 32 - 1, 7:5 CPUs - 1 (4.3.2) */
#define GICD_IIDR       0x008 /* who made it (4.3.3) */
#define GICD_IGROUPR    0x080 /* 1 bit per input: 1 = group 1 (4.3.4) */
#define GICD_ISENABLER  0x100 /* write 1 enables (4.3.5) */
#define GICD_ICENABLER  0x180 /* write 1 disables (4.3.6) */
#define GICD_ISPENDR    0x200 /* write 1 makes pending (4.3.7) */
#define GICD_ICPENDR    0x280 /* write 1 clears the latch (4.3.8) */
#define GICD_ISACTIVER  0x300 /* write 1 makes active (4.3.9) */
#define GICD_ICACTIVER  0x380 /* write 1 deactivates (4.3.10) */
#define GICD_IPRIORITYR 0x400 /* a byte per input, lower is first (4.3.11) */
#define GICD_ITARGETSR  0x800 /* a byte per input: CPUs; RAZ/WI with one CPU (4.3.12) */
#define GICD_ICFGR      0xc00 /* 2 bits per input: upper one 1 = edge (4.3.13) */
#define GICD_SGIR       0xf00 /* software interrupts (4.3.15) */
#define GICD_CPENDSGIR  0xf10 /* a byte per software interrupt: 1 clears a sender (4.3.16) */
#define GICD_SPENDSGIR  0xf20 /* 1 adds a sender (4.3.17) */
#define GICD_ID         0xfd0 /* identification registers (4.3.18), one byte each */

#define GICC_CTLR   0x0000 /* (4.4.1) */
#define GICC_PMR    0x0004 /* only priorities below it are signalled (4.4.2) */
#define GICC_BPR    0x0008 /* where the priority splits into group and subpriority (4.4.3) */
#define GICC_IAR    0x000c /* read: acknowledge (4.4.4) */
#define GICC_EOIR   0x0010 /* write INTID: end of interrupt (4.4.5) */
#define GICC_RPR    0x0014 /* running priority (4.4.6) */
#define GICC_HPPIR  0x0018 /* what IAR would see (4.4.7) */
#define GICC_ABPR   0x001c /* BPR of group 1 (4.4.8) */
#define GICC_AIAR   0x0020 /* IAR of group 1 (4.4.9) */
#define GICC_AEOIR  0x0024 /* EOIR of group 1 (4.4.10) */
#define GICC_AHPPIR 0x0028 /* HPPIR of group 1 (4.4.11) */
#define GICC_APR    0x00d0 /* a bit per preemption level in service (4.4.12) */
#define GICC_NSAPR  0x00e0 /* the same of group 1 (4.4.13) */
#define GICC_IIDR   0x00fc /* (4.4.14) */
#define GICC_DIR    0x1000 /* write INTID: deactivate, with EOImode 1 (4.4.15) */

#define GICD_CTLR_GRP0    0x1
#define GICD_CTLR_GRP1    0x2
#define GICC_CTLR_GRP0    0x001
#define GICC_CTLR_GRP1    0x002
#define GICC_CTLR_ACKCTL  0x004 /* IAR may hand out group 1 */
#define GICC_CTLR_FIQEN   0x008 /* group 0 comes as FIQ */
#define GICC_CTLR_CBPR    0x010 /* BPR serves both groups */
#define GICC_CTLR_EOIMODE 0x200 /* EOIR only drops the priority, DIR deactivates */
#define GICC_CTLR_MASK    0x21f
#define GICC_CTLR_V1_MASK 0x001 /* a GICv1 without security extensions: one enable bit */

#define GIC_SPI_FIRST         32u /* INTID of shared input 0 */
#define GIC_SGIS              16u /* INTID 0-15: software interrupts, 16-31 private inputs */
#define GIC_INTID_MASK        0x3ff
#define GICC_IAR_SENDER_SHIFT 10   /* of a software interrupt: the CPU that asked */
#define GIC_SPURIOUS          1023 /* IAR: nothing to hand out */
#define GIC_OTHER_GROUP       1022 /* IAR: group 1 is pending and AckCtl is 0 */

#define GICD_IIDR_VALUE   0x0000043b /* Arm, as QEMU says it */
#define GICC_IIDR_VALUE   0x0000043b /* Arm; the architecture version stands above */
#define GICC_IIDR_VERSION 16         /* shift */

#define GICD_SGIR_FILTER_SHIFT 24 /* 0: the list, 1: all others, 2: the sender itself */
#define GICD_SGIR_LIST_SHIFT   16

/* clang-format off */
#define GICD_REGISTERS(X)                                   \
    X(GICD_CTLR,       RW,  0x00000003, 0x00000000, 1)      \
    X(GICD_TYPER,      FX,  0x00000000, 0x00000008, 1)      \
    X(GICD_IIDR,       FX,  0x00000000, 0x0000043b, 1)      \
    X(GICD_IGROUPR,    FX,  0x00000000, 0x00000000, 9)      \
    X(GICD_ISENABLER,  FX,  0x00000000, 0x0000ffff, 9)      \
    X(GICD_ICENABLER,  FX,  0x00000000, 0x0000ffff, 9)      \
    X(GICD_ISPENDR,    FX,  0x00000000, 0x00000000, 9)      \
    X(GICD_ICPENDR,    FX,  0x00000000, 0x00000000, 9)      \
    X(GICD_ISACTIVER,  FX,  0x00000000, 0x00000000, 9)      \
    X(GICD_ICACTIVER,  FX,  0x00000000, 0x00000000, 9)      \
    X(GICD_IPRIORITYR, FX,  0x00000000, 0x00000000, 72)     \
    X(GICD_ITARGETSR,  FX,  0x00000000, 0x00000000, 72)     \
    X(GICD_ICFGR,      FX,  0x00000000, 0xaaaaaaaa, 18)     \
    X(GICD_SGIR,       WO,  0x00000000, 0x00000000, 1)      \
    X(GICD_CPENDSGIR,  FX,  0x00000000, 0x00000000, 4)      \
    X(GICD_SPENDSGIR,  FX,  0x00000000, 0x00000000, 4)      \
    X(GICD_ID,         FX,  0x00000000, 0x00000004, 12)

#define GICC_REGISTERS(X)                                   \
    X(GICC_CTLR,       RW,  0x0000021f, 0x00000000, 1)      \
    X(GICC_PMR,        RW,  0x000000ff, 0x00000000, 1)      \
    X(GICC_BPR,        RW,  0x00000007, 0x00000000, 1)      \
    X(GICC_IAR,        RC,  0x00000000, 0x000003ff, 1)      \
    X(GICC_EOIR,       WO,  0x00000000, 0x00000000, 1)      \
    X(GICC_RPR,        RO,  0x00000000, 0x000000ff, 1)      \
    X(GICC_HPPIR,      RO,  0x00000000, 0x000003ff, 1)      \
    X(GICC_ABPR,       FX,  0x00000007, 0x00000001, 1)      \
    X(GICC_AIAR,       RC,  0x00000000, 0x000003ff, 1)      \
    X(GICC_AEOIR,      WO,  0x00000000, 0x00000000, 1)      \
    X(GICC_AHPPIR,     RO,  0x00000000, 0x000003ff, 1)      \
    X(GICC_APR,        RW,  0xffffffff, 0x00000000, 4)      \
    X(GICC_NSAPR,      RW,  0xffffffff, 0x00000000, 4)      \
    X(GICC_IIDR,       RO,  0x00000000, 0x0002043b, 1)      \
    X(GICC_DIR,        WO,  0x00000000, 0x00000000, 1)
/* clang-format on */

#endif
