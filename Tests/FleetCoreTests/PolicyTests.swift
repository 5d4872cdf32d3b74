import FleetCore
import FleetTesting
import Testing

@Suite struct PolicyTests {
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

    @Test(arguments: [
        (7.0, ReviewVerdict.accepted), (6.999, .needsRevision), (5.0, .needsRevision), (4.999, .rejected),
    ])
    func thresholdsAreExact(score: Double, verdict: ReviewVerdict) throws {
        let review = try #require(
            ReviewScore(completeness: score, accuracy: score, relevance: score, quality: score))
        #expect(review.verdict == verdict)
    }

    @Test func scoresAreWeightedThirtyThirtyTwentyTwenty() throws {
        let review = try #require(ReviewScore(completeness: 10, accuracy: 5, relevance: 2, quality: 1))
        #expect(review.weighted == 5.1)
        #expect(ReviewScore(completeness: 11, accuracy: 5, relevance: 5, quality: 5) == nil)
        #expect(ReviewScore(completeness: .nan, accuracy: 5, relevance: 5, quality: 5) == nil)
    }

    @Test func timesAreWrittenAsTheApiShowsThem() {
        #expect(Timestamp.iso8601(microseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(Timestamp.iso8601(microseconds: 1_795_341_600_000_001) == "2026-11-22T10:00:00.000001Z")
        #expect(Timestamp.iso8601(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
        #expect(Timestamp.day(microseconds: 951_782_400_000_000) == "2000-02-29")
    }

    @Test func moneyIsExact() {
        #expect(Decimal6("0.1")?.millionths == 100_000)
        #expect(Decimal6("12.000001")?.description == "12.000001")
        #expect(Decimal6("1.0000001") == nil)
        #expect(Decimal6("-1") == nil)
        #expect(Decimal6("") == nil)
    }
}
