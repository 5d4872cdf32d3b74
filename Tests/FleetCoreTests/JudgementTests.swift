import FleetCore
import JSON
import Testing

/// What reviews come to in code, whatever their verdict says.
@Suite struct JudgementTests {
    private let requirements = [
        Requirement(id: "R1", text: "One."), Requirement(id: "R2", text: "Two."),
        Requirement(id: "R3", text: "Three.", level: .should),
    ]

    private func review(
        _ score: JSONValue, unmet: [String] = [], weaknesses: [String] = []
    ) -> JSONValue {
        [
            "scores": ["completeness": score, "accuracy": score, "relevance": score, "quality": score],
            "requirement_checks": .array(
                ["R1", "R2", "R3"].map {
                    ["id": .string($0), "met": unmet.contains($0) ? "no" : "yes", "place": "Section 1"]
                }),
            "weaknesses": .array(
                weaknesses.map { ["place": "Table 1", "text": "The sum is wrong.", "severity": .string($0)] }),
        ]
    }

    @Test func agoodReviewAccepts() throws {
        let judgement = try #require(ReviewJudgement(review(9), requirements: requirements))
        #expect(judgement.verdict == .accepted && judgement.adjustedBy == [] && judgement.score == judgement.raw)
    }

    @Test func anUnmetMustIsNeverAccepted() throws {
        let judgement = try #require(ReviewJudgement(review(10, unmet: ["R2"]), requirements: requirements))
        #expect(judgement.score.completeness == 6 && judgement.raw.completeness == 10)
        #expect(judgement.score.weighted == 8.8)
        #expect(judgement.verdict == .needsRevision)
        #expect(judgement.adjustedBy == ["unmet_must"] && judgement.unmet == ["R2"])
    }

    @Test func whatOnlyShouldBeOrBelongsToOthersDecidesNothing() throws {
        let should = try #require(ReviewJudgement(review(9, unmet: ["R3"]), requirements: requirements))
        #expect(should.verdict == .accepted)
        let others = requirements.served(by: ["R1"], key: "s1")
        let judgement = try #require(ReviewJudgement(review(9, unmet: ["R2"]), requirements: others))
        #expect(judgement.verdict == .accepted && judgement.unmet == [])
    }

    @Test(arguments: [("minor", ReviewVerdict.accepted), ("major", .accepted), ("critical", .needsRevision)])
    func aCriticalWeaknessIsNeverAccepted(severity: String, verdict: ReviewVerdict) throws {
        let judgement = try #require(
            ReviewJudgement(review(10, weaknesses: [severity]), requirements: requirements))
        #expect(judgement.verdict == verdict)
        #expect(judgement.score.accuracy == (verdict == .accepted ? 10 : 4.9))
    }

    @Test func gatesNeverRaiseAScore() throws {
        let judgement = try #require(
            ReviewJudgement(review(3, unmet: ["R1"], weaknesses: ["critical"]), requirements: requirements))
        #expect(judgement.score == judgement.raw && judgement.verdict == .rejected)
    }

    @Test(arguments: [85, -1, "8", nil] as [JSONValue]) func whatIsNoScoreIsNoReview(score: JSONValue) {
        #expect(ReviewJudgement(review(score), requirements: requirements) == nil)
    }

    // MARK: - The final review

    private func final(
        approved: Bool, unmet: [String] = [], stated: [String] = [], weaknesses: [String] = [], requests: [String] = []
    ) -> FinalJudgement {
        var answer = review(9, unmet: unmet, weaknesses: weaknesses).object ?? JSONObject()
        answer["approved"] = .bool(approved)
        answer["limitation_checks"] = .array(stated.map { ["part": .string($0), "stated": true] })
        answer["revision_requests"] = .array(requests.map { ["id": "Q1", "text": .string($0)] })
        return FinalJudgement(.object(answer), requirements: requirements)
    }

    @Test func anApprovalNeedsEveryMustMetOrStated() {
        #expect(final(approved: true).isApproved)
        let silent = final(approved: true, unmet: ["R1"])
        #expect(!silent.isApproved && silent.isOverruled && silent.unstated.map(\.id) == ["R1"])
        // What is not met and asked for by nobody is asked for all the same.
        #expect(silent.requests == ["Meet R1, or state plainly that it is not met: Section 1"])
        let honest = final(approved: true, unmet: ["R1"], stated: ["R1"])
        #expect(honest.isApproved && honest.stated.map(\.id) == ["R1"])
        #expect(final(approved: true, unmet: ["R3"]).isApproved)
    }

    @Test func anApprovalWithACriticalWeaknessIsSentBack() {
        let judgement = final(approved: true, weaknesses: ["critical"])
        #expect(!judgement.isApproved && judgement.isOverruled)
        #expect(judgement.requests == ["Correct Table 1: The sum is wrong."])
        #expect(final(approved: true, weaknesses: ["major"]).isApproved)
    }

    @Test func aRefusalStaysARefusal() {
        let judgement = final(approved: false, requests: ["Say it first."])
        #expect(!judgement.isApproved && !judgement.isOverruled && judgement.requests == ["Say it first."])
    }

    // MARK: - Requirements

    @Test func whatARevisionAddsIsNumberedOn() {
        var analysis = TaskAnalysis([
            "requirements": [["id": "R1", "text": "One.", "level": "should"], ["id": "R2", "text": "Two."]]
        ])
        analysis.add(
            [["id": "R1", "text": "Three."], ["id": "R9", "text": " "], ["id": "R4", "text": "Two."]], to: ["s1"])
        analysis.add([["id": "R3", "text": "Four.", "level": "should"]], to: [])
        #expect(analysis.requirements.map(\.id) == ["R1", "R2", "R3", "R4"])
        #expect(analysis.addedRequirements.map(\.text) == ["Three.", "Four."])
        // Unless somebody says otherwise, it must be.
        #expect(analysis.requirements.musts.map(\.id) == ["R2", "R3"])
        #expect(TaskAnalysis(analysis.json) == analysis)
    }

    @Test func aPartServesWhatItCoversAndWhatWasAddedToIt() {
        let all =
            requirements + [
                Requirement(id: "R4", text: "Four.", addedTo: ["s1"]),
                Requirement(id: "R5", text: "Five.", addedTo: []),
            ]
        #expect(all.served(by: ["R2"], key: "s1").map(\.id) == ["R2", "R4"])
        #expect(all.served(by: ["R2"], key: "s2").map(\.id) == ["R2"])
        // A part of a template plan names none: it owes what the analysis found.
        #expect(all.served(by: [], key: "s2").map(\.id) == ["R1", "R2", "R3"])
    }

    /// A gate that sends work back says why, whatever else is asked for.
    @Test func whatAGateFoundIsAskedForBesideTheReviewersRequests() {
        let judgement = final(approved: true, unmet: ["R1", "R2"], stated: ["R2"], requests: ["Fix a typo."])
        #expect(judgement.requests == ["Fix a typo.", "Meet R1, or state plainly that it is not met: Section 1"])
        #expect(final(approved: false, unmet: ["R1"], requests: ["Answer R1."]).requests == ["Answer R1."])
    }
}
