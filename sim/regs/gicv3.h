/*
 * sim/regs/gicv3.h - Arm GIC, version 3: distributor, redistributors, CPU interface.
 * Source: Arm IHI 0069H, 12.9 (GICD_), 12.11 (GICR_), 12.2 (ICC_ system registers).
 */
#ifndef SIM_REGS_GICV3_H
#define SIM_REGS_GICV3_H

/* One security state (CTLR.DS is 1), affinity routing always on (CTLR.ARE is 1). */
#define GICD3_CTLR       0x0000 /* group enables */
#define GICD3_TYPER      0x0004
#define GICD3_IIDR       0x0008
#define GICD3_STATUSR    0x0010 /* not implemented: reads 0 */
#define GICD3_IGROUPR    0x0080 /* a bit per INTID from here on; those below 32 read 0 */
#define GICD3_ISENABLER  0x0100 /* write 1 sets; reads as ICENABLER */
#define GICD3_ICENABLER  0x0180 /* write 1 clears */
#define GICD3_ISPENDR    0x0200
#define GICD3_ICPENDR    0x0280 /* clears the latch; the wire of a level trigger stays */
#define GICD3_ISACTIVER  0x0300
#define GICD3_ICACTIVER  0x0380
#define GICD3_IPRIORITYR 0x0400 /* a byte per INTID, byte access allowed */
#define GICD3_ITARGETSR  0x0800 /* of affinity routing off: reads 0 */
#define GICD3_ICFGR      0x0c00 /* two bits per INTID, the upper one: edge */
#define GICD3_IGRPMODR   0x0d00 /* of two security states: reads 0 */
#define GICD3_NSACR      0x0e00 /* the same */
#define GICD3_SGIR       0x0f00 /* of affinity routing off */
#define GICD3_CPENDSGIR  0x0f10 /* the same */
#define GICD3_SPENDSGIR  0x0f20 /* the same */
#define GICD3_IROUTER    0x6000 /* two words per INTID: affinity levels 0 to 2, then 3 */
#define GICD3_IROUTERH   0x6004
#define GICD3_ID         0xffd0 /* identification, one byte each */

/* The first frame of a redistributor. */
#define GICR_CTLR      0x0000 /* LPIs on */
#define GICR_IIDR      0x0004
#define GICR_TYPER     0x0008 /* processor number, last one; then its affinity */
#define GICR_TYPERH    0x000c
#define GICR_STATUSR   0x0010 /* not implemented: reads 0 */
#define GICR_WAKER     0x0014 /* asleep: forwards nothing; bit 2 follows bit 1 */
#define GICR_PROPBASER 0x0070 /* where the configuration of LPIs lies, two words */
#define GICR_PENDBASER 0x0078 /* where their pending bits lie, two words */
#define GICR_ID        0xffd0

/* Its second frame: INTIDs 0 to 31 as in the distributor. */
#define SGI_IGROUPR0   0x0080
#define SGI_ISENABLER0 0x0100
#define SGI_ICENABLER0 0x0180
#define SGI_ISPENDR0   0x0200
#define SGI_ICPENDR0   0x0280
#define SGI_ISACTIVER0 0x0300
#define SGI_ICACTIVER0 0x0380
#define SGI_IPRIORITYR 0x0400
#define SGI_ICFGR0     0x0c00 /* software interrupts are edges */
#define SGI_ICFGR1     0x0c04
#define SGI_IGRPMODR0  0x0d00 /* of two security states: reads 0 */
#define SGI_NSACR      0x0e00 /* the same */

/*
 * The CPU interface is reached by system registers S3_0_Cn_Cm_op2; for those that are no
 * processor they lie in a page of their own, 4 bytes each.
 */
