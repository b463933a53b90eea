#include "CPosix.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t signal_pipe = -1;

static void note_signal(int number, siginfo_t *info, void *context) {
    (void)context;
    int saved = errno;
    unsigned char note[2] = {(unsigned char)number, info->si_code == SI_KERNEL};
    /* A full pipe already holds enough signals to end the session. */
    ssize_t written = write(signal_pipe, note, sizeof note);
    (void)written;
    errno = saved;
}

void cposix_catch_signals(int fd) {
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask);
    signal_pipe = fd;
    if (fd >= 0) {
        action.sa_sigaction = note_signal;
        action.sa_flags = SA_SIGINFO | SA_RESTART;
    } else {
        action.sa_handler = SIG_DFL;
    }
    for (unsigned i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaction(caught[i], &action, 0);
    action.sa_flags = 0;
    action.sa_handler = fd >= 0 ? SIG_IGN : SIG_DFL;
    sigaction(SIGQUIT, &action, 0);
}
