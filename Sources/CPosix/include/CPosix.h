/* Static-inline wrappers over the C library: for the shim, which as Embedded
 * Swift has no overlay of its own, and for spawning on the host. Variadic
 * functions, macros and errno are what Swift cannot import by itself. */
#ifndef AGS_CPOSIX_H
#define AGS_CPOSIX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static inline int cposix_errno(void) { return errno; }
static inline int cposix_open(const char *path, int flags, mode_t mode) {
    return open(path, flags, mode);
}
#include "CPosixHost.h"

static inline ssize_t cposix_getrandom(void *buffer, size_t count) {
    return getrandom(buffer, count, 0);
}
#endif
