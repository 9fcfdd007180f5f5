/*
 * lab/core/names_regs.c - registers and bits of devices and controller chips, by name.
 *
 * Sources: Arm DDI 0183G (PL011), DDI 0224 (PL031), DDI 0190 (PL061), DDI 0271 (SP804),
 * DDI 0479 (CMSDK), PC16550D, 82C54, virtio 1.2 section 4.2; Arm IHI 0048B (GICv2), IHI 0069
 * (GICv3), DDI 0403 (Armv7-M), DDI 0181 (PL190), 8259A, 82093AA, Intel SDM 3A (local APIC),
 * RISC-V PLIC 1.0.0 and AIA 1.0.
 *
 * Not modelled: identification registers of the controllers.
 */
#include "lab/core/names.h"
#include "lab/core/text.h"

enum { RO = LAB_READ, WO = LAB_WRITE, RW = LAB_READ | LAB_WRITE };

#define END                                                                                    \
    {                                                                                          \
        NULL, 0                                                                                \
    }
#define BIT(n) (1u << (n))

/* clang-format off */
static const struct lab_register source_regs[] = {
    {"STATUS", 0x00, 1, 4, 4, RO, NULL}, {"COUNT", 0x04, 1, 4, 4, RO, NULL},
    {"DATA",   0x08, 1, 4, 4, RO, NULL}, {"ACK",   0x0c, 1, 4, 4, WO, NULL},
    {"ENABLE", 0x10, 1, 4, 4, RW, NULL},
};

static const struct lab_bit pl011_dr[] = {
    {"FE", BIT(8)}, {"PE", BIT(9)}, {"BE", BIT(10)}, {"OE", BIT(11)}, END};
static const struct lab_bit pl011_rsr[] = {
    {"FE", BIT(0)}, {"PE", BIT(1)}, {"BE", BIT(2)}, {"OE", BIT(3)}, END};
static const struct lab_bit pl011_fr[] = {
    {"CTS", BIT(0)}, {"DSR", BIT(1)}, {"DCD", BIT(2)}, {"BUSY", BIT(3)}, {"RXFE", BIT(4)},
    {"TXFF", BIT(5)}, {"RXFF", BIT(6)}, {"TXFE", BIT(7)}, {"RI", BIT(8)}, END};
static const struct lab_bit pl011_lcr[] = {
    {"BRK", BIT(0)}, {"PEN", BIT(1)}, {"EPS", BIT(2)}, {"STP2", BIT(3)}, {"FEN", BIT(4)},
    {"WLEN", 3u << 5}, {"SPS", BIT(7)}, END};
static const struct lab_bit pl011_cr[] = {
    {"UARTEN", BIT(0)}, {"SIREN", BIT(1)}, {"SIRLP", BIT(2)}, {"LBE", BIT(7)}, {"TXE", BIT(8)},
    {"RXE", BIT(9)}, {"DTR", BIT(10)}, {"RTS", BIT(11)}, {"OUT1", BIT(12)}, {"OUT2", BIT(13)},
    {"RTSEN", BIT(14)}, {"CTSEN", BIT(15)}, END};
static const struct lab_bit pl011_ifls[] = {{"TXIFLSEL", 7u}, {"RXIFLSEL", 7u << 3}, END};
#define PL011_INTERRUPTS(suffix)                                                      \
    {"RIM" suffix, BIT(0)}, {"CTSM" suffix, BIT(1)}, {"DCDM" suffix, BIT(2)},         \
    {"DSRM" suffix, BIT(3)}, {"RX" suffix, BIT(4)}, {"TX" suffix, BIT(5)},            \
    {"RT" suffix, BIT(6)}, {"FE" suffix, BIT(7)}, {"PE" suffix, BIT(8)},              \
    {"BE" suffix, BIT(9)}, {"OE" suffix, BIT(10)}, END
static const struct lab_bit pl011_imsc[] = {PL011_INTERRUPTS("IM")};
static const struct lab_bit pl011_ris[] = {PL011_INTERRUPTS("RIS")};
static const struct lab_bit pl011_mis[] = {PL011_INTERRUPTS("MIS")};
static const struct lab_bit pl011_icr[] = {PL011_INTERRUPTS("IC")};
static const struct lab_bit pl011_dmacr[] = {
    {"RXDMAE", BIT(0)}, {"TXDMAE", BIT(1)}, {"DMAONERR", BIT(2)}, END};
