package import FleetCore

/// Reads an input manifest and checks each entry of it.
package enum InputManifestReader {
    /// Reads YAML text.
    ///
    /// - Parameter file: how errors name it.
    /// - Throws: sentences with file, line, kind, section, key and what is allowed; all that is wrong at once.
    package static func read(_ yaml: String, file: String = "inputs") throws(AgentCatalogueError) -> InputManifest {
        let document: YAMLNode?
        do {
            document = try YAMLDocument.parse(yaml)
        } catch {
            throw AgentCatalogueError(message: "\(file) is not YAML: \(error)")
        }
        guard let document, let members = document.members else {
            throw AgentCatalogueError(message: "\(file) must be a mapping with an entry per step kind")
        }
        let reader = Reader(file: file)
        var kinds: [StepKind: InputManifest.Kind] = [:]
        var problems = CatalogueProblems()
        for member in members {
            problems.collect { () throws(AgentCatalogueError) in
                guard let kind = StepKind(rawValue: member.key) else {
                    throw reader.problem(
                        member.line,
                        "'\(member.key)' is no step kind; they are "
                            + StepKind.allCases.map(\.rawValue).joined(separator: ", "))
                }
                kinds[kind] = try reader.entry(member.value, at: member.key)
            }
        }
        try problems.finish()
        for kind in StepKind.allCases where kinds[kind] == nil {
            throw AgentCatalogueError(message: "\(file): \(kind.rawValue) is missing: give it a cap and sections")
        }
        return InputManifest(kinds: kinds)
    }
}

private struct Reader {
    let file: String

    func problem(_ line: Int, _ text: String) -> AgentCatalogueError {
        AgentCatalogueError(message: "\(file):\(line): \(text)")
    }

    func entry(_ value: YAMLNode, at place: String) throws(AgentCatalogueError) -> InputManifest.Kind {
        try allow(["cap", "sections"], in: value, at: place)
        let cap = try tokens("cap", in: value, at: "\(place).cap")
        guard let entries = value["sections"]?.entries, !entries.isEmpty else {
            throw problem(value["sections"]?.line ?? value.line, "\(place).sections must be a list with entries")
        }
        var sections: [InputSection] = []
        for (index, entry) in entries.enumerated() {
            let section = try section(entry, at: "\(place).sections[\(index)]")
            guard !sections.contains(where: { $0.tag == section.tag }) else {
                throw problem(entry.line, "\(place): <\(section.tag)> is there twice")
            }
            sections.append(section)
        }
        let zones = InputZone.allCases
        let order = sections.compactMap { zones.firstIndex(of: $0.zone) }
        guard order == order.sorted() else {
            throw problem(
                value.line,
                "\(place): sections must be in the order of their zones: "
                    + zones.map(\.rawValue).joined(separator: ", "))
        }
        return InputManifest.Kind(cap: cap, sections: sections)
    }

    private func section(_ value: YAMLNode, at place: String) throws(AgentCatalogueError) -> InputSection {
        try allow(["tag", "zone", "need", "from", "budget", "grow", "cut"], in: value, at: place)
        guard let tag = try? value["tag"]?.text(),
            tag.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F })
        else {
            throw problem(value["tag"]?.line ?? value.line, "\(place).tag must be a name of a to z and _")
        }
        let named = "\(place) <\(tag)>"
        var grows = false
        if let value = value["grow"] {
            do {
                grows = try value.flag()
            } catch {
                throw problem(value.line, "\(named): grow \(error.text)")
            }
        }
        return InputSection(
            tag: tag, zone: try choice("zone", in: value, at: "\(named): zone"),
            need: try choice("need", in: value, at: "\(named): need"),
            source: try choice("from", in: value, at: "\(named): from"),
            budget: try tokens("budget", in: value, at: "\(named): budget"), grows: grows,
            cuts: try cuts(value, at: named))
    }

    private func cuts(_ section: YAMLNode, at place: String) throws(AgentCatalogueError) -> [InputCut] {
        let value = section["cut"]
        if value?.raw == "never" { return [] }
        guard let steps = value?.entries, !steps.isEmpty else {
            throw problem(
                value?.line ?? section.line,
                "\(place): cut must be never, or a list of " + InputCut.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        var cuts: [InputCut] = []
        for step in steps { cuts.append(try choice(step, section, at: "\(place): cut", or: "never")) }
        return cuts
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ field: String, in section: YAMLNode, at place: String
    ) throws(AgentCatalogueError) -> Choice {
        try choice(section[field], section, at: place)
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: YAMLNode?, _ section: YAMLNode, at place: String, or more: String? = nil
    ) throws(AgentCatalogueError) -> Choice {
        guard let choice = value?.raw.flatMap(Choice.init(rawValue:)) else {
            let allowed = Choice.allCases.map(\.rawValue) + [more].compactMap { $0 }
            throw problem(
                value?.line ?? section.line,
                "\(place) is \(value?.shown ?? "missing"): allowed are " + allowed.joined(separator: ", "))
        }
        return choice
    }

    private func tokens(
        _ field: String, in entry: YAMLNode, at place: String
    ) throws(AgentCatalogueError) -> Int {
        guard let value = entry[field] else {
            throw problem(entry.line, "\(place) is missing: allowed are whole numbers from 1 to 1000000")
        }
        do {
            return try value.integer(in: 1...1_000_000)
        } catch {
            throw problem(value.line, "\(place) \(error.text)")
        }
    }

    private func allow(_ names: [String], in value: YAMLNode, at place: String) throws(AgentCatalogueError) {
        guard let members = value.members else { throw problem(value.line, "\(place) must be a mapping") }
        for member in members where !names.contains(member.key) {
            throw problem(
                member.line, "\(place): '\(member.key)' is not known; allowed are \(names.joined(separator: ", "))")
        }
    }
}
