package import JSON

/// A task as its owner hands it in: the body of `POST /api/v1/tasks`, checked.
package struct TaskSubmission: Sendable, Equatable {
    /// 1 to 500 characters.
    package var title: String
    /// 20 to 10,000 characters: what the manager analyses.
    package var description: String
    /// `medium` if none was given.
    package var priority: Priority
    /// An object; nil if none was given.
    package var context: JSONValue?
    /// ``context`` as it is stored: compact JSON.
    package var contextText: String? { context?.serialized() }
    /// Nil: whoever sends it.
    package var userID: String?
    /// Name of the batch it belongs to; nil if it is in none.
    package var batch: String?
    /// Its owner's name for it, unique in its batch; nil if it has none.
    package var customID: String?
    /// Which of several of the same content in the batch it is, from 1; nil: as they come.
    package var occurrence: Int?

    /// Checks nothing: ``validate(_:)`` does.
    package init(
        title: String, description: String, priority: Priority = .medium, context: JSONValue? = nil,
        userID: String? = nil, batch: String? = nil, customID: String? = nil, occurrence: Int? = nil
    ) {
        self.title = title
        self.description = description
        self.priority = priority
        self.context = context
        self.userID = userID
        self.batch = batch
        self.customID = customID
        self.occurrence = occurrence
    }

    /// The largest context, in bytes of compact JSON.
    package static let contextLimit = 64 * 1024
    /// The longest batch name, in characters.
    package static let batchLimit = 200
    /// The longest name that an owner gives a task, in characters.
    package static let customIDLimit = 200
    /// What a body may have; others are passed over.
    package static let fields = [
        "title", "description", "priority", "context", "user_id", "batch", "custom_id", "occurrence",
    ]
    static let invalid = "Invalid task input"

    /// Checks a body.
    ///
    /// - Throws: all of its problems, by field.
    package static func validate(_ body: JSONValue) throws(ValidationError) -> TaskSubmission {
        var reader = try FieldReader(body, message: invalid)
        let title = reader.text("title", length: 1...500, isRequired: true)
        let description = reader.text("description", length: 20...10_000, isRequired: true)
        let priority = reader.choice("priority", of: Priority.self)
        let context = reader.context()
        let userID = reader.userID()
        let batch = reader.text("batch", length: 1...batchLimit, isRequired: false)
        let customID = reader.text("custom_id", length: 1...customIDLimit, isRequired: false)
        let occurrence = reader.occurrence()
        try reader.finish(message: invalid)
        // Both are there: an absent one would have been refused.
        return TaskSubmission(
            title: title ?? "", description: description ?? "", priority: priority ?? .medium, context: context,
            userID: userID, batch: batch, customID: customID, occurrence: occurrence)
    }

    /// Checks a batch name that stands outside a body.
    package static func validate(batch: String, field: String = "batch") throws(ValidationError) -> String {
        var reader = try FieldReader([:], message: invalid)
        _ = reader.check(batch, field, 1...batchLimit)
        try reader.finish(message: invalid)
        return batch
    }
}

extension FieldReader {
    fileprivate mutating func userID() -> String? {
        guard let value = value("user_id") else { return nil }
        let rule = "must be a string of 1 to 50 letters, digits or _ . @ : -"
        guard let text = value.string, UserID.isValid(text) else {
            refuse("user_id", value.string == nil ? "\(rule), not \(value.kind)" : rule)
            return nil
        }
        return text
    }

    fileprivate mutating func occurrence() -> Int? {
        guard let value = value("occurrence") else { return nil }
        guard let number = value.int, (1...1_000_000_000).contains(number) else {
            refuse("occurrence", "must be a whole number from 1 on")
            return nil
        }
        return number
    }

    fileprivate mutating func context() -> JSONValue? {
        guard let value = value("context") else { return nil }
        guard case .object = value else {
            refuse("context", "must be an object, not \(value.kind)")
            return nil
        }
        let size = value.serialized().utf8.count
        if size > TaskSubmission.contextLimit {
            refuse("context", "must be at most \(TaskSubmission.contextLimit) bytes of JSON, not \(size)")
            return nil
        }
        if let reason = value.unstorable {
            refuse("context", reason)
            return nil
        }
        return value
    }
}

/// Names of users.
package enum UserID {
    /// Who hands in tasks without saying who it is.
    package static let anonymous = "anonymous"

    /// 1 to 50 of `A-Z a-z 0-9 _ . @ : -`.
    package static func isValid(_ text: String) -> Bool {
        (1...50).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"),
                    UInt8(ascii: ":"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