#define ICC_AT(n, m, op2) (((n) == 12 ? 0x200 : 0) | (m) << 5 | (op2) << 2)
#define ICC_PMR           ICC_AT(4, 6, 0)  /* priority mask, 5 bits */
#define ICC_IAR0          ICC_AT(12, 8, 0) /* read: acknowledges the best, if of group 0 */
#define ICC_EOIR0         ICC_AT(12, 8, 1)
#define ICC_HPPIR0        ICC_AT(12, 8, 2) /* the best pending of group 0 */
#define ICC_BPR0          ICC_AT(12, 8, 3) /* where priorities split, 2 or more */
#define ICC_AP0R0         ICC_AT(12, 8, 4) /* 32 preemption levels in service, group 0 */
#define ICC_AP1R0         ICC_AT(12, 9, 0)
#define ICC_DIR           ICC_AT(12, 11, 1) /* deactivates, with EOImode 1 */
#define ICC_RPR           ICC_AT(12, 11, 3) /* running priority */
#define ICC_SGI1R         ICC_AT(12, 11, 5) /* sends a software interrupt of group 1 */
#define ICC_ASGI1R        ICC_AT(12, 11, 6) /* of the other security state: of group 0 */
#define ICC_SGI0R         ICC_AT(12, 11, 7) /* of group 0 */
#define ICC_IAR1          ICC_AT(12, 12, 0)
#define ICC_EOIR1         ICC_AT(12, 12, 1)
#define ICC_HPPIR1        ICC_AT(12, 12, 2)
#define ICC_BPR1          ICC_AT(12, 12, 3) /* 3 or more; with CBPR it reads BPR0 + 1 */
#define ICC_CTLR          ICC_AT(12, 12, 4)
#define ICC_SRE           ICC_AT(12, 12, 5) /* system registers are all there is */
#define ICC_IGRPEN0       ICC_AT(12, 12, 6)
#define ICC_IGRPEN1       ICC_AT(12, 12, 7)

#define GICD3_CTLR_GRP0   0x01
#define GICD3_CTLR_GRP1   0x02
#define GICD3_CTLR_FIXED  0x50 /* DS, ARE */
#define GICD3_TYPER_VALUE 0x037a0007
#define GICD3_IIDR_VALUE  0x0000043b
#define GICR_CTLR_FIXED   0x00000002 /* they can be turned off again */
#define GICR_CTLR_LPIS    0x00000001
#define GICR_TYPER_VALUE  0x01000001 /* LPIs, shared by affinity level 3 */
#define GICR_TYPER_NUMBER 8          /* shift */
#define GICR_TYPER_LAST   0x10
#define GICR_WAKER_SLEEP  0x2
#define GICR_WAKER_ASLEEP 0x6
#define ICC_PMR_MASK      0xf8u
#define ICC_PMR_UNUSED    0x07u
#define ICC_BPR_MASK      0x7u
#define ICC_CTLR_CBPR     0x1
#define ICC_CTLR_EOIMODE  0x2
#define ICC_CTLR_FIXED    0x8c00 /* affinity level 3, 24 bits of INTID, 5 of priority */
#define ICC_SRE_VALUE     0x7
#define ICC_INTID_MASK    0xffffff
#define ICC_SPURIOUS      1023u
#define ICC_SGI_AFF1      16 /* shift */
#define ICC_SGI_INTID     24 /* shift */
#define ICC_BPR0_MIN      2
#define ICC_BPR1_MIN      3

#define GICV3_SGIS        16u
#define GICV3_SPI_FIRST   32u
#define GICV3_LPI_FIRST   8192u
#define GICV3_INTERRUPTS  288u
#define GICV3_REDIST_STEP 0x20000 /* two frames of 64 KiB per processor */
#define GICV3_CPU_BASE    0x7d010000

/* clang-format off */
#define GICD3_REGISTERS(X)                                   \
    X(GICD3_CTLR,       FX,  0x00000003, 0x00000050, 1)      \
    X(GICD3_TYPER,      RO,  0x00000000, 0x037a0007, 1)      \
    X(GICD3_IIDR,       RO,  0x00000000, 0x0000043b, 1)      \
    X(GICD3_STATUSR,    FX,  0x00000000, 0x00000000, 1)      \
    X(GICD3_IGROUPR,    FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_ISENABLER,  FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_ICENABLER,  FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_ISPENDR,    FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_ICPENDR,    FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_ISACTIVER,  FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_ICACTIVER,  FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_IPRIORITYR, FX,  0x00000000, 0x00000000, 72)     \
    X(GICD3_ITARGETSR,  FX,  0x00000000, 0x00000000, 72)     \
    X(GICD3_ICFGR,      FX,  0x00000000, 0x00000000, 18)     \
    X(GICD3_IGRPMODR,   FX,  0x00000000, 0x00000000, 9)      \
    X(GICD3_NSACR,      FX,  0x00000000, 0x00000000, 18)     \
    X(GICD3_SGIR,       WO,  0x00000000, 0x00000000, 1)      \
    X(GICD3_CPENDSGIR,  FX,  0x00000000, 0x00000000, 4)      \
    X(GICD3_SPENDSGIR,  FX,  0x00000000, 0x00000000, 4)      \
    X(GICD3_ID,         FX,  0x00000000, 0x00000044, 12)