static const struct lab_register pl011_regs[] = {
    {"DR",     0x000, 1, 4, 4, RW, pl011_dr},   {"RSR",   0x004, 1, 4, 4, RO, pl011_rsr},
    {"ECR",    0x004, 1, 4, 4, WO, NULL},       {"FR",    0x018, 1, 4, 4, RO, pl011_fr},
    {"ILPR",   0x020, 1, 4, 4, RW, NULL},       {"IBRD",  0x024, 1, 4, 4, RW, NULL},
    {"FBRD",   0x028, 1, 4, 4, RW, NULL},       {"LCR_H", 0x02c, 1, 4, 4, RW, pl011_lcr},
    {"CR",     0x030, 1, 4, 4, RW, pl011_cr},   {"IFLS",  0x034, 1, 4, 4, RW, pl011_ifls},
    {"IMSC",   0x038, 1, 4, 4, RW, pl011_imsc}, {"RIS",   0x03c, 1, 4, 4, RO, pl011_ris},
    {"MIS",    0x040, 1, 4, 4, RO, pl011_mis},  {"ICR",   0x044, 1, 4, 4, WO, pl011_icr},
    {"DMACR",  0x048, 1, 4, 4, RW, pl011_dmacr},
    {"PeriphID", 0xfe0, 4, 4, 4, RO, NULL},     {"PCellID", 0xff0, 4, 4, 4, RO, NULL},
};

static const struct lab_register pl031_regs[] = {
    {"DR",  0x00, 1, 4, 4, RO, NULL}, {"MR",   0x04, 1, 4, 4, RW, NULL},
    {"LR",  0x08, 1, 4, 4, RW, NULL}, {"CR",   0x0c, 1, 4, 4, RW, NULL},
    {"IMSC", 0x10, 1, 4, 4, RW, NULL}, {"RIS", 0x14, 1, 4, 4, RO, NULL},
    {"MIS", 0x18, 1, 4, 4, RO, NULL}, {"ICR",  0x1c, 1, 4, 4, WO, NULL},
};

static const struct lab_register pl061_regs[] = {
    {"DATA", 0x000, 256, 4, 4, RW, NULL}, {"DIR", 0x400, 1, 4, 4, RW, NULL},
    {"IS",   0x404, 1, 4, 4, RW, NULL},   {"IBE", 0x408, 1, 4, 4, RW, NULL},
    {"IEV",  0x40c, 1, 4, 4, RW, NULL},   {"IE",  0x410, 1, 4, 4, RW, NULL},
    {"RIS",  0x414, 1, 4, 4, RO, NULL},   {"MIS", 0x418, 1, 4, 4, RO, NULL},
    {"IC",   0x41c, 1, 4, 4, WO, NULL},   {"AFSEL", 0x420, 1, 4, 4, RW, NULL},
};

static const struct lab_bit sp804_ctrl[] = {
    {"ONESHOT", BIT(0)}, {"SIZE", BIT(1)}, {"PRE", 3u << 2}, {"IE", BIT(5)},
    {"PERIODIC", BIT(6)}, {"EN", BIT(7)}, END};
static const struct lab_register sp804_regs[] = {
    {"LOAD", 0x00, 2, 32, 4, RW, NULL},       {"VALUE",  0x04, 2, 32, 4, RO, NULL},
    {"CTRL", 0x08, 2, 32, 4, RW, sp804_ctrl}, {"INTCLR", 0x0c, 2, 32, 4, WO, NULL},
    {"RIS",  0x10, 2, 32, 4, RO, NULL},       {"MIS",    0x14, 2, 32, 4, RO, NULL},
    {"BGLOAD", 0x18, 2, 32, 4, RW, NULL},
};

static const struct lab_bit cmsdk_uart_state[] = {
    {"TXFULL", BIT(0)}, {"RXFULL", BIT(1)}, {"TXOVR", BIT(2)}, {"RXOVR", BIT(3)}, END};
static const struct lab_bit cmsdk_uart_ctrl[] = {
    {"TXEN", BIT(0)}, {"RXEN", BIT(1)}, {"TXINTEN", BIT(2)}, {"RXINTEN", BIT(3)},
    {"TXOVRINTEN", BIT(4)}, {"RXOVRINTEN", BIT(5)}, {"HSTM", BIT(6)}, END};
