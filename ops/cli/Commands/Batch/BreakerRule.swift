import ArgumentParser
import FleetCore

/// A breaker as it is given on the command line: `50% of 20`, or `off`.
struct BreakerRule: ExpressibleByArgument, Sendable {
    /// Nil: none.
    let breaker: BatchBreaker?

    init?(argument: String) {
        breaker = BatchBreaker(argument)
        if breaker == nil && argument != "off" { return nil }
    }
}
