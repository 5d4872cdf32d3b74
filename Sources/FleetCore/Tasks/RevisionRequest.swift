package import JSON

/// What the owner of a finished task wants changed: the body of `POST /api/v1/tasks/:id/revise`, checked.
package struct RevisionRequest: Sendable, Equatable {
    /// What is to change, in the user's words: 1 to 10,000 characters. Prompts show it.
    package var request: String
    /// Parts of the answer that it is about.
    package var areas: [String]
    /// Of the steps that are created for it; nil: the task's.
    package var priority: Priority?
    /// Where to start again; nil: the manager finds out.
    package var scope: RevisionScope?

    /// Checks nothing: ``validate(_:)`` does.
    package init(request: String, areas: [String] = [], priority: Priority? = nil, scope: RevisionScope? = nil) {
        self.request = request
        self.areas = areas
        self.priority = priority
        self.scope = scope
    }

    static let invalid = "Invalid revision request"
    private static let areaCount = 50

    /// Checks a body.
    ///
    /// - Throws: all of its problems, by field.
    package static func validate(_ body: JSONValue) throws(ValidationError) -> RevisionRequest {
        var reader = try FieldReader(body, message: invalid)
        let request = reader.text("revision_request", length: 1...10_000, isRequired: true)
        var areas: [String] = []
        if let value = reader.value("specific_areas") {
            if let elements = value.array, elements.count <= areaCount, elements.allSatisfy({ $0.string != nil }) {
                areas = elements.compactMap(\.string)
                for area in areas where !reader.check(area, "specific_areas", 1...500) { break }
            } else {
                reader.refuse(
                    "specific_areas", "must be an array of at most \(areaCount) strings of 1 to 500 characters")
            }
        }
        let priority = reader.choice("priority", of: Priority.self)
        let scope = reader.choice("scope", of: RevisionScope.self)
        try reader.finish(message: invalid)
        return RevisionRequest(request: request ?? "", areas: areas, priority: priority, scope: scope)
    }
}
