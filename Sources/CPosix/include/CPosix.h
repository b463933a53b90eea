/* Static-inline wrappers over the C library: for the shim, which as Embedded
 * Swift has no overlay of its own, and for spawning on the host. Variadic
 * functions, macros and errno are what Swift cannot import by itself.
 *
 * The shim compiles these with musl's headers, everything else with glibc's: so
 * what both use stays inline; CPosix.c holds what only the host side calls. */
#ifndef AGS_CPOSIX_H
#define AGS_CPOSIX_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

static inline int cposix_errno(void) { return errno; }
static inline int cposix_open(const char *path, int flags, mode_t mode) {
    return open(path, flags, mode);
}
static inline ssize_t cposix_getrandom(void *buffer, size_t count) {
    return getrandom(buffer, count, 0);
}
/* Fails with EBADF when the descriptor is not open. */
static inline int cposix_set_close_on_exec(int descriptor) {
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

#include "CPosixCores.h"
#include "CPosixHost.h"
/* Each of these is for the shim only and empty under glibc, whose own Swift overlay
 * knows the same types. */
#include "CPosixFiles.h"
#include "CPosixMemory.h"
#include "CPosixNetwork.h"
#include "CPosixProcess.h"
#include "CPosixSockets.h"
#endif
