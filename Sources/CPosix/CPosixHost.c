/* What only the host side calls, apart so that the header needs no more of the C library's:
 * Swift would take types that both have for this module's. */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Of both C libraries, but declared only with _GNU_SOURCE. */
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
#ifdef __GLIBC__
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
#endif

int cposix_spawn_chdir(void *actions, const char *path);
int cposix_connect_at(int directory, const char *name);
int64_t cposix_copy_file(int from, int to, int64_t limit);

int cposix_spawn_chdir(void *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

#ifdef __GLIBC__
int cposix_spawn_closefrom(void *actions, int first);
int cposix_spawn_closefrom(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
#endif

int cposix_connect_at(int directory, const char *name) {
    static const char descriptors[] = "/proc/self/fd/";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char digits[12], *digit = digits + sizeof digits;
    *--digit = 0;
    do *--digit = (char)('0' + directory % 10);
    while (directory /= 10);
    if (sizeof descriptors + strlen(digit) + strlen(name) + 1 > sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, descriptors);
    strcat(address.sun_path, digit);
    strcat(address.sun_path, "/");
    strcat(address.sun_path, name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static ssize_t copy_through_memory(int from, int to) {
    char buffer[1 << 16];
    ssize_t count = read(from, buffer, sizeof buffer);
    for (ssize_t done = 0; done < count;) {
        ssize_t written = write(to, buffer + done, (size_t)(count - done));
        if (written < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        done += written;
    }
    return count;
}

int64_t cposix_copy_file(int from, int to, int64_t limit) {
    int64_t copied = 0;
    int shares = 1;
    for (;;) {
        ssize_t count =
            shares ? (ssize_t)syscall(SYS_copy_file_range, from, NULL, to, NULL, 1 << 26, 0)
                   : copy_through_memory(from, to);
        if (count < 0 && errno == EINTR) continue;
        /* Other file systems, an old kernel, /proc: some say so by copying nothing. */
        if (shares && (count < 0 || (count == 0 && copied == 0))) {
            shares = 0;
            continue;
        }
        if (count <= 0) return count < 0 ? -1 : copied;
        copied += count;
        if (copied > limit) {
            errno = EFBIG;
            return -1;
        }
    }
}
