import FleetCore
import RedisClient

/// The limiter's scripts, put together from the files in `Scripts`, which say what each does. `prelude.lua` explains the
/// state that they work on.
enum LimiterScripts {
    private static let cellMilliseconds = 100

    /// Any number of operations of one worker, in order, in one step.
    static let exchange = script(PackageResources.exchange_lua)
    /// Begins a new epoch, or completes one, with what the ledger says was used in the last minute.
    static let begin = script(PackageResources.recount_lua, PackageResources.begin_lua)
    /// Counts a worker's calls again after Redis lost them.
    static let restore = script(PackageResources.recount_lua, PackageResources.restore_lua)

    /// What the scripts share with the rest of the limiter stands before them.
    private static func script(_ parts: [UInt8]...) -> RedisScript {
        let (lease, grace) = (RedisRateLimiter.lease.inMilliseconds, RedisRateLimiter.grace.inMilliseconds)
        let constants = "local CELL, LEASE, GRACE = \(cellMilliseconds), \(lease), \(grace)\n"
        let text = ([PackageResources.prelude_lua] + parts).map { String(decoding: $0, as: UTF8.self) }
        return RedisScript(constants + text.joined())
    }

    /// A call as `recount.lua` takes it.
    static func arguments(
        age: Duration, _ tokens: TokenEstimate, holder: String, isInFlight: Bool
    ) -> [String] {
        [
            String(age.inMilliseconds), String(tokens.inputTokens), String(tokens.outputTokens), holder,
            isInFlight ? "1" : "0",
        ]
    }

    /// The cell of a call that began so long before a moment of Redis' clock.
    static func cell(now: Int, age: Duration) -> Int { (now - age.inMilliseconds) / cellMilliseconds }
}
