import Testing

@testable import ProviderTwin

/// Whole tasks with complete prompts: what share of the work is sent back, and that everything is well in the end.
@Suite(.timeLimit(.minutes(5)))
struct WholeTaskTests {
    private static let tasks: [(title: String, description: String)] = (1...60).map { number in
        (
            "Cash-flow plan \(number) for a market launch",
            """
            We sell heat pumps in region \(number) and need a plan for the next year. Describe the market and its \
            competitors with figures. Estimate the cost of each sales channel for \(number) partners. The plan must \
            stay within a budget of EUR \(number),000. It should say which risks decide the result. Name the first \
            three steps and who takes them. Ideally the legal limits of subscriptions are explained.
            """
        )
    }

    @Test func firstVersionsAreSentBackAtTheStatedRatesAndEverythingEndsWell() {
        var total = MiniFleet.Outcome()
        var finalRepeats = 0
        for task in Self.tasks {
            let outcome = MiniFleet().run(title: task.title, description: task.description)
            #expect(outcome.isApproved, "\(task.title)")
            #expect(outcome.silentMusts.isEmpty, "\(task.title): \(outcome.silentMusts)")
            #expect(outcome.limitations.allSatisfy { !$0.contains("shown") }, "\(outcome.limitations)")
            total.firstVersions += outcome.firstVersions
            total.refusedFirst += outcome.refusedFirst
            total.rejectedFirst += outcome.rejectedFirst
            total.faulty += outcome.faulty
            total.caught += outcome.caught
            total.laterVersions += outcome.laterVersions
            total.refusedLater += outcome.refusedLater
            total.words += outcome.words
            total.bytes.merge(outcome.bytes) { $0 + $1 }
            finalRepeats += outcome.finalVersions - 1
        }
        print(
            "first", total.firstVersions, "refused", total.refusedFirst, "rejected", total.rejectedFirst, "faulty",
            total.faulty, "caught", total.caught, "later", total.laterVersions, "refused", total.refusedLater,
            "final repeats", finalRepeats)
        for (stage, bytes) in total.bytes.sorted(by: { $0.key < $1.key }) {
            print(stage, bytes.count, "tokens", bytes.reduce(0, +) / bytes.count / 4, "max", (bytes.max() ?? 0) / 4)
        }
        print("words", total.words.min() ?? 0, total.words.reduce(0, +) / total.words.count, total.words.max() ?? 0)
        let share = Double(total.refusedFirst) / Double(total.firstVersions)
        #expect((0.12...0.24).contains(share), "\(share)")
    }
}
