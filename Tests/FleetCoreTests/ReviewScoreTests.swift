import FleetCore
import Testing

@Suite struct ReviewScoreTests {
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
}
