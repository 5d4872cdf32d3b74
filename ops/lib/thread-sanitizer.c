// Tells the thread sanitizer of the standard library's locks.
//
// The fast way of `Mutex` is compiled into its users, where the sanitizer sees it. Who has to wait comes by the lock
// inside libswiftSynchronization, which is built without the sanitizer: what the lock has ordered would then be reported
// as a race. Loaded before that library (LD_PRELOAD), this stands in for the one function that waits.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define WAIT "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"

// Of the sanitizer's runtime, which is in the program.
extern void __tsan_acquire(void *address) __attribute__((weak));

typedef __attribute__((swiftcall)) void wait_for_lock(uint32_t owner, __attribute__((swift_context)) void *lock);

static wait_for_lock *original;

__attribute__((constructor)) static void find(void) { original = (wait_for_lock *)dlsym(RTLD_NEXT, WAIT); }

wait_for_lock stand_in __asm__(WAIT);

__attribute__((swiftcall)) void stand_in(uint32_t owner, __attribute__((swift_context)) void *lock) {
    original(owner, lock);
    if (__tsan_acquire) __tsan_acquire(lock);
}
