// hiredis: the Redis client. Only the argv forms are used: the variadic ones do not import into Swift, and
// format strings have no place near user data.
#ifndef MIXMYAI_CHIREDIS_SHIM_H
#define MIXMYAI_CHIREDIS_SHIM_H
#include <hiredis/hiredis.h>
#endif
