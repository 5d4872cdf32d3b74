#ifndef MIXMYAI_CLUA_SHIM_H
#define MIXMYAI_CLUA_SHIM_H

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

/* Macros that Swift does not import. */
static inline void shim_lua_pop(lua_State *state, int count) { lua_settop(state, -count - 1); }
static inline int shim_lua_upvalue(int index) { return lua_upvalueindex(index); }
static inline void shim_lua_set_global(lua_State *state, const char *name) { lua_setfield(state, LUA_GLOBALSINDEX, name); }
static inline int shim_lua_ref(lua_State *state) { return luaL_ref(state, LUA_REGISTRYINDEX); }
static inline void shim_lua_push_ref(lua_State *state, int reference) { lua_rawgeti(state, LUA_REGISTRYINDEX, reference); }

#endif
