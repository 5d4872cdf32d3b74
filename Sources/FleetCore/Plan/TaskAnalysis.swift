package import JSON

/// What the manager found out about a task before anything was planned.
package struct TaskAnalysis: Sendable, Equatable {
    /// How much work a task is, as the manager judges.
    package enum Complexity: String, Sendable, CaseIterable {
        case simple, moderate, complex

        /// How many specialists a task of this complexity gets: 2 to 5 (specification, "Selection Algorithm").
        package var specialistCount: Int {
            switch self {
            case .simple: 2
            case .moderate: 3
            case .complex: 5
            }
        }
    }

    /// Field of the task in a word or two; selection compares it with the specialists' words.
    package var domain: String
    /// Terms of the subject; selection compares them with the specialists' words.
    package var keywords: [String]
    /// In snake_case; selection tries to have a specialist for each.
    package var requiredCapabilities: [String]
    /// Decides how many specialists are chosen.
    package var complexity: Complexity
    /// What the answer has to deliver; a plan has to cover it. Those that a revision added stand at the end.
    package var requirements: [Requirement]

    package init(
        domain: String, keywords: [String], requiredCapabilities: [String], complexity: Complexity,
        requirements: [Requirement]
    ) {
        self.domain = domain
        self.keywords = keywords
        self.requiredCapabilities = requiredCapabilities
        self.complexity = complexity
        self.requirements = requirements
    }

    /// Reads a validated task_analysis answer; what is missing is taken as empty, unknown complexity as moderate.
    package init(_ answer: JSONValue) {
        domain = answer["domain"]?.string ?? ""
        keywords = answer.strings("keywords")
        requiredCapabilities = answer.strings("required_capabilities")
        complexity = answer["complexity"]?.string.flatMap(Complexity.init(rawValue:)) ?? .moderate
        requirements = (answer["requirements"]?.array ?? []).compactMap(Requirement.init)
    }

    /// Adds what a user's revision asks for, numbered on from what is there.
    ///
    /// - Parameters:
    ///   - answers: entries of a scoping's `new_requirements`; those without a text, or that are there already, are left
    ///     out.
    ///   - keys: of the parts that are done again for it.
    package mutating func add(_ answers: [JSONValue], to keys: [String]) {
        var last = requirements.compactMap { Int($0.id.dropFirst()) }.max() ?? 0
        for answer in answers {
            guard var new = Requirement(answer), !new.text.allSatisfy(\.isWhitespace),
                !requirements.contains(where: { $0.text == new.text })
            else { continue }
            last += 1
            new.id = "R\(last)"
            new.addedTo = keys
            requirements.append(new)
        }
    }

    /// What revisions asked for beyond the analysis.
    package var addedRequirements: [Requirement] { requirements.filter { $0.addedTo != nil } }

    /// The stored form, readable by ``init(_:)``.
    package var json: JSONValue {
        [
            "domain": .string(domain), "keywords": .strings(keywords),
            "required_capabilities": .strings(requiredCapabilities), "complexity": .string(complexity.rawValue),
            "requirements": .array(requirements.map(\.json)),
        ]
    }
}
