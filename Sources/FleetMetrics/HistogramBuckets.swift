/// Upper bounds of a histogram's buckets.
package struct HistogramBuckets: Sendable, Hashable {
    /// Ascending, without +Inf.
    package let bounds: [Double]

    /// Own bounds, ascending and finite; +Inf is added in the output.
    package init(_ bounds: [Double]) {
        self.bounds = bounds
    }

    /// Requests, statements and batches: 1 ms to 60 s.
    package static let seconds = Self([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
    /// Calls to models, attempts, and waits for capacity: 50 ms to 10 min.
    package static let callSeconds = Self([0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600])
    /// Waits in queues: 10 ms to a day.
    package static let waitSeconds = Self([0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 10_800, 86_400])
    /// Whole tasks: 1 s to a day.
    package static let taskSeconds = Self([
        1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 43_200, 86_400,
    ])
    /// US dollars of one call.
    package static let dollars = Self([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10])
    /// Attempts at a step.
    package static let attempts = Self([1, 2, 3, 4, 5, 8, 13])
}
