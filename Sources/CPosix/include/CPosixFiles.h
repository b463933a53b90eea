/* What a path is, without struct stat's layout, which differs between libraries. */
#ifndef AGS_CPOSIX_FILES_H
#define AGS_CPOSIX_FILES_H
#ifndef __GLIBC__

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>

struct cposix_file {
    uint64_t device;
    uint64_t inode;
    int is_directory;
    int is_regular;
    int is_link;
    uint32_t owner;
    /* Permission bits. */
    uint32_t mode;
};

/* Returns 0, or the error number. */
static inline int cposix_look(const char *path, int follows_link, struct cposix_file *file) {
    struct stat status;
    if ((follows_link ? stat(path, &status) : lstat(path, &status)) != 0) return errno;
    file->device = (uint64_t)status.st_dev;
    file->inode = (uint64_t)status.st_ino;
    file->is_directory = S_ISDIR(status.st_mode);
    file->is_regular = S_ISREG(status.st_mode);
    file->is_link = S_ISLNK(status.st_mode);
    file->owner = (uint32_t)status.st_uid;
    file->mode = (uint32_t)status.st_mode & 07777;
    return 0;
}

static inline int cposix_is_pipe_or_socket(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}
#endif
#endif
