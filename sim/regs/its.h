/*
 * sim/regs/its.h - Arm GIC interrupt translation service: the two frames, its commands, and the
 * tables in memory.
 *
 * Source: Arm IHI 0069H, 5.2 and 5.3 (tables and commands), 12.19 (registers).  The layout of
 * the device, collection and translation tables is IMPLEMENTATION DEFINED; this one is that of
 * QEMU 7.2.
 */
#ifndef SIM_REGS_ITS_H
#define SIM_REGS_ITS_H

#define GITS_CTLR  0x0000 /* bit 0: on; bit 31: quiescent */
#define GITS_IIDR  0x0004
#define GITS_TYPER 0x0008 /* two words */
#define GITS_CBASER                                                                            \
    0x0080                  /* where the command queue lies; a write clears CREADR; two words  \
                             */
#define GITS_CWRITER 0x0088 /* where software writes next; two words */
#define GITS_CREADR  0x0090 /* where it reads next, bit 0: stalled; two words */
#define GITS_BASER   0x0100 /* where table n lies, two words each; only while it is off */
#define GITS_ID      0xffd0 /* identification, one byte each */

#define GITS_TRANSLATER 0x10040 /* the doorbell: an event ID, by a device */

#define GITS_FRAMES       0x20000
#define GITS_CTLR_ON      0x00000001u
#define GITS_CTLR_FIXED   0x80000000u /* nothing is ever under way */
#define GITS_TYPER_VALUE  0x0001efb1u /* 16 bits of event and device ID, entries of 12 bytes */
#define GITS_TYPERH_VALUE 0x0000001fu /* 16 bits of collection ID */
#define GITS_BASER0_FIXED 0x01070000u /* upper word: devices, 8 bytes an entry */
#define GITS_BASER1_FIXED 0x04070000u /* collections, 8 bytes an entry */
#define GITS_BASER_RO     0x071f0000u /* upper word: what a table is for, and its entry size */
#define GITS_BASER_64K    0x00000200u /* lower word: pages of 64 KiB */
#define GITS_VALID        0x80000000u /* upper word of CBASER, BASERn, and of commands */
#define GITS_INDIRECT     0x40000000u /* upper word of BASERn: two levels */
#define GITS_SIZE_MASK    0xffu       /* lower word: pages - 1 */
#define GITS_PAGE_SHIFT   8           /* lower word of BASERn: 4, 16, 64, 64 KiB */
#define GITS_BASERS       8
#define GITS_TABLES       2 /* so many BASERn are there */
#define GITS_ID_BITS      16
#define GITS_QUEUE_PAGE   0x1000u
#define GITS_OFFSET_MASK  0xfffe0u /* of CWRITER and CREADR */
#define GITS_STALLED      0x1u
#define GITS_RETRY        0x1u

/* A command is four double words, low half first; its number is the lowest byte. */
#define ITS_COMMAND_BYTES 32
#define ITS_MOVI          0x01 /* another collection for an event */
#define ITS_INT           0x03 /* an event, as if the device had written it */
#define ITS_CLEAR         0x04 /* its pending bit is cleared */
#define ITS_SYNC          0x05
#define ITS_MAPD          0x08 /* where a device's translation table lies */
#define ITS_MAPC          0x09 /* which redistributor a collection is */
#define ITS_MAPTI         0x0a /* interrupt and collection of an event */
#define ITS_MAPI          0x0b /* the same: the interrupt has the event's number */
#define ITS_INV           0x0c /* the configuration of an event was changed in memory */
#define ITS_INVALL        0x0d
#define ITS_MOVALL        0x0e /* what is pending at one redistributor goes to another */
#define ITS_DISCARD       0x0f /* clears and unmaps an event */

/* Entries of tables. */
#define ITS_ENTRY_VALID   0x1u
#define ITS_DTE_BYTES     8
#define ITS_DTE_SIZE      1 /* shift: 5 bits, bits of event ID - 1 */
#define ITS_DTE_ADDRESS   6 /* shift: 44 bits, bits 51:8 of where the translation table lies */
#define ITS_CTE_BYTES     8
#define ITS_CTE_RDBASE    1 /* shift: 16 bits, the processor's number */
#define ITS_ITE_BYTES     12
#define ITS_ITE_PHYSICAL  0x2u
#define ITS_ITE_INTID     2  /* shift: 24 bits */
#define ITS_ITE_ICID      32 /* shift: 16 bits; the third word is the doorbell */
#define ITS_NO_DOORBELL   1023u
#define ITS_LEVEL1_BYTES  8
#define ITS_TABLE_ADDRESS 0x0007ffffffffffffu /* of a first-level entry, bit 63: valid */

/* What the redistributors read of LPIs. */
#define LPI_CONFIG_ENABLED  0x01u /* one byte each, from LPI 8192 on; */
#define LPI_CONFIG_PRIORITY 0xfcu
#define LPI_ID_BITS_MASK    0x1fu               /* of PROPBASER: bits of interrupt ID - 1 */
#define LPI_ID_BITS         16                  /* the most */
#define LPI_CONFIG_ADDRESS  0x000ffffffffff000u /* of PROPBASER */
#define LPI_PENDING_ADDRESS                                                                    \
    0x000fffffffff0000u /* of PENDBASER; a bit for each interrupt ID                           \
                         */

/* clang-format off */
#define GITS_REGISTERS(X)                                    \
    X(GITS_CTLR,        FX,  0x00000001, 0x80000000, 1)      \
    X(GITS_IIDR,        RO,  0x00000000, 0x0000043b, 1)      \
    X(GITS_TYPER,       FX,  0x00000000, 0x0001efb1, 2)      \
    X(GITS_CBASER,      RW,  0xffffffff, 0x00000000, 2)      \
    X(GITS_CWRITER,     FX,  0xfffffffe, 0x00000000, 2)      \
    X(GITS_CREADR,      FX,  0xfffffffe, 0x00000000, 2)      \
    X(GITS_BASER,       FX,  0xf8e0ffff, 0x00000200, 16)     \
    X(GITS_ID,          FX,  0x00000000, 0x00000044, 12)     \
    X(GITS_TRANSLATER,  WO,  0x00000000, 0x00000000, 1)
/* clang-format on */

#endif
