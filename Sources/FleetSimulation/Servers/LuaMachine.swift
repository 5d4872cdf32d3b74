import CLua
import RedisClient

/// Runs Redis scripts with the Lua that Redis runs them with, against a ``SimulatedKeyspace``.
///
/// Not Sendable: one machine belongs to one ``SimulatedRedis``, which lets one caller in at a time.
final class LuaMachine {
    private let state: OpaquePointer
    private let keyspace: SimulatedKeyspace
    private var functions: [RedisScript: Int32] = [:]

    init(keyspace: SimulatedKeyspace) {
        self.keyspace = keyspace
        guard let state = luaL_newstate() else { preconditionFailure("no memory for a Lua state") }
        self.state = state
        luaL_openlibs(state)
        lua_createtable(state, 0, 2)
        for name in ["call", "pcall"] {
            // The keyspace outlives the machine, which holds it.
            lua_pushlightuserdata(state, Unmanaged.passUnretained(keyspace).toOpaque())
            lua_pushcclosure(state, Self.call, 1)
            lua_setfield(state, -2, name)
        }
        shim_lua_set_global(state, "redis")
    }

    deinit {
        lua_close(state)
    }

    /// Runs a script to its end.
    func run(_ script: RedisScript, keys: [String], arguments: [String]) -> RedisValue {
        setGlobal("KEYS", keys)
        setGlobal("ARGV", arguments)
        shim_lua_push_ref(state, function(script))
        guard lua_pcall(state, 0, 1, 0) == 0 else {
            let text = lua_tolstring(state, -1, nil).map { String(cString: $0) } ?? "unknown error"
            preconditionFailure("a limiter script failed: \(text)")
        }
        defer { shim_lua_pop(state, 1) }
        return Self.value(state, -1)
    }

    private func function(_ script: RedisScript) -> Int32 {
        if let known = functions[script] { return known }
        guard luaL_loadstring(state, script.source) == 0 else { preconditionFailure("a script does not compile") }
        let reference = shim_lua_ref(state)
        functions[script] = reference
        return reference
    }

    private func setGlobal(_ name: String, _ elements: [String]) {
        lua_createtable(state, Int32(elements.count), 0)
        for (index, element) in elements.enumerated() {
            lua_pushlstring(state, element, element.utf8.count)
            lua_rawseti(state, -2, Int32(index + 1))
        }
        shim_lua_set_global(state, name)
    }

    /// `redis.call`, and `redis.pcall`, as no command fails: the arguments are on the stack, the keyspace is the closure's value.
    private static let call: lua_CFunction = { state in
        guard let state, let pointer = lua_touserdata(state, shim_lua_upvalue(1)) else { return 0 }
        let keyspace = Unmanaged<SimulatedKeyspace>.fromOpaque(pointer).takeUnretainedValue()
        let arguments = (1...max(1, lua_gettop(state))).map { index -> String in
            if lua_type(state, index) == LUA_TNUMBER { return redisNumber(lua_tonumber(state, index)) }
            return lua_tolstring(state, index, nil).map { String(cString: $0) } ?? ""
        }
        push(keyspace.run(arguments), state)
        return 1
    }

    /// A reply as Redis hands it to Lua: a missing value is `false`.
    private static func push(_ value: RedisValue, _ state: OpaquePointer) {
        switch value {
        case .null, .error: lua_pushboolean(state, 0)
        case .integer(let number): lua_pushnumber(state, lua_Number(number))
        case .bulk, .status:
            let text = value.string ?? ""
            lua_pushlstring(state, text, text.utf8.count)
        case .array(let elements):
            lua_createtable(state, Int32(elements.count), 0)
            for (index, element) in elements.enumerated() {
                push(element, state)
                lua_rawseti(state, -2, Int32(index + 1))
            }
        }
    }

    /// A script's result as Redis sends it: numbers lose their fraction.
    private static func value(_ state: OpaquePointer, _ index: Int32) -> RedisValue {
        switch lua_type(state, index) {
        case LUA_TNUMBER: return .integer(Int(lua_tonumber(state, index)))
        case LUA_TSTRING:
            return .bulk(lua_tolstring(state, index, nil).map { Array(String(cString: $0).utf8) } ?? [])
        case LUA_TTABLE:
            let count = lua_objlen(state, index)
            return .array(
                (0..<count).map { position in
                    lua_rawgeti(state, index, Int32(position + 1))
                    defer { shim_lua_pop(state, 1) }
                    return value(state, -1)
                })
        default: return .null
        }
    }
}

/// A number as Redis makes a string of it.
func redisNumber(_ number: Double) -> String {
    if let whole = Int(exactly: number) { return String(whole) }
    return "\(number)"
}
