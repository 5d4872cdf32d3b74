// What Swift's Glibc module leaves out: <sys/eventfd.h> and <sys/epoll.h> are not in its module map, prctl is variadic,
// and GNU extensions of <spawn.h> are not declared, as it is built without _GNU_SOURCE.
#ifndef MIXMYAI_CLINUX_SHIM_H
#define MIXMYAI_CLINUX_SHIM_H
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// A non-blocking, close-on-exec eventfd, or -1 with errno set.
static inline int mixmyai_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void mixmyai_eventfd_ring(int descriptor) { eventfd_write(descriptor, 1); }
static inline void mixmyai_eventfd_clear(int descriptor) {
    eventfd_t value;
    eventfd_read(descriptor, &value);
}
/// Names the calling thread; the kernel keeps 15 bytes.
static inline void mixmyai_thread_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/// POSIX_SPAWN_SETSID: the child leads a new session.
static const short mixmyai_spawn_setsid = 0x80;

/// The child starts in this directory.
static inline int mixmyai_spawn_add_chdir(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}
/// The child has no descriptor with this number or a higher one.
static inline int mixmyai_spawn_add_closefrom(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}
#endif
