extension InputManifest {
    /// Where a prompt file and the manifest disagree about a kind's sections, in words; empty if they agree.
    ///
    /// The part of the file under the heading `## Input` is read: what stands there as `` `<tag>` `` is named. Elements
    /// inside sections may be named as well, marks of cuts and the parts of a repair too.
    package func disagreements(with prompt: String, for kind: StepKind) -> [String] {
        let named = Self.namedTags(in: prompt)
        let sections = self[kind]?.sections ?? []
        let tags = Set(sections.map(\.tag))
        let inner = sections.reduce(into: Self.marks) { $0.formUnion($1.source.innerTags) }
        let unknown = named.subtracting(tags).subtracting(inner).sorted()
        return unknown.map { "the prompt names <\($0)>, which the input manifest does not give to \(kind.rawValue)" }
            + tags.subtracting(named).sorted().map {
                "the input manifest gives <\($0)> to \(kind.rawValue), which the prompt's section 'Input' does not name"
            }
    }

    /// What every prompt may speak of.
    private static let marks: Set<String> = ["cut", "invalid_answer", "errors"]

    static func namedTags(in prompt: String) -> Set<String> {
        var tags: Set<String> = []
        var isInput = false
        for line in prompt.split(separator: "\n") {
            if line.hasPrefix("## ") { isInput = line.dropFirst(3).trimmed == "Input" }
            guard isInput else { continue }
            for part in line.split(separator: "`", omittingEmptySubsequences: false).dropFirst()
            where part.hasPrefix("<") {
                let name = part.dropFirst().prefix { $0.isASCII && ($0.isLowercase || $0 == "_") }
                if !name.isEmpty { tags.insert(String(name)) }
            }
        }
        return tags
    }

    /// Twelve hexadecimal digits that change with whatever shapes a kind's prompts: its sections, the instructions and
    /// the schema; see ``FNV1a``.
    package func promptVersion(_ kind: StepKind, instructions: String, schema: OutputSchema) -> String {
        var hash = FNV1a()
        func add(_ text: String) {
            hash.add(text.utf8)
            hash.add(CollectionOfOne(0))
        }
        if let entry = self[kind] {
            add(String(entry.cap))
            for section in entry.sections {
                add(section.tag)
                add(section.source.rawValue)
                add(section.zone.rawValue)
                add(section.need.rawValue)
                add("\(section.budget) \(section.grows)")
                add(section.cuts.map(\.rawValue).joined(separator: " "))
            }
        }
        add(instructions)
        add(schema.json)
        let digits = String(hash.value, radix: 16)
        return String((String(repeating: "0", count: 16 - digits.count) + digits).prefix(12))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return text
    }
}
