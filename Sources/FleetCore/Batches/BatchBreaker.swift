/// When a batch is paused by itself: one fault makes up most of its failures.
///
/// Looked at are the last thousand results since the batch was made, or resumed for the last time. The breaker trips when
/// at least ``minimum`` of its tasks have ended, at least ``leastFailures`` of those that have ended or are at work have
/// failed, and one fingerprint makes up at least ``share`` of the failures. What is at work counts because failures come
/// quickly and answers slowly: else the first results of a good batch would look like those of a bad one.
package struct BatchBreaker: Sendable, Equatable {
    /// 0 to 1, of the failures.
    package var share: Double
    /// Tasks that have ended before it says anything.
    package var minimum: Int

    /// The specification's critical error rate.
    package static let leastFailures = 0.15
    /// Results that are looked at.
    package static let window = 1000

    package init(share: Double = 0.5, minimum: Int = 20) {
        self.share = share
        self.minimum = minimum
    }

    /// What was found.
    package struct Findings: Sendable, Equatable {
        /// Tasks that have ended, cancelled ones aside.
        package var ended: Int
        /// Failed, or completed in part only.
        package var failed: Int
        package var atWork: Int
        /// Of the failures the most frequent, and how many tasks have it; nil: none left a dead letter.
        package var top: (fingerprint: String, tasks: Int)?

        package init(ended: Int, failed: Int, atWork: Int, top: (fingerprint: String, tasks: Int)?) {
            self.ended = ended
            self.failed = failed
            self.atWork = atWork
            self.top = top
        }

        package static func == (left: Findings, right: Findings) -> Bool {
            left.ended == right.ended && left.failed == right.failed && left.atWork == right.atWork
                && left.top?.fingerprint == right.top?.fingerprint && left.top?.tasks == right.top?.tasks
        }
    }

    /// Why the batch is to be paused; nil: it goes on.
    package func reason(_ found: Findings) -> String? {
        guard let top = found.top, found.ended >= minimum,
            Double(found.failed) >= Self.leastFailures * Double(found.ended + found.atWork),
            Double(top.tasks) >= share * Double(found.failed)
        else { return nil }
        return "\(found.failed) of \(found.ended) tasks that ended have failed, \(top.tasks) of them with fingerprint "
            + "\(top.fingerprint): mixmyai dlq list"
    }

    /// Reads `50% of 20`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "of", words[0].last == "%", let percent = Double(words[0].dropLast()),
            percent > 0, percent <= 100, let minimum = Int(words[2]), (1...1_000_000).contains(minimum)
        else { return nil }
        self.init(share: percent / 100, minimum: minimum)
    }
}

extension BatchBreaker: CustomStringConvertible {
    /// As it is written: `50% of 20`.
    package var description: String {
        let tenths = Int((share * 1000).rounded())
        return (tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)") + "% of \(minimum)"
    }
}
