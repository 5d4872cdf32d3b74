// GNU extensions of <spawn.h> that Swift's Glibc module, built without _GNU_SOURCE, does not declare.
#ifndef MIXMYAI_CSPAWN_SHIM_H
#define MIXMYAI_CSPAWN_SHIM_H
#include <spawn.h>

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
