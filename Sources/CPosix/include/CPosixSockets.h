/* Sockets by a name that is no file, and processes that are nobody's child. */
#ifndef AGS_CPOSIX_SOCKETS_H
#define AGS_CPOSIX_SOCKETS_H
#ifndef __GLIBC__

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* The name is known in the network namespace only and goes with the last descriptor.
 * Returns a socket, closed on exec, or -1. */
static inline int cposix_named_socket(const char *name, int listens) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    size_t length = strlen(name);
    if (length + 1 > sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path + 1, name, length);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    const struct sockaddr *where = (const struct sockaddr *)&address;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (listens ? bind(descriptor, where, size) == 0 && listen(descriptor, 1) == 0
                : connect(descriptor, where, size) == 0)
        return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

/* The next connection, closed on exec, and the process that made it; or -1. */
static inline int cposix_accept(int listener, pid_t *peer) {
    struct { pid_t process; uid_t user; gid_t group; } who;
    socklen_t size = sizeof who;
    int descriptor = accept(listener, NULL, NULL);
    if (descriptor < 0) return -1;
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
        getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
        *peer = who.process;
        return descriptor;
    }
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

/* A descriptor, closed on exec, that is readable when the process has ended; or -1. */
static inline int cposix_open_process(pid_t process) {
    return (int)syscall(434 /* pidfd_open */, process, 0);
}

/* To that process and no other, whoever has its id by now. */
static inline int cposix_signal_process(int descriptor, int signal) {
    return (int)syscall(424 /* pidfd_send_signal */, descriptor, signal, NULL, 0);
}
#endif
#endif
