/* What keeps the memory of a process that holds secrets to itself. */
#ifndef AGS_CPOSIX_CORES_H
#define AGS_CPOSIX_CORES_H

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* No core, no ptrace and no /proc/PID by others of the same uid, until the next exec. */
static inline int cposix_make_undumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

/* The soft limit only: the hard one could not be raised again for the agent.
 * Returns the limit that was in force, UINT64_MAX when it could not be read. */
static inline uint64_t cposix_set_core_limit(uint64_t bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return UINT64_MAX;
    uint64_t before = (uint64_t)limit.rlim_cur;
    limit.rlim_cur = (rlim_t)bytes;
    return setrlimit(RLIMIT_CORE, &limit) == 0 ? before : UINT64_MAX;
}
#endif
