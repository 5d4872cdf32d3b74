import ArgumentParser

/// A limit on the command line: a whole number above 0, or `none`.
struct LimitValue: Sendable, Equatable {
    /// Nil: unlimited.
    let number: Int?

    init(number: Int?) { self.number = number }

    init(argument: String) throws {
        if argument == "none" {
            number = nil
        } else {
            guard let number = Int(argument), (1...Int(Int32.max)).contains(number) else {
                throw ValidationError("It must be a whole number from 1 to \(Int32.max), or none.")
            }
            self.number = number
        }
    }
}
