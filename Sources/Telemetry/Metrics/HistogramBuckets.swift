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
    /// Calls to models and waits for capacity: 50 ms to 10 min.
    package static let callSeconds = Self([0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600])
}
