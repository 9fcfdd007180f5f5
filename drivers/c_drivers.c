/* drivers/c_drivers.c - which C driver serves which model. */
#include "drivers/drv.h"
#include "drivers/port.h"

/* Code, not state: the list of what this process has loaded. */
static const struct drv_c_driver *natives[DRV_NATIVES_MAX];

void drv_c_native(unsigned n, const struct drv_c_driver *driver)
{
    natives[n] = driver;
}

const struct drv_c_driver *drv_c_driver_of(unsigned builtin)
{
    if (builtin - DRV_BUILTIN_NATIVE < DRV_NATIVES_MAX)
        return natives[builtin - DRV_BUILTIN_NATIVE];
    switch (builtin) {
    case DRV_BUILTIN_SOURCE:
        return &drv_c_source;
    case DRV_BUILTIN_LINE:
        return &drv_c_line;
    case DRV_BUILTIN_PL011:
        return &drv_c_pl011;
    case DRV_BUILTIN_NS16550:
        return &drv_c_ns16550;
    case DRV_BUILTIN_I8254:
        return &drv_c_i8254;
    case DRV_BUILTIN_PL031:
        return &drv_c_pl031;
    case DRV_BUILTIN_PL061:
        return &drv_c_pl061;
    case DRV_BUILTIN_SP804:
        return &drv_c_sp804;
    case DRV_BUILTIN_CMSDK_UART:
        return &drv_c_cmsdk_uart;
    case DRV_BUILTIN_CMSDK_TIMER:
        return &drv_c_cmsdk_timer;
    case DRV_BUILTIN_VIRTIO:
        return &drv_c_virtio;
    default:
        return 0;
    }
}
