/* Processes, signals and limits. */
#ifndef AGS_CPOSIX_PROCESS_H
#define AGS_CPOSIX_PROCESS_H
#ifndef __GLIBC__

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static inline char **cposix_environment(void) { return environ; }

static inline pid_t cposix_fork(void) { return fork(); }

/* What waitpid said. */
static inline int cposix_has_exited(int status) { return WIFEXITED(status); }
static inline int cposix_exit_status(int status) { return WEXITSTATUS(status); }
static inline int cposix_was_signalled(int status) { return WIFSIGNALED(status); }
static inline int cposix_ending_signal(int status) { return WTERMSIG(status); }
static inline int cposix_is_stopped(int status) { return WIFSTOPPED(status); }
static inline int cposix_stopping_signal(int status) { return WSTOPSIG(status); }

/* Closes every descriptor from first on, whatever the limits are now. */
static inline void cposix_close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
    /* An old kernel, or a system call filter that does not know the call. */
    long count = sysconf(_SC_OPEN_MAX);
    if (count < 0 || count > 65536) count = 65536;
    for (int descriptor = first; descriptor < count; descriptor++) close(descriptor);
}

/* Blocks every signal and returns a descriptor that reports them, or -1. */
static inline int cposix_signal_descriptor(void) {
    sigset_t all;
    sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, NULL) != 0) return -1;
    return signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* The next signal that came, 0 when none is waiting. */
static inline int cposix_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t got = read(descriptor, &info, sizeof info);
    return got == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

/* What a fresh process expects: default dispositions, nothing blocked. The system call
 * itself, because the library keeps some numbers to itself. All zeros is the default
 * action in every layout of the kernel's structure. */
static inline void cposix_reset_signals(void) {
    unsigned long defaults[8] = {0};
    for (int number = 1; number < 65; number++) {
        syscall(SYS_rt_sigaction, number, defaults, NULL, 8);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Writing to a pipe that nobody reads then fails instead of ending the process. */
static inline void cposix_ignore_broken_pipes(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

/* A pipe whose ends are closed on exec; pipe2(2) needs _GNU_SOURCE. */
static inline int cposix_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

/* A duplicate at 10 or above, closed on exec. */
static inline int cposix_dup_high(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 10); }

static inline int cposix_set_nonblocking(int fd) {
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Milliseconds of a clock that only goes forward. */
static inline int64_t cposix_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
#endif
#endif
