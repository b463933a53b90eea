/* What the host side needs beyond Swift's Glibc overlay: pidfd and eventfd, whose
 * headers the overlay leaves out, variadic functions, and signal handlers. */
#ifndef AGS_CPOSIX_HOST_H
#define AGS_CPOSIX_HOST_H
#ifdef __GLIBC__

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* <fcntl.h> has it only with _GNU_SOURCE, with which this module and CLibSecret would
 * disagree about the C library's types. */
#ifndef O_PATH
#define O_PATH __O_PATH
#endif

static inline int cposix_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* A signal to the process a pidfd stands for, whoever has its id by now. */
static inline int cposix_pidfd_signal(int fd, int signal) {
    return (int)syscall(424 /* pidfd_send_signal */, fd, signal, NULL, 0);
}

static inline int cposix_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* Catches SIGINT, SIGTERM and SIGHUP: each writes two bytes into `fd`, its number and
 * 1 if the kernel sent it (a terminal's signal, which the whole foreground group got)
 * or 0 for kill(2). SIGQUIT is ignored. With -1 the default actions come back.
 * State of the process, so for programs only. */
void cposix_catch_signals(int fd);

/* posix_spawn_file_actions_addchdir_np(3), which needs _GNU_SOURCE; `actions` is a
 * posix_spawn_file_actions_t. */
int cposix_spawn_chdir(void *actions, const char *path);

/* posix_spawn_file_actions_addclosefrom_np(3): the child has no descriptor from `first` on,
 * whatever flags they carry. */
int cposix_spawn_closefrom(void *actions, int first);

/* A flag of posix_spawnattr_setflags(3) that <spawn.h> has only with _GNU_SOURCE: the child
 * leads a session of its own. */
#define CPOSIX_SPAWN_SETSID 0x80

/* A pipe whose ends are closed on exec; pipe2(2) needs _GNU_SOURCE. */
static inline int cposix_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

static inline int cposix_set_nonblocking(int fd) {
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A duplicate at 10 or above, closed on exec: clear of the numbers a child gets. */
static inline int cposix_dup_high(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 10); }

/* A file without a name, or -1; like memfd_create(2), which needs _GNU_SOURCE. */
static inline int cposix_memfd(const char *label) {
    return (int)syscall(SYS_memfd_create, label, 1 /* MFD_CLOEXEC */);
}

/* O_PATH, whose name needs _GNU_SOURCE; defining that here would make these headers
 * differ from the same ones in libsecret's module. */
#define CPOSIX_O_PATH 010000000

static inline int cposix_openat(int directory, const char *name, int flags) {
    return openat(directory, name, flags);
}

/* Opens `path` with O_PATH, no link anywhere in it followed (openat2(2), Linux 5.6; on an
 * older one only a link at the end is refused). */
static inline int cposix_open_without_links(const char *path) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {010000000 | O_CLOEXEC | O_NOFOLLOW, 0, 0x04 /* RESOLVE_NO_SYMLINKS */};
    int fd = (int)syscall(437 /* openat2 */, AT_FDCWD, path, &how, sizeof how);
    if (fd < 0 && errno == ENOSYS) fd = open(path, (int)how.flags);
    return fd;
}

/* Opens `path` below a directory, no link anywhere in it followed and nothing above the
 * directory reached (openat2(2); on an older kernel only a link at the end is refused). */
static inline int cposix_open_beneath(int directory, const char *path, int flags) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {(uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW), 0,
             0x04 | 0x08 /* RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH */};
    int fd = (int)syscall(437 /* openat2 */, directory, path, &how, sizeof how);
    if (fd < 0 && errno == ENOSYS) fd = openat(directory, path, (int)how.flags);
    return fd;
}

/* A directory below another one, without following a link in its place. */
static inline int cposix_enter_at(int directory, const char *name) {
    return openat(directory, name, 010000000 | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The same for a directory that is going to be emptied: one that something is mounted on
 * is refused with EXDEV, also a bind mount of the same file system. On a kernel without
 * openat2(2) only another file system is. */
static inline int cposix_enter_own_at(int directory, const char *name) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {010000000 | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, 0x01 /* RESOLVE_NO_XDEV */};
    int fd = (int)syscall(437 /* openat2 */, directory, name, &how, sizeof how);
    if (fd >= 0 || errno != ENOSYS) return fd;
    struct stat above, here;
    fd = cposix_enter_at(directory, name);
    if (fd < 0) return fd;
    if (fstat(directory, &above) == 0 && fstat(fd, &here) == 0 && above.st_dev == here.st_dev)
        return fd;
    close(fd);
    errno = EXDEV;
    return -1;
}

/* A new file below a directory; it must not be there yet. */
static inline int cposix_create_at(int directory, const char *name, mode_t mode) {
    return openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

/* Copies what is left of `from` to `to`, both regular files; the kernel shares the blocks
 * where it can. Returns how many bytes, or -1: EFBIG above `limit` of them. */
int64_t cposix_copy_file(int from, int to, int64_t limit);

/* A connection, not blocking, to the socket `name` in a directory, or -1. The directory's
 * own path may be longer than a socket's address. */
int cposix_connect_at(int directory, const char *name);

/* The hard limits of this process, RLIM_INFINITY as UINT64_MAX. The constants have an
 * enumeration's type, which Swift does not convert. */
static inline uint64_t cposix_hard_file_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : UINT64_MAX;
}

static inline uint64_t cposix_hard_core_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_CORE, &limit) == 0 ? limit.rlim_max : UINT64_MAX;
}

static inline uint64_t cposix_hard_process_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NPROC, &limit) == 0 ? limit.rlim_max : UINT64_MAX;
}

/* The magic number of the file system that `path` is on, or 0 if it cannot be asked. */
static inline uint32_t cposix_filesystem_type(const char *path) {
    struct statfs facts;
    return statfs(path, &facts) == 0 ? (uint32_t)facts.f_type : 0;
}

/* Whether a program gets capabilities from its file. */
static inline int cposix_has_file_capabilities(const char *path) {
    return getxattr(path, "security.capability", NULL, 0) > 0;
}

/* Bytes that wait in a pipe, or -1. */
static inline int cposix_pipe_backlog(int fd) {
    int waiting = 0;
    return ioctl(fd, FIONREAD, &waiting) == 0 ? waiting : -1;
}

#endif
#endif
