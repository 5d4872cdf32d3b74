// libpq: request/response client of PostgreSQL. Found through pkg-config ("libpq"), because Debian keeps its
// headers in /usr/include/postgresql.
#ifndef MIXMYAI_CPOSTGRES_SHIM_H
#define MIXMYAI_CPOSTGRES_SHIM_H
#include <libpq-fe.h>
#endif