static const struct lab_bit cmsdk_uart_int[] = {
    {"TXINT", BIT(0)}, {"RXINT", BIT(1)}, {"TXOVRINT", BIT(2)}, {"RXOVRINT", BIT(3)}, END};
static const struct lab_register cmsdk_uart_regs[] = {
    {"DATA",      0x00, 1, 4, 4, RW, NULL},
    {"STATE",     0x04, 1, 4, 4, RW, cmsdk_uart_state},
    {"CTRL",      0x08, 1, 4, 4, RW, cmsdk_uart_ctrl},
    {"INTSTATUS", 0x0c, 1, 4, 4, RO, cmsdk_uart_int},
    {"INTCLEAR",  0x0c, 1, 4, 4, WO, cmsdk_uart_int},
    {"BAUDDIV",   0x10, 1, 4, 4, RW, NULL},
};

static const struct lab_bit cmsdk_timer_ctrl[] = {
    {"EN", BIT(0)}, {"EXTIN", BIT(1)}, {"EXTCLK", BIT(2)}, {"IE", BIT(3)}, END};
static const struct lab_register cmsdk_timer_regs[] = {
    {"CTRL",      0x00, 1, 4, 4, RW, cmsdk_timer_ctrl}, {"VALUE", 0x04, 1, 4, 4, RW, NULL},
    {"RELOAD",    0x08, 1, 4, 4, RW, NULL}, {"INTSTATUS", 0x0c, 1, 4, 4, RO, NULL},
    {"INTCLEAR",  0x0c, 1, 4, 4, WO, NULL},
};

static const struct lab_bit ns16550_ier[] = {
    {"ERBFI", BIT(0)}, {"ETBEI", BIT(1)}, {"ELSI", BIT(2)}, {"EDSSI", BIT(3)}, END};
static const struct lab_bit ns16550_iir[] = {{"IPEND", BIT(0)}, {"IID", 7u << 1}, END};
static const struct lab_bit ns16550_fcr[] = {
    {"FIFOE", BIT(0)}, {"RFRES", BIT(1)}, {"XFRES", BIT(2)}, {"DMAMODE", BIT(3)},
    {"RTRIG", 3u << 6}, END};
static const struct lab_bit ns16550_lcr[] = {
    {"WLS", 3u}, {"STB", BIT(2)}, {"PEN", BIT(3)}, {"EPS", BIT(4)}, {"DLAB", BIT(7)}, END};
static const struct lab_bit ns16550_mcr[] = {
    {"DTR", BIT(0)}, {"RTS", BIT(1)}, {"OUT1", BIT(2)}, {"OUT2", BIT(3)}, {"LOOP", BIT(4)},
    END};
static const struct lab_bit ns16550_lsr[] = {
    {"DR", BIT(0)}, {"OE", BIT(1)}, {"PE", BIT(2)}, {"FE", BIT(3)}, {"BI", BIT(4)},
    {"THRE", BIT(5)}, {"TEMT", BIT(6)}, END};
static const struct lab_bit ns16550_msr[] = {
    {"DCTS", BIT(0)}, {"DDSR", BIT(1)}, {"TERI", BIT(2)}, {"DDCD", BIT(3)}, {"CTS", BIT(4)},
    {"DSR", BIT(5)}, {"RI", BIT(6)}, {"DCD", BIT(7)}, END};
static const struct lab_register ns16550_regs[] = {
    {"RBR", 0, 1, 1, 1, RO, NULL},        {"THR", 0, 1, 1, 1, WO, NULL},
    {"IER", 1, 1, 1, 1, RW, ns16550_ier}, {"IIR", 2, 1, 1, 1, RO, ns16550_iir},
    {"FCR", 2, 1, 1, 1, WO, ns16550_fcr}, {"LCR", 3, 1, 1, 1, RW, ns16550_lcr},
    {"MCR", 4, 1, 1, 1, RW, ns16550_mcr}, {"LSR", 5, 1, 1, 1, RO, ns16550_lsr},
    {"MSR", 6, 1, 1, 1, RO, ns16550_msr}, {"SCR", 7, 1, 1, 1, RW, NULL},
    {"DLL", 0, 1, 1, 1, RW, NULL},        {"DLM", 1, 1, 1, 1, RW, NULL},
};

