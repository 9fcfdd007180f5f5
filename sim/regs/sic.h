/*
 * sim/regs/sic.h - register contract of the secondary interrupt controller of the Versatile/PB.
 * Source: Arm DUI 0225D, 4.11.2.
 */
#ifndef SIM_REGS_SIC_H
#define SIM_REGS_SIC_H

#define SIC_STATUS     0x00 /* asks and is enabled */
#define SIC_RAWSTAT    0x04
#define SIC_ENABLE     0x08 /* write 1 enables */
#define SIC_ENCLR      0x0c
#define SIC_SOFTINTSET 0x10 /* bit 0: raises input 0 by software */
#define SIC_SOFTINTCLR 0x14
#define SIC_PICENABLE                                                                          \
    0x20 /* write 1: the input also goes straight to the VIC's of its number */
#define SIC_PICENCLR 0x24

#define SIC_PIC_MASK  0x7fe00000 /* inputs 21 to 30 */
#define SIC_PIC_FIRST 21
#define SIC_PIC_END   31
#define SIC_VIC_INPUT 31 /* where its own output goes */

/* clang-format off */
#define SIC_REGISTERS(X)                                        \
    X(SIC_STATUS,     RO,  0x00000000, 0x00000000, 1)           \
    X(SIC_RAWSTAT,    RO,  0x00000000, 0x00000000, 1)           \
    X(SIC_ENABLE,     W1S, 0xffffffff, 0x00000000, 1)           \
    X(SIC_ENCLR,      WO,  0x00000000, 0x00000000, 1)           \
    X(SIC_SOFTINTSET, W1S, 0x00000001, 0x00000000, 1)           \
    X(SIC_SOFTINTCLR, WO,  0x00000000, 0x00000000, 1)           \
    X(SIC_PICENABLE,  W1S, 0x7fe00000, 0x00000000, 1)           \
    X(SIC_PICENCLR,   WO,  0x00000000, 0x00000000, 1)
/* clang-format on */

#endif
