/// The time a reply takes, in milliseconds; each request draws its own value.
package struct LatencyRange: Sendable, Equatable {
    /// Shortest reply time in milliseconds.
    package let shortest: Int
    /// Longest reply time in milliseconds, inclusive.
    package let longest: Int

    /// Replies at once.
    package static let none = LatencyRange(unchecked: 0, 0)

    private init(unchecked shortest: Int, _ longest: Int) {
        self.shortest = shortest
        self.longest = longest
    }

    /// - Throws: `TwinError` when the bounds are negative, over an hour, or in the wrong order.
    package init(_ shortest: Int, _ longest: Int, code: TwinError.Code = .invalidSetting) throws {
        guard shortest >= 0, longest >= shortest, longest <= 3_600_000 else {
            throw TwinError(
                code: code,
                message: "latency \(shortest)-\(longest) ms is not allowed, allowed: 0 <= A <= B <= 3600000"
            )
        }
        self.init(unchecked: shortest, longest)
    }

    /// Reads `A` or `A-B`.
    ///
    /// - Throws: `TwinError` when the text is not that.
    package init(argument: String) throws {
        let parts = argument.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
        guard let first = parts[0], let last = parts.count == 2 ? parts[1] : first else {
            throw TwinError(code: .invalidSetting, message: "--latency-ms '\(argument)' is not A or A-B")
        }
        try self.init(first, last)
    }

    /// One reply time in milliseconds.
    func milliseconds(draw: Double) -> Int {
        shortest + min(longest - shortest, Int(draw * Double(longest - shortest + 1)))
    }
}