static const struct lab_register i8254_regs[] = {
    {"COUNTER", 0, 3, 1, 1, RW, NULL}, {"CONTROL", 3, 1, 1, 1, WO, NULL},
};

static const struct lab_register virtio_regs[] = {
    {"MagicValue",      0x000, 1, 4, 4, RO, NULL}, {"Version",     0x004, 1, 4, 4, RO, NULL},
    {"DeviceID",        0x008, 1, 4, 4, RO, NULL}, {"VendorID",    0x00c, 1, 4, 4, RO, NULL},
    {"DeviceFeatures",  0x010, 1, 4, 4, RO, NULL},
    {"DeviceFeaturesSel", 0x014, 1, 4, 4, WO, NULL},
    {"DriverFeatures",  0x020, 1, 4, 4, WO, NULL},
    {"DriverFeaturesSel", 0x024, 1, 4, 4, WO, NULL},
    {"GuestPageSize",   0x028, 1, 4, 4, WO, NULL}, {"QueueSel",    0x030, 1, 4, 4, WO, NULL},
    {"QueueNumMax",     0x034, 1, 4, 4, RO, NULL}, {"QueueNum",    0x038, 1, 4, 4, WO, NULL},
    {"QueueAlign",      0x03c, 1, 4, 4, WO, NULL}, {"QueuePFN",    0x040, 1, 4, 4, RW, NULL},
    {"QueueReady",      0x044, 1, 4, 4, RW, NULL}, {"QueueNotify", 0x050, 1, 4, 4, WO, NULL},
    {"InterruptStatus", 0x060, 1, 4, 4, RO, NULL}, {"InterruptACK", 0x064, 1, 4, 4, WO, NULL},
    {"Status",          0x070, 1, 4, 4, RW, NULL}, {"QueueDescLow", 0x080, 1, 4, 4, WO, NULL},
    {"QueueDescHigh",   0x084, 1, 4, 4, WO, NULL}, {"QueueDriverLow", 0x090, 1, 4, 4, WO, NULL},
    {"QueueDriverHigh", 0x094, 1, 4, 4, WO, NULL}, {"QueueDeviceLow", 0x0a0, 1, 4, 4, WO, NULL},
    {"QueueDeviceHigh", 0x0a4, 1, 4, 4, WO, NULL},
    {"ConfigGeneration", 0x0fc, 1, 4, 4, RO, NULL},
    {"Config",          0x100, 64, 4, 4, RW, NULL},
};

static const struct lab_bit gicd_ctlr[] = {
    {"EnableGrp0", BIT(0)}, {"EnableGrp1", BIT(1)}, {"EnableGrp1S", BIT(2)}, {"ARE", BIT(4)},
    {"DS", BIT(6)}, {"RWP", BIT(31)}, END};
static const struct lab_register gicd_regs[] = {
    {"CTLR",       0x000, 1, 4, 4, RW, gicd_ctlr}, {"TYPER",      0x004, 1, 4, 4, RO, NULL},
    {"IIDR",       0x008, 1, 4, 4, RO, NULL},      {"SETSPI_NSR", 0x040, 1, 4, 4, WO, NULL},
    {"CLRSPI_NSR", 0x048, 1, 4, 4, WO, NULL},      {"IGROUPR",    0x080, 32, 4, 4, RW, NULL},
    {"ISENABLER",  0x100, 32, 4, 4, RW, NULL},     {"ICENABLER",  0x180, 32, 4, 4, RW, NULL},
    {"ISPENDR",    0x200, 32, 4, 4, RW, NULL},     {"ICPENDR",    0x280, 32, 4, 4, RW, NULL},
    {"ISACTIVER",  0x300, 32, 4, 4, RW, NULL},     {"ICACTIVER",  0x380, 32, 4, 4, RW, NULL},
    {"IPRIORITYR", 0x400, 1020, 1, 1, RW, NULL},   {"ITARGETSR",  0x800, 1020, 1, 1, RW, NULL},
    {"ICFGR",      0xc00, 64, 4, 4, RW, NULL},     {"SGIR",       0xf00, 1, 4, 4, WO, NULL},
    {"CPENDSGIR",  0xf10, 16, 1, 1, RW, NULL},     {"SPENDSGIR",  0xf20, 16, 1, 1, RW, NULL},
    {"IROUTER",    0x6000, 1020, 8, 8, RW, NULL},
};

