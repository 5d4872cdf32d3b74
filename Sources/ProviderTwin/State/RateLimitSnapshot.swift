/// What the rate-limit headers of one reply say. Nanoseconds are counted from the request's arrival.
struct RateLimitSnapshot: Equatable {
    var requestLimit: Int?
    var tokenLimit: Int?
    var used: SlidingWindow.Sums
    var resetNanoseconds: UInt64
}
