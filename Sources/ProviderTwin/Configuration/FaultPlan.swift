/// How often each fault happens. A request has at most one fault, so the rates add up to at most 1.
package struct FaultPlan: Sendable, Equatable {
    /// Share of the requests, 0...1, for each fault that is switched on.
    package let rates: [FaultKind: Double]

    /// No faults.
    package static let none = FaultPlan()

    private init() {
        rates = [:]
    }

    /// Checks names and rates.
    ///
    /// - Throws: `TwinError` naming the kind and what is allowed.
    package init(rates namedRates: [(name: String, rate: Double)], code: TwinError.Code = .invalidSetting) throws {
        var rates: [FaultKind: Double] = [:]
        for (name, rate) in namedRates {
            guard let kind = FaultKind(rawValue: name) else {
                throw TwinError(code: code, message: "unknown fault '\(name)', allowed: \(FaultKind.allowedNames)")
            }
            guard rate >= 0, rate <= 1 else {
                throw TwinError(code: code, message: "fault \(name): rate \(rate) is not allowed, allowed: 0 to 1")
            }
            rates[kind] = rate
        }
        let total = rates.values.reduce(0, +)
        guard total <= 1.000_001 else {
            throw TwinError(code: code, message: "fault rates add up to \(total), allowed: at most 1 in total")
        }
        self.rates = rates.filter { $0.value > 0 }
    }

    /// Reads `KIND=RATE` command line values.
    ///
    /// - Throws: `TwinError` naming the value, the kind and what is allowed.
    package init(arguments: [String]) throws {
        let pairs = try arguments.map { argument in
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let rate = Double(parts[1]) else {
                throw TwinError(
                    code: .invalidSetting,
                    message: "--fault '\(argument)' is not KIND=RATE, kinds: \(FaultKind.allowedNames)"
                )
            }
            return (name: String(parts[0]), rate: rate)
        }
        try self.init(rates: pairs)
    }

    /// The fault of one request, if any.
    ///
    /// - Parameter draw: a uniform number in 0..<1
    func fault(draw: Double) -> FaultKind? {
        if rates.isEmpty { return nil }
        var edge = 0.0
        for kind in FaultKind.allCases {
            guard let rate = rates[kind] else { continue }
            edge += rate
            if draw < edge { return kind }
        }
        return nil
    }
}