static const struct lab_bit gicc_ctlr[] = {
    {"EnableGrp0", BIT(0)}, {"EnableGrp1", BIT(1)}, {"AckCtl", BIT(2)}, {"FIQEn", BIT(3)},
    {"CBPR", BIT(4)}, {"EOImode", BIT(9)}, {"EOImodeNS", BIT(10)}, END};
static const struct lab_register gicc_regs[] = {
    {"CTLR",   0x00, 1, 4, 4, RW, gicc_ctlr}, {"PMR",    0x04, 1, 4, 4, RW, NULL},
    {"BPR",    0x08, 1, 4, 4, RW, NULL},      {"IAR",    0x0c, 1, 4, 4, RO, NULL},
    {"EOIR",   0x10, 1, 4, 4, WO, NULL},      {"RPR",    0x14, 1, 4, 4, RO, NULL},
    {"HPPIR",  0x18, 1, 4, 4, RO, NULL},      {"ABPR",   0x1c, 1, 4, 4, RW, NULL},
    {"AIAR",   0x20, 1, 4, 4, RO, NULL},      {"AEOIR",  0x24, 1, 4, 4, WO, NULL},
    {"AHPPIR", 0x28, 1, 4, 4, RO, NULL},      {"APR",    0xd0, 4, 4, 4, RW, NULL},
    {"NSAPR",  0xe0, 4, 4, 4, RW, NULL},      {"IIDR",   0xfc, 1, 4, 4, RO, NULL},
    {"DIR",    0x1000, 1, 4, 4, WO, NULL},
};

static const struct lab_register v2m_regs[] = {
    {"MSI_TYPER", 0x008, 1, 4, 4, RO, NULL}, {"MSI_SETSPI_NS", 0x040, 1, 4, 4, WO, NULL},
    {"MSI_IIDR",  0xfcc, 1, 4, 4, RO, NULL},
};

static const struct lab_bit gicr_ctlr[] = {{"EnableLPIs", BIT(0)}, {"RWP", BIT(3)}, END};
static const struct lab_bit gicr_waker[] = {
    {"ProcessorSleep", BIT(1)}, {"ChildrenAsleep", BIT(2)}, END};
static const struct lab_register gicr_regs[] = {
    {"CTLR",     0x00, 1, 4, 4, RW, gicr_ctlr},  {"IIDR",     0x04, 1, 4, 4, RO, NULL},
    {"TYPER",    0x08, 1, 8, 8, RO, NULL},       {"WAKER",    0x14, 1, 4, 4, RW, gicr_waker},
    {"SETLPIR",  0x40, 1, 8, 8, WO, NULL},       {"CLRLPIR",  0x48, 1, 8, 8, WO, NULL},
    {"PROPBASER", 0x70, 1, 8, 8, RW, NULL},      {"PENDBASER", 0x78, 1, 8, 8, RW, NULL},
};

static const struct lab_register sgi_regs[] = {
    {"IGROUPR",   0x080, 1, 4, 4, RW, NULL}, {"ISENABLER",  0x100, 1, 4, 4, RW, NULL},
    {"ICENABLER", 0x180, 1, 4, 4, RW, NULL}, {"ISPENDR",    0x200, 1, 4, 4, RW, NULL},
    {"ICPENDR",   0x280, 1, 4, 4, RW, NULL}, {"ISACTIVER",  0x300, 1, 4, 4, RW, NULL},
    {"ICACTIVER", 0x380, 1, 4, 4, RW, NULL}, {"IPRIORITYR", 0x400, 32, 1, 1, RW, NULL},
    {"ICFGR",     0xc00, 2, 4, 4, RW, NULL}, {"IGRPMODR",   0xd00, 1, 4, 4, RW, NULL},
};

static const struct lab_register its_regs[] = {
    {"CTLR",   0x00000, 1, 4, 4, RW, NULL}, {"IIDR",    0x00004, 1, 4, 4, RO, NULL},
    {"TYPER",  0x00008, 1, 8, 8, RO, NULL}, {"CBASER",  0x00080, 1, 8, 8, RW, NULL},
    {"CWRITER", 0x0088, 1, 8, 8, RW, NULL}, {"CREADR",  0x00090, 1, 8, 8, RO, NULL},
    {"BASER",  0x00100, 8, 8, 8, RW, NULL}, {"TRANSLATER", 0x10040, 1, 4, 4, WO, NULL},
};

