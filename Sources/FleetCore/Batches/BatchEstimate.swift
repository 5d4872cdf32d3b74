/// How long a batch still takes: in the middle, and at most in nine of ten cases.
///
/// The model: tasks end as a Poisson stream of an unknown rate that stays what it is. After k ends in w seconds (a
/// ``BatchPace``) the rate is distributed as Gamma(k, w), and the n ends that are missing take Gamma(n, rate); so the time
/// is w · n/k · F with F distributed as F(2n, 2k). It is wide after few ends and narrow after many, whatever is missing.
/// The quantiles of F are those of Paulson's approximation (the cube root of F is almost normal), within a few percent from
/// k = 3 on; before, there is no estimate.
///
/// What it cannot know: a provider that gets slower, a pause, work that comes in between, the last tasks that take longer
/// than others. It is made anew from what is measured each time.
package struct BatchEstimate: Sendable, Equatable {
    /// Seconds.
    package var p50: Double
    package var p90: Double

    /// Ends before which nothing is said.
    package static let fewest = 3

    /// Nil if nothing can be said: nothing is missing, it does not go on, or too little was seen.
    ///
    /// - Parameter missing: tasks that have not ended.
    package init?(missing: Int, pace: BatchPace?, isPaused: Bool) {
        guard missing > 0, !isPaused, let pace, pace.ends >= Self.fewest else { return nil }
        let mean = pace.seconds * Double(missing) / Double(pace.ends)
        p50 = mean * Self.quantile(normal: 0, missing, pace.ends)
        p90 = mean * Self.quantile(normal: 1.281_551_565_545, missing, pace.ends)
    }

    /// Of F(2n, 2k): z solves ((1-b)x - (1-a)) / sqrt(bx² + a) for x, the cube root.
    private static func quantile(normal z: Double, _ n: Int, _ k: Int) -> Double {
        let (a, b) = (1 / (9 * Double(n)), 1 / (9 * Double(k)))
        let (square, half, rest) = (
            (1 - b) * (1 - b) - z * z * b, (1 - a) * (1 - b), (1 - a) * (1 - a) - z * z * a
        )
        let root = (half + max(0, half * half - square * rest).squareRoot()) / square
        return root * root * root
    }
}
