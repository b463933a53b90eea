/* Memory of our own, page by page: growing it moves the pages and leaves no copy of
 * what they held behind, as realloc would. */
#ifndef AGS_CPOSIX_MEMORY_H
#define AGS_CPOSIX_MEMORY_H
#ifndef __GLIBC__

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* NULL when there is no memory. */
static inline void *cposix_map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* NULL when there is no memory; the old pages then stay. */
static inline void *cposix_grow(void *memory, size_t old_size, size_t new_size) {
    long moved = syscall(SYS_mremap, memory, old_size, new_size, 1L /* MREMAP_MAYMOVE */, 0L);
    return moved == -1 ? NULL : (void *)moved;
}

static inline void cposix_unmap(void *memory, size_t size) { munmap(memory, size); }

/* Zeroes in a way that no optimiser leaves out. */
static inline void cposix_wipe(void *memory, size_t size) {
    memset(memory, 0, size);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}
#endif
#endif
