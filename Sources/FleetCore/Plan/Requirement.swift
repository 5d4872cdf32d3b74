package import JSON

/// One thing that a task's answer has to deliver; plans cover it, reviews check it, the answer names it.
package struct Requirement: Sendable, Equatable {
    /// How much depends on it.
    package enum Level: String, Sendable, CaseIterable {
        /// The answer fails without it, or has to admit that it is missing.
        case must
        /// It makes the answer better.
        case should
    }

    /// `R1`, `R2`, ...: what plans, solutions and reviews call it.
    package var id: String
    /// One statement that can be checked.
    package var text: String
    /// Whether the answer may leave it out.
    package var level: Level
    /// How one sees that it is met; may be empty.
    package var check: String
    /// A user's revision asked for it: keys of the parts that it was to be met by, none if the answer itself has to; nil for
    /// one of the analysis, which the plan covers.
    package var addedTo: [String]?
    /// Why no part of the plan serves it; nil if one does.
    package var uncoveredBecause: String?

    package init(id: String, text: String, level: Level = .must, check: String = "", addedTo: [String]? = nil) {
        self.id = id
        self.text = text
        self.level = level
        self.check = check
        self.addedTo = addedTo
    }

    /// Reads a model's or the stored form; nil if it has no id. An unknown level counts as `must`: nothing that was asked
    /// for gets lost.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, !id.isEmpty else { return nil }
        self.init(
            id: id, text: json["text"]?.string ?? "",
            level: json["level"]?.string.flatMap(Level.init(rawValue:)) ?? .must, check: json["check"]?.string ?? "",
            addedTo: json["added_to"]?.array?.compactMap(\.string))
        uncoveredBecause = json["uncovered"]?.string
    }

    /// The stored form, readable by ``init(_:)``.
    package var json: JSONValue {
        var object = JSONObject()
        object["id"] = .string(id)
        object["text"] = .string(text)
        object["level"] = .string(level.rawValue)
        if !check.isEmpty { object["check"] = .string(check) }
        if let addedTo { object["added_to"] = .strings(addedTo) }
        if let uncoveredBecause { object["uncovered"] = .string(uncoveredBecause) }
        return .object(object)
    }

    /// For a limitation that people read.
    package var named: String { "\(id) (\(text.cut(to: 160)))" }
}

extension [Requirement] {
    /// Those that an answer may not leave out in silence.
    package var musts: [Requirement] { filter { $0.level == .must } }

    /// The ones of a part of the plan: those it covers and those that a revision added to it; of the analysis all, if it
    /// covers none, as in a template plan.
    package func served(by covers: [String], key: String) -> [Requirement] {
        filter { requirement in
            guard let addedTo = requirement.addedTo else { return covers.isEmpty || covers.contains(requirement.id) }
            return addedTo.contains(key)
        }
    }
}