static const struct lab_bit scs_icsr[] = {
    {"VECTACTIVE", 0x1ffu}, {"RETTOBASE", BIT(11)}, {"VECTPENDING", 0x1ffu << 12},
    {"ISRPENDING", BIT(22)}, {"PENDSTCLR", BIT(25)}, {"PENDSTSET", BIT(26)},
    {"PENDSVCLR", BIT(27)}, {"PENDSVSET", BIT(28)}, {"NMIPENDSET", BIT(31)}, END};
static const struct lab_bit scs_aircr[] = {
    {"SYSRESETREQ", BIT(2)}, {"PRIGROUP", 7u << 8}, {"VECTKEY", 0xffffu << 16}, END};
static const struct lab_bit scs_csr[] = {
    {"ENABLE", BIT(0)},
    {"TICKINT", BIT(1)}, {"CLKSOURCE", BIT(2)}, {"COUNTFLAG", BIT(16)}, END};
static const struct lab_register scs_regs[] = {
    {"SYST_CSR", 0x010, 1, 4, 4, RW, scs_csr}, {"SYST_RVR", 0x014, 1, 4, 4, RW, NULL},
    {"SYST_CVR", 0x018, 1, 4, 4, RW, NULL},    {"ISER",     0x100, 8, 4, 4, RW, NULL},
    {"ICER",     0x180, 8, 4, 4, RW, NULL},    {"ISPR",     0x200, 8, 4, 4, RW, NULL},
    {"ICPR",     0x280, 8, 4, 4, RW, NULL},    {"IABR",     0x300, 8, 4, 4, RO, NULL},
    {"IPR",      0x400, 240, 1, 1, RW, NULL},  {"ICSR",     0xd04, 1, 4, 4, RW, scs_icsr},
    {"VTOR",     0xd08, 1, 4, 4, RW, NULL},    {"AIRCR",    0xd0c, 1, 4, 4, RW, scs_aircr},
    {"CCR",      0xd14, 1, 4, 4, RW, NULL},    {"SHPR",     0xd18, 12, 1, 1, RW, NULL},
    {"SHCSR",    0xd24, 1, 4, 4, RW, NULL},    {"STIR",     0xf00, 1, 4, 4, WO, NULL},
};

static const struct lab_bit vic_cntl[] = {{"SOURCE", 0x1fu}, {"E", BIT(5)}, END};
static const struct lab_register vic_regs[] = {
    {"IRQSTATUS", 0x000, 1, 4, 4, RO, NULL},  {"FIQSTATUS",  0x004, 1, 4, 4, RO, NULL},
    {"RAWINTR",   0x008, 1, 4, 4, RO, NULL},  {"INTSELECT",  0x00c, 1, 4, 4, RW, NULL},
    {"INTENABLE", 0x010, 1, 4, 4, RW, NULL},  {"INTENCLEAR", 0x014, 1, 4, 4, WO, NULL},
    {"SOFTINT",   0x018, 1, 4, 4, RW, NULL},  {"SOFTINTCLEAR", 0x01c, 1, 4, 4, WO, NULL},
    {"PROTECTION", 0x020, 1, 4, 4, RW, NULL}, {"VECTADDR",   0x030, 1, 4, 4, RW, NULL},
    {"DEFVECTADDR", 0x034, 1, 4, 4, RW, NULL}, {"VECTADDRn", 0x100, 16, 4, 4, RW, NULL},
    {"VECTCNTLn", 0x200, 16, 4, 4, RW, vic_cntl},
};

static const struct lab_register sic_regs[] = {
    {"STATUS",    0x00, 1, 4, 4, RO, NULL}, {"RAWSTAT",    0x04, 1, 4, 4, RO, NULL},
    {"ENABLE",    0x08, 1, 4, 4, RW, NULL}, {"ENCLR",      0x0c, 1, 4, 4, WO, NULL},
    {"SOFTINTSET", 0x10, 1, 4, 4, RW, NULL}, {"SOFTINTCLR", 0x14, 1, 4, 4, WO, NULL},
    {"PICENABLE", 0x20, 1, 4, 4, RW, NULL}, {"PICENCLR",   0x24, 1, 4, 4, WO, NULL},
};

