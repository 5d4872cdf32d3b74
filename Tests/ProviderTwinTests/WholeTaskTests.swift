import Foundation
import Testing

@testable import ProviderTwin

/// Whole tasks: with complete prompts everything is well in the end, and every kind of hidden input makes it worse.
@Suite(.timeLimit(.minutes(5)))
struct WholeTaskTests {
    /// The backlog of the demo.
    private static let tasks: [(title: String, description: String, context: String?)] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let lines = try? String(contentsOf: root.appending(path: "ops/examples/backlog.jsonl"), encoding: .utf8)
        return (lines ?? "").split(separator: "\n").compactMap { line in
            guard let task = WireFormatTests.object(String(line)) as? [String: Any],
                let title = task["title"] as? String, let description = task["description"] as? String
            else { return nil }
            return (title, description, task["context"].map { Material.json($0) })
        }
    }()

    /// Each task of the backlog once, with complete prompts. Its JSON objects are read only once they are made.
    private nonisolated(unsafe) static let complete = outcomes(tasks.count)

    private static func outcomes(
        _ count: Int, mode: AnswerMode = .inputs, hidden: [String: Set<String>] = [:]
    ) -> [MiniFleet.Outcome] {
        (0..<count).map { index in
            let task = tasks[index % tasks.count]
            return MiniFleet(seed: UInt64(index), mode: mode, hidden: hidden)
                .run(title: task.title, description: task.description, context: task.context)
        }
    }

    @Test func completePromptsEndWell() throws {
        try #require(Self.tasks.count > 30)
        let outcomes = Self.outcomes(2 * Self.tasks.count)
        for outcome in outcomes {
            #expect(outcome.isApproved && outcome.refusedLater == 0)
            #expect(outcome.silentMusts.isEmpty)
            #expect(outcome.limitations.allSatisfy { !$0.contains("shown") })
        }
        func sum(_ value: (MiniFleet.Outcome) -> Int) -> Double { Double(outcomes.map(value).reduce(0, +)) }
        let first = sum(\.firstVersions)
        #expect((0.13...0.21).contains(sum(\.refusedFirst) / first), "\(sum(\.refusedFirst)) of \(first)")
        #expect((0.01...0.05).contains(sum(\.rejectedFirst) / first), "\(sum(\.rejectedFirst)) of \(first)")
        #expect(sum(\.faulty) > 20 && sum(\.caught) == sum(\.faulty))
        #expect((1...15).contains(sum(\.finalVersions) - Double(outcomes.count)))
    }

    @Test(arguments: [
        ("Please describe the budget and the costs again, for a smaller team", "specific_subtasks"),
        ("Make it friendlier", "final_answer"),
    ])
    func revisionsOfTheUserEndWellToo(request: String, scope: String) {
        var scopes: Set<String> = []
        for (index, first) in Self.complete.enumerated() {
            let outcome = MiniFleet(seed: UInt64(index)).revise(first.end, request: request)
            #expect(outcome.isApproved && outcome.refusedLater == 0)
            #expect(outcome.finalVersions == 1)
            #expect(outcome.silentMusts.isEmpty)
            let requirements = outcome.end.analysis["requirements"] as? [[String: Any]] ?? []
            #expect(requirements.last?["text"] as? String == request)
            #expect(outcome.end.answer?.text.contains(Section.escape(request)) == true)
            scopes.insert(outcome.scope)
        }
        #expect(scopes.contains(scope), "\(scopes)")
    }

    /// Tokens of the answers, at four bytes each.
    @Test func answersAreAboutAsLongAsRealOnes() {
        let wanted = [
            "task_analysis": 450, "specialist_selection": 350, "task_decomposition": 900, "subtask_execution": 1100,
            "solution_review": 700, "coordination": 1800, "synthesis": 2500, "final_review": 600,
        ]
        let all = Self.complete.map(\.bytes)
        for (stage, tokens) in wanted {
            let sizes = all.flatMap { $0[stage] ?? [] }
            let mean = sizes.reduce(0, +) / max(1, sizes.count) / 4
            #expect((tokens * 7 / 10...tokens * 13 / 10).contains(mean), "\(stage): \(mean)")
        }
    }

    @Test func drawnVerdictsEndWellToo() {
        for outcome in Self.outcomes(20, mode: .hash) {
            #expect(outcome.isApproved && outcome.refusedLater == 0 && outcome.faulty == 0)
            #expect(outcome.silentMusts.isEmpty && outcome.limitations.isEmpty)
        }
    }

    @Test(arguments: [
        ("subtask_execution", "feedback"), ("subtask_execution", "solution"), ("subtask_execution", "requirements"),
        ("subtask_execution", "dependency"), ("subtask_execution", "constraints"),
        ("subtask_execution", "rejected_solution"), ("solution_review", "requirements"),
        ("final_review", "analysis"), ("synthesis", "analysis"), ("synthesis", "feedback"),
    ])
    func hiddenInputsMakeRunsWorse(stage: String, tag: String) {
        func harm(_ outcomes: [MiniFleet.Outcome]) -> Int {
            outcomes.map { $0.refusedFirst + $0.refusedLater + $0.silentMusts.count + ($0.isApproved ? 0 : 5) }
                .reduce(0, +)
        }
        let complete = harm(Self.complete)
        let worse = harm(Self.outcomes(Self.complete.count, hidden: [stage: [tag]]))
        #expect(worse > complete, "\(stage) without \(tag): \(complete), \(worse)")
    }
}
