import ArgumentParser

/// A limit on the command line: a whole number above 0, or `none`.
struct LimitValue: ExpressibleByArgument, Sendable, Equatable {
    /// Nil: unlimited.
    let number: Int?

    init(number: Int?) { self.number = number }

    init?(argument: String) {
        if argument == "none" {
            number = nil
        } else {
            guard let number = Int(argument), (1...Int(Int32.max)).contains(number) else { return nil }
            self.number = number
        }
    }

    var defaultValueDescription: String { number.map(String.init) ?? "none" }
}
