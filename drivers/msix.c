/*
 * drivers/msix.c - the entries of message-signalled interrupts (PCI 3.0, 6.8.2), as Linux's
 * drivers/pci/msi writes them.
 */
#include "sim/regs/msix.h"
#include "drivers/irq.h"

static struct drv_access entry_word(unsigned irq, uint32_t word, uint32_t value)
{
    return (struct drv_access){
        .address = MSIX_BASE + irq * MSIX_ENTRY + word, .value = value, .size = 4, .write = 1};
}

struct drv_access drv_msix_gate(unsigned irq, bool masked)
{
    return entry_word(irq, MSIX_CONTROL, masked ? MSIX_CONTROL_MASKED : 0);
}

struct drv_access drv_msix_entry(unsigned irq, uint32_t address, uint32_t data, unsigned k)
{
    switch (k) {
    case 0:
        return entry_word(irq, MSIX_ADDRESS, address);
    case 1:
        return entry_word(irq, MSIX_DATA, data);
    default:
        return (struct drv_access){.size = 0};
    }
}