static const struct lab_register pic_regs[] = {
    {"ICW1", 0, 1, 1, 1, WO, NULL}, {"OCW2", 0, 1, 1, 1, WO, NULL},
    {"OCW3", 0, 1, 1, 1, WO, NULL}, {"IRR",  0, 1, 1, 1, RO, NULL},
    {"ISR",  0, 1, 1, 1, RO, NULL}, {"POLL", 0, 1, 1, 1, RO, NULL},
    {"ICW2", 1, 1, 1, 1, WO, NULL}, {"ICW3", 1, 1, 1, 1, WO, NULL},
    {"ICW4", 1, 1, 1, 1, WO, NULL}, {"IMR",  1, 1, 1, 1, RW, NULL},
};

static const struct lab_register elcr_regs[] = {{"ELCR", 0, 2, 1, 1, RW, NULL}};

static const struct lab_register ioapic_regs[] = {
    {"IOREGSEL", 0x00, 1, 4, 4, RW, NULL}, {"IOWIN", 0x10, 1, 4, 4, RW, NULL},
    {"EOI",      0x40, 1, 4, 4, WO, NULL},
};

static const struct lab_register lapic_regs[] = {
    {"ID",  0x020, 1, 4, 4, RW, NULL},   {"VER", 0x030, 1, 4, 4, RO, NULL},
    {"TPR", 0x080, 1, 4, 4, RW, NULL},   {"PPR", 0x0a0, 1, 4, 4, RO, NULL},
    {"EOI", 0x0b0, 1, 4, 4, WO, NULL},   {"LDR", 0x0d0, 1, 4, 4, RW, NULL},
    {"DFR", 0x0e0, 1, 4, 4, RW, NULL},   {"SVR", 0x0f0, 1, 4, 4, RW, NULL},
    {"ISR", 0x100, 8, 16, 4, RO, NULL},  {"TMR", 0x180, 8, 16, 4, RO, NULL},
    {"IRR", 0x200, 8, 16, 4, RO, NULL},  {"ESR", 0x280, 1, 4, 4, RW, NULL},
    {"ICR", 0x300, 2, 16, 4, RW, NULL},  {"LVT", 0x320, 6, 16, 4, RW, NULL},
    {"TICR", 0x380, 1, 4, 4, RW, NULL},  {"TCCR", 0x390, 1, 4, 4, RO, NULL},
    {"TDCR", 0x3e0, 1, 4, 4, RW, NULL},
};

static const struct lab_register plic_regs[] = {
    {"PRIORITY", 0x000000, 1024, 4, 4, RW, NULL}, {"PENDING", 0x001000, 32, 4, 4, RO, NULL},
    {"ENABLE",   0x002000, 512, 4, 4, RW, NULL},
    {"THRESHOLD", 0x200000, 16, 0x1000, 4, RW, NULL},
    {"CLAIM",    0x200004, 16, 0x1000, 4, RO, NULL},
    {"COMPLETE", 0x200004, 16, 0x1000, 4, WO, NULL},
};

static const struct lab_bit aplic_domaincfg[] = {
    {"BE", BIT(0)}, {"DM", BIT(2)}, {"IE", BIT(8)}, END};
static const struct lab_bit aplic_sourcecfg[] = {{"SM", 7u}, {"D", BIT(10)}, END};
static const struct lab_register aplic_regs[] = {
    {"domaincfg",  0x0000, 1, 4, 4, RW, aplic_domaincfg},
    {"sourcecfg",  0x0000, 1024, 4, 4, RW, aplic_sourcecfg},
    {"setip",      0x1c00, 32, 4, 4, RW, NULL}, {"setipnum", 0x1cdc, 1, 4, 4, WO, NULL},
    {"in_clrip",   0x1d00, 32, 4, 4, RW, NULL}, {"clripnum", 0x1ddc, 1, 4, 4, WO, NULL},
    {"setie",      0x1e00, 32, 4, 4, RW, NULL}, {"setienum", 0x1edc, 1, 4, 4, WO, NULL},
    {"clrie",      0x1f00, 32, 4, 4, WO, NULL}, {"clrienum", 0x1fdc, 1, 4, 4, WO, NULL},
    {"setipnum_le", 0x2000, 1, 4, 4, WO, NULL}, {"setipnum_be", 0x2004, 1, 4, 4, WO, NULL},
    {"genmsi",     0x3000, 1, 4, 4, RW, NULL},  {"target",   0x3000, 1024, 4, 4, RW, NULL},
    {"idelivery",  0x4000, 16, 32, 4, RW, NULL}, {"iforce",  0x4004, 16, 32, 4, RW, NULL},
    {"ithreshold", 0x4008, 16, 32, 4, RW, NULL}, {"topi",    0x4018, 16, 32, 4, RO, NULL},
    {"claimi",     0x401c, 16, 32, 4, RO, NULL},
};

