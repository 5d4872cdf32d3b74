// Tells the thread sanitizer of the standard library's locks.
//
// The fast way of `Mutex` is compiled into its users, where the sanitizer sees it. Who has to wait, and who hands the
// lock to somebody that waits, goes through libswiftSynchronization, which is built without the sanitizer: what the lock
// has ordered would then be reported as a race. Loaded before that library (LD_PRELOAD), this stands in for the functions
// that do so.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Of the sanitizer's runtime, which is in the program.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void locking(uint32_t owner, SELF);
typedef SWIFT bool trying(SELF);
typedef SWIFT void unlocking(SELF);

static locking *lock;
static trying *try_lock;
static unlocking *unlock;

__attribute__((constructor)) static void find(void) {
    lock = (locking *)dlsym(RTLD_NEXT, LOCK);
    try_lock = (trying *)dlsym(RTLD_NEXT, TRY_LOCK);
    unlock = (unlocking *)dlsym(RTLD_NEXT, UNLOCK);
}

locking lock_stand_in __asm__(LOCK);
trying try_lock_stand_in __asm__(TRY_LOCK);
unlocking unlock_stand_in __asm__(UNLOCK);

SWIFT void lock_stand_in(uint32_t owner, SELF) {
    lock(owner, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool try_lock_stand_in(SELF) {
    bool is_locked = try_lock(self);
    if (is_locked && __tsan_acquire) __tsan_acquire(self);
    return is_locked;
}

SWIFT void unlock_stand_in(SELF) {
    if (__tsan_release) __tsan_release(self);
    unlock(self);
}
