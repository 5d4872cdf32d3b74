import JSON

/// What makes a task of a batch the same one when it is handed in again: its owner's name for it; else its content, and
/// which of several equal ones it is. The id is made of it, so that the row itself remembers, and two that hand in the same
/// at once cannot both write it.
package struct BatchTaskKey: Sendable, Hashable {
    private let hash: [UInt8]

    /// - Parameter occurrence: from 1, among the tasks of the same content that are handed in together.
    package init(user: String, batch: String, _ submission: TaskSubmission, occurrence: Int) {
        hash =
            if let customID = submission.customID {
                Self.hash(of: ["custom_id", user, batch, customID])
            } else {
                Self.hash(of: ["content", user, batch, Self.content(submission), "\(occurrence)"])
            }
    }

    /// The id of the task.
    ///
    /// - Parameter prefix: the batch's; nil: it was made before ids had a time.
    package func id(after prefix: String?) -> String {
        guard let prefix else { return "task_" + Self.text(of: hash, characters: 20) }
        let number = hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        return prefix + TimedID.characters(of: number, count: TimedID.keyLength)
    }

    /// The same for the same title, description, priority and context, however they are written.
    package static func content(_ submission: TaskSubmission) -> String {
        text(
            of: hash(of: [
                submission.title, submission.description, submission.priority.rawValue,
                submission.context?.serialized(sortedKeys: true) ?? "",
            ]), characters: 26)
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// Of the parts, each with its length before it, so that no two lists are one text.
    private static func hash(of parts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes += "\(part.utf8.count):".utf8
            bytes += part.utf8
        }
        return Array(SHA256.hash(bytes))
    }

    /// Base 32.
    private static func text(of hash: [UInt8], characters: Int) -> String {
        let letters = (0..<characters).map { place -> UInt8 in
            let bit = place * 5
            let pair = UInt16(hash[bit / 8]) << 8 | UInt16(bit / 8 + 1 < hash.count ? hash[bit / 8 + 1] : 0)
            return alphabet[Int(pair >> (11 - UInt16(bit % 8)) & 31)]
        }
        return String(decoding: letters, as: UTF8.self)
    }
}

/// Counts tasks of the same content among those that are handed in together.
package struct OccurrenceCounter: Sendable {
    /// Half a hash each: a backlog has millions of lines.
    private struct Key: Hashable, Sendable {
        var high: UInt64
        var low: UInt64
    }

    private var counts: [Key: UInt32] = [:]

    package init() {}

    /// Which one of its content this is, from 1; nil if it needs no number: it is in no batch, or has a name of its own.
    package mutating func next(_ submission: TaskSubmission, user: String?, batch: String?) -> Int? {
        guard let batch, submission.customID == nil else { return nil }
        let text = "\(BatchTaskKey.content(submission))/\(user ?? "")/\(batch)"
        let hash = SHA256.hash(Array(text.utf8)).prefix(16).map(UInt64.init)
        let key = Key(
            high: hash[..<8].reduce(0) { $0 << 8 | $1 }, low: hash[8...].reduce(0) { $0 << 8 | $1 })
        let count = counts[key, default: 0] + 1
        counts[key] = count
        return Int(count)
    }
}
