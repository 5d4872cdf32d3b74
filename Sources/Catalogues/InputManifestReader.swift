public import FleetCore

/// Reads an input manifest and checks each entry of it.
public enum InputManifestReader {
    /// Reads YAML text.
    ///
    /// - Throws: a sentence with kind, section, key and what is allowed.
    public static func read(_ yaml: String) throws(AgentCatalogueError) -> InputManifest {
        let document: JSONValue
        do {
            document = try YAMLDocument.parse(yaml)
        } catch {
            throw AgentCatalogueError(message: "is not YAML: \(error)")
        }
        guard let object = document.object else {
            throw AgentCatalogueError(message: "must be a mapping with an entry per step kind")
        }
        var kinds: [StepKind: InputManifest.Kind] = [:]
        for member in object.members {
            guard let kind = StepKind(rawValue: member.key) else {
                throw AgentCatalogueError(
                    message: "'\(member.key)' is no step kind; they are "
                        + StepKind.allCases.map(\.rawValue).joined(separator: ", "))
            }
            kinds[kind] = try entry(member.value, at: member.key)
        }
        for kind in StepKind.allCases where kinds[kind] == nil {
            throw AgentCatalogueError(message: "\(kind.rawValue) is missing: give it a cap and sections")
        }
        return InputManifest(kinds: kinds)
    }

    private static func entry(_ value: JSONValue, at place: String) throws(AgentCatalogueError) -> InputManifest.Kind {
        try allow(["cap", "sections"], in: value, at: place)
        let cap = try tokens(value["cap"], at: "\(place).cap")
        guard let entries = value["sections"]?.array, !entries.isEmpty else {
            throw AgentCatalogueError(message: "\(place).sections must be a list with entries")
        }
        var sections: [InputSection] = []
        for (index, entry) in entries.enumerated() {
            let section = try section(entry, at: "\(place).sections[\(index)]")
            guard !sections.contains(where: { $0.tag == section.tag }) else {
                throw AgentCatalogueError(message: "\(place): <\(section.tag)> is there twice")
            }
            sections.append(section)
        }
        let zones = InputZone.allCases
        let order = sections.compactMap { zones.firstIndex(of: $0.zone) }
        guard order == order.sorted() else {
            throw AgentCatalogueError(
                message: "\(place): sections must be in the order of their zones: "
                    + zones.map(\.rawValue).joined(separator: ", "))
        }
        return InputManifest.Kind(cap: cap, sections: sections)
    }

    private static func section(_ value: JSONValue, at place: String) throws(AgentCatalogueError) -> InputSection {
        try allow(["tag", "zone", "need", "from", "budget", "grow", "cut"], in: value, at: place)
        guard let tag = value["tag"]?.string, !tag.isEmpty,
            tag.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F })
        else {
            throw AgentCatalogueError(message: "\(place).tag must be a name of a to z and _")
        }
        let named = "\(place) <\(tag)>"
        let cuts: [InputCut]
        if value["cut"]?.string == "never" {
            cuts = []
        } else if let steps = value["cut"]?.array, !steps.isEmpty {
            var found: [InputCut] = []
            for step in steps { found.append(try choice(step, at: "\(named): cut", or: "never")) }
            cuts = found
        } else {
            throw AgentCatalogueError(
                message: "\(named): cut must be never, or a list of "
                    + InputCut.allCases.map(\.rawValue).joined(separator: ", "))
        }
        var grows = false
        if let value = value["grow"] {
            guard let flag = value.bool else {
                throw AgentCatalogueError(
                    message: "\(named): grow is \(value.serialized()): allowed are true and false")
            }
            grows = flag
        }
        return InputSection(
            tag: tag, zone: try choice(value["zone"], at: "\(named): zone"),
            need: try choice(value["need"], at: "\(named): need"),
            source: try choice(value["from"], at: "\(named): from"),
            budget: try tokens(value["budget"], at: "\(named): budget"), grows: grows, cuts: cuts)
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue?, at place: String, or more: String? = nil
    ) throws(AgentCatalogueError) -> Choice {
        guard let choice = value?.string.flatMap(Choice.init(rawValue:)) else {
            let allowed = Choice.allCases.map(\.rawValue) + [more].compactMap { $0 }
            throw AgentCatalogueError(
                message: "\(place) is \(value?.serialized() ?? "missing"): allowed are "
                    + allowed.joined(separator: ", "))
        }
        return choice
    }

    private static func tokens(_ value: JSONValue?, at place: String) throws(AgentCatalogueError) -> Int {
        guard let tokens = value?.int, 1...1_000_000 ~= tokens else {
            throw AgentCatalogueError(
                message: "\(place) is \(value?.serialized() ?? "missing"): allowed are whole numbers from 1 to 1000000")
        }
        return tokens
    }

    private static func allow(
        _ names: [String], in value: JSONValue, at place: String
    ) throws(AgentCatalogueError) {
        guard let object = value.object else { throw AgentCatalogueError(message: "\(place) must be a mapping") }
        for key in object.keys where !names.contains(key) {
            throw AgentCatalogueError(
                message: "\(place): '\(key)' is not known; allowed are \(names.joined(separator: ", "))")
        }
    }
}
