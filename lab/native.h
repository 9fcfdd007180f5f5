/* lab/native.h - drivers in shared objects. */
#ifndef LAB_NATIVE_H
#define LAB_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Loads the shared object at @path, once for each file, and its driver (DRV_NATIVE_SYMBOL) as
 * DRV_BUILTIN_NATIVE + @ret_native.  False: @ret_error says why not.
 */
bool lab_native_load(const char *path, uint8_t *ret_native, char *ret_error, size_t size);

#endif