/* The words of a pair, 8 bytes from one INTID to the next. */
#define GICD3_ROUTERS(X)                                     \
    X(GICD3_IROUTER,    FX,  0x00000000, 0x00000000, 288)    \
    X(GICD3_IROUTERH,   FX,  0x00000000, 0x00000000, 288)

#define GICR_REGISTERS(X)                                    \
    X(GICR_CTLR,        FX,  0x00000001, 0x00000002, 1)      \
    X(GICR_IIDR,        RO,  0x00000000, 0x0000043b, 1)      \
    X(GICR_TYPER,       FX,  0x00000000, 0x01000011, 1)      \
    X(GICR_TYPERH,      FX,  0x00000000, 0x00000000, 1)      \
    X(GICR_STATUSR,     FX,  0x00000000, 0x00000000, 1)      \
    X(GICR_WAKER,       FX,  0x00000002, 0x00000006, 1)      \
    X(GICR_PROPBASER,   RW,  0xffffffff, 0x00000000, 2)      \
    X(GICR_PENDBASER,   RW,  0xffffffff, 0x00000000, 2)      \
    X(GICR_ID,          FX,  0x00000000, 0x00000044, 12)

#define SGI_REGISTERS(X)                                     \
    X(SGI_IGROUPR0,     RW,  0xffffffff, 0x00000000, 1)      \
    X(SGI_ISENABLER0,   W1S, 0xffffffff, 0x00000000, 1)      \
    X(SGI_ICENABLER0,   FX,  0xffffffff, 0x00000000, 1)      \
    X(SGI_ISPENDR0,     W1S, 0xffffffff, 0x00000000, 1)      \
    X(SGI_ICPENDR0,     FX,  0xffffffff, 0x00000000, 1)      \
    X(SGI_ISACTIVER0,   W1S, 0xffffffff, 0x00000000, 1)      \
    X(SGI_ICACTIVER0,   FX,  0xffffffff, 0x00000000, 1)      \
    X(SGI_IPRIORITYR,   RW,  0xffffffff, 0x00000000, 8)      \
    X(SGI_ICFGR0,       RO,  0x00000000, 0xaaaaaaaa, 1)      \
    X(SGI_ICFGR1,       RW,  0xaaaaaaaa, 0x00000000, 1)      \
    X(SGI_IGRPMODR0,    FX,  0x00000000, 0x00000000, 1)      \
    X(SGI_NSACR,        FX,  0x00000000, 0x00000000, 1)

#define ICC_REGISTERS(X)                                     \
    X(ICC_PMR,          RW,  0x000000f8, 0x00000000, 1)      \
    X(ICC_IAR0,         RC,  0x00000000, 0x000003ff, 1)      \
    X(ICC_EOIR0,        WO,  0x00000000, 0x00000000, 1)      \
    X(ICC_HPPIR0,       RO,  0x00000000, 0x000003ff, 1)      \
    X(ICC_BPR0,         FX,  0x00000007, 0x00000002, 1)      \
    X(ICC_AP0R0,        RW,  0xffffffff, 0x00000000, 1)      \
    X(ICC_AP1R0,        RW,  0xffffffff, 0x00000000, 1)      \
    X(ICC_DIR,          WO,  0x00000000, 0x00000000, 1)      \
    X(ICC_RPR,          RO,  0x00000000, 0x000000ff, 1)      \
    X(ICC_SGI1R,        WO,  0x00000000, 0x00000000, 1)      \
    X(ICC_ASGI1R,       WO,  0x00000000, 0x00000000, 1)      \
    X(ICC_SGI0R,        WO,  0x00000000, 0x00000000, 1)      \
    X(ICC_IAR1,         RC,  0x00000000, 0x000003ff, 1)      \
    X(ICC_EOIR1,        WO,  0x00000000, 0x00000000, 1)      \
    X(ICC_HPPIR1,       RO,  0x00000000, 0x000003ff, 1)      \
    X(ICC_BPR1,         FX,  0x00000007, 0x00000003, 1)      \
    X(ICC_CTLR,         FX,  0x00000003, 0x00008c00, 1)      \
    X(ICC_SRE,          RO,  0x00000000, 0x00000007, 1)      \
    X(ICC_IGRPEN0,      RW,  0x00000001, 0x00000000, 1)      \
    X(ICC_IGRPEN1,      RW,  0x00000001, 0x00000000, 1)
/* clang-format on */

#endif