#define TABLE(rows) {rows, sizeof (rows) / sizeof (rows)[0]}
static const struct register_table {
    const struct lab_register *rows;
    size_t count;
} tables[LAB_MODEL_END] = {
    [LAB_MODEL_SOURCE] = TABLE(source_regs),
    [LAB_MODEL_PL011] = TABLE(pl011_regs),
    [LAB_MODEL_PL031] = TABLE(pl031_regs),
    [LAB_MODEL_PL061] = TABLE(pl061_regs),
    [LAB_MODEL_SP804] = TABLE(sp804_regs),
    [LAB_MODEL_CMSDK_UART] = TABLE(cmsdk_uart_regs),
    [LAB_MODEL_CMSDK_TIMER] = TABLE(cmsdk_timer_regs),
    [LAB_MODEL_NS16550] = TABLE(ns16550_regs),
    [LAB_MODEL_I8254] = TABLE(i8254_regs),
    [LAB_MODEL_VIRTIO] = TABLE(virtio_regs),
    [LAB_MODEL_GICD] = TABLE(gicd_regs),
    [LAB_MODEL_GICC] = TABLE(gicc_regs),
    [LAB_MODEL_V2M] = TABLE(v2m_regs),
    [LAB_MODEL_GICR] = TABLE(gicr_regs),
    [LAB_MODEL_SGI] = TABLE(sgi_regs),
    [LAB_MODEL_ITS] = TABLE(its_regs),
    [LAB_MODEL_SCS] = TABLE(scs_regs),
    [LAB_MODEL_VIC] = TABLE(vic_regs),
    [LAB_MODEL_SIC] = TABLE(sic_regs),
    [LAB_MODEL_PIC0] = TABLE(pic_regs),
    [LAB_MODEL_PIC1] = TABLE(pic_regs),
    [LAB_MODEL_ELCR] = TABLE(elcr_regs),
    [LAB_MODEL_IOAPIC] = TABLE(ioapic_regs),
    [LAB_MODEL_LAPIC] = TABLE(lapic_regs),
    [LAB_MODEL_PLIC] = TABLE(plic_regs),
    [LAB_MODEL_APLICM] = TABLE(aplic_regs),
    [LAB_MODEL_APLICS] = TABLE(aplic_regs),
};

/* clang-format on */

const struct lab_register *lab_registers(unsigned model, size_t *ret_count)
{
    if (model >= LAB_MODEL_END) {
        *ret_count = 0;
        return NULL;
    }
    *ret_count = tables[model].count;
    return tables[model].rows;
}

int lab_find_register(unsigned model, const char *name, size_t length)
{
    size_t count = 0;
    const struct lab_register *rows = lab_registers(model, &count);

    for (size_t i = 0; i < count; i++) {
        if (lab_text_is(rows[i].name, name, length)) {
            return (int)i;
        }
    }
    return -1;
}

uint32_t lab_find_bit(const struct lab_register *reg, const char *name, size_t length)
{
    for (const struct lab_bit *bit = reg->bits; bit != NULL && bit->name != NULL; bit++) {
        if (lab_text_is(bit->name, name, length)) {
            return bit->mask;
        }
    }
    return 0;
}

bool lab_find_mask(unsigned model, const char *name, size_t length, int64_t *ret_value)
{
    size_t count = 0;
    const struct lab_register *rows = lab_registers(model, &count);
    uint32_t found = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t mask = lab_find_bit(&rows[i], name, length);

        if (mask != 0 && found != 0 && mask != found) {
            return false; /* FE is bit 8 of DR and bit 0 of RSR: the bare name says too little
                           */
        }
        found |= mask;
    }
    if (found != 0) {
        *ret_value = found;
    }
    return found != 0;
}
