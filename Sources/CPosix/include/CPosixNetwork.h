/* Connections that never block: loopback ports, sockets with a path, and what many of them
 * are waited for with. */
#ifndef AGS_CPOSIX_NETWORK_H
#define AGS_CPOSIX_NETWORK_H
#ifndef __GLIBC__

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Closes it and keeps errno; always -1. */
static inline int cposix_give_up(int descriptor) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

/* 127.0.0.1 or ::1 with a port; returns the address's size. */
static inline socklen_t cposix_loopback(struct sockaddr_storage *address, int is_v6,
                                        uint16_t port) {
    memset(address, 0, sizeof *address);
    if (is_v6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        v6->sin6_addr.s6_addr[15] = 1;
        return sizeof *v6;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *v4;
}

static inline int cposix_stream_socket(int is_v6) {
    int one = 1;
    int descriptor =
        socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor >= 0)
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

/* A listener on a loopback address, or -1. */
static inline int cposix_listen_loopback(int is_v6, uint16_t port) {
    struct sockaddr_storage address;
    socklen_t size = cposix_loopback(&address, is_v6, port);
    int one = 1;
    int descriptor = cposix_stream_socket(is_v6);
    if (descriptor < 0) return -1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        (is_v6 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0) ||
        bind(descriptor, (struct sockaddr *)&address, size) != 0 ||
        listen(descriptor, 128) != 0)
        return cposix_give_up(descriptor);
    return descriptor;
}

/* Begins a connection to a loopback port; the socket is writable when it has come to
 * something. Or -1. */
static inline int cposix_dial_loopback(int is_v6, uint16_t port) {
    struct sockaddr_storage address;
    socklen_t size = cposix_loopback(&address, is_v6, port);
    int descriptor = cposix_stream_socket(is_v6);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (struct sockaddr *)&address, size) != 0 && errno != EINPROGRESS)
        return cposix_give_up(descriptor);
    return descriptor;
}

/* What became of it: 0, EINPROGRESS or the error. A port nobody listens on can be given to
 * the very socket that dials it, which then talks to itself: that is a refusal too. */
static inline int cposix_dial_result(int descriptor) {
    struct sockaddr_storage here, there;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    if (error != 0) return error;
    memset(&here, 0, sizeof here);
    memset(&there, 0, sizeof there);
    size = sizeof there;
    if (getpeername(descriptor, (struct sockaddr *)&there, &size) != 0)
        return errno == ENOTCONN ? EINPROGRESS : errno;
    size = sizeof here;
    if (getsockname(descriptor, (struct sockaddr *)&here, &size) != 0) return errno;
    return memcmp(&here, &there, sizeof here) == 0 ? ECONNREFUSED : 0;
}

/* The next connection of a listener, not blocking, or -1. */
static inline int cposix_accept_stream(int listener) {
    int one = 1;
    int descriptor = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0)
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

/* A connection to a socket with a path, or -1; EAGAIN when its listener is busy and this
 * one must not block. */
static inline int cposix_connect_path(const char *path, int blocks) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(path) + 1 > sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK), 0);
    if (descriptor < 0) return -1;
    while (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        if (errno != EINTR) return cposix_give_up(descriptor);
    return descriptor;
}

/* A connection that is gone is an error, never a signal. */
static inline ssize_t cposix_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

/* Closes a TCP connection so that its other end gets an error, not an end. */
static inline void cposix_reset(int descriptor) {
    struct linger now = {1, 0};
    (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(descriptor);
}

enum {
    CPOSIX_READS = EPOLLIN | EPOLLRDHUP,
    CPOSIX_WRITES = EPOLLOUT,
    CPOSIX_FAILS = EPOLLERR | EPOLLHUP,
    /* How many events one wait brings at most. */
    CPOSIX_BATCH = 64
};

static inline int cposix_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* `operation`: 1 adds, 3 changes. `on_edges`: said once, until it happens anew. */
static inline int cposix_watch(int epoll, int operation, int descriptor, uint64_t token,
                               uint32_t events, int on_edges) {
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events | (on_edges ? (uint32_t)EPOLLET : 0);
    event.data.u64 = token;
    return epoll_ctl(epoll, operation, descriptor, &event);
}

static inline int cposix_unwatch(int epoll, int descriptor) {
    struct epoll_event event = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
}

/* Does not wait. Both arrays hold CPOSIX_BATCH. */
static inline int cposix_take_events(int epoll, uint64_t *tokens, uint32_t *events) {
    struct epoll_event taken[CPOSIX_BATCH];
    int count = epoll_wait(epoll, taken, CPOSIX_BATCH, 0);
    for (int index = 0; index < count; index++) {
        tokens[index] = taken[index].data.u64;
        events[index] = taken[index].events;
    }
    return count;
}
#endif
#endif
