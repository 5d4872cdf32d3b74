// What Swift's Glibc module leaves out: <sys/eventfd.h> and <sys/epoll.h> are not in its module map, prctl is variadic.
#ifndef MIXMYAI_CLINUX_SHIM_H
#define MIXMYAI_CLINUX_SHIM_H
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
#endif
