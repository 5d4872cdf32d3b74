import FleetCore
import Testing

@Suite struct BackoffTests {
    @Test func backoffDoublesFromOneToSixteenSecondsAndEndsAfterFiveRetries() {
        let backoff = Backoff(jitter: 0)
        let waits = (1...5).map { backoff.delay(afterFailures: $0, random: 0) }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)])
        #expect(backoff.delay(afterFailures: 6, random: 0) == nil)
    }

    @Test func jitterOnlyAddsAndTheProvidersWishIsTheMinimum() throws {
        let backoff = Backoff()
        for failures in 1...5 {
            let low = try #require(backoff.delay(afterFailures: failures, random: 0))
            let high = try #require(backoff.delay(afterFailures: failures, random: 0.999))
            #expect(high > low && high <= low * 1.25)
        }
        #expect(backoff.delay(afterFailures: 1, atLeast: .seconds(30), random: 0) == .seconds(30))
        // Hours are not stretched to more hours.
        let late = try #require(backoff.delay(afterFailures: 1, atLeast: .seconds(10_000), random: 0.999))
        #expect(late > .seconds(10_000) && late <= .seconds(10_060))
    }
}
