/*
 * lab/native.c - drivers in shared objects.
 *
 * An object is a C driver like those of drivers/: routines on drivers/port.h and one constant
 * that names them.  It stays loaded to the end of the process, because handlers that were cut
 * hold addresses of it.
 */
#include "lab/native.h"

#include <dlfcn.h>
#include <stdio.h>

#include "drivers/port.h"

/* Handles by number: the dynamic linker gives the same one for the same file. */
static void *handles[DRV_NATIVES_MAX];

static bool refuse(char *ret_error, size_t size, const char *why)
{
    snprintf(ret_error, size, "%s", why ? why : "the dynamic linker does not say why");
    return false;
}

bool lab_native_load(const char *path, uint8_t *ret_native, char *ret_error, size_t size)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct drv_c_driver *driver;
    unsigned n = 0;

    if (!handle)
        return refuse(ret_error, size, dlerror());
    while (n < DRV_NATIVES_MAX && handles[n] && handles[n] != handle)
        n++;
    if (n == DRV_NATIVES_MAX)
        return refuse(ret_error, size, "too many shared objects");
    driver = dlsym(handle, DRV_NATIVE_SYMBOL);
    if (!driver || !driver->irq)
        return refuse(ret_error, size,
                      driver ? DRV_NATIVE_SYMBOL " has no irq routine"
                             : "it has no " DRV_NATIVE_SYMBOL);
    handles[n] = handle;
    drv_c_native(n, driver);
    *ret_native = (uint8_t)n;
    return true;
}
