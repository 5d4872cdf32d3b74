internal import Yams

/// Reads YAML texts without making anything of their words.
package enum YAMLDocument {
    /// Aliases can make a short text stand for a tree of any size.
    static let nodeLimit = 20_000
    static let depthLimit = 100

    /// Reads one document; nil if the text holds none.
    ///
    /// - Throws: line, column and what is wrong there; never more of the text than a key.
    package static func parse(_ text: String) throws(YAMLProblem) -> YAMLNode? {
        // A byte order mark would become part of the first key.
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        if let line = aliasKeyLine(text) {
            throw YAMLProblem(line: line, column: nil, text: "an alias as a key: write the key out")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw YAMLProblem(error, in: text)
        } catch {
            throw YAMLProblem(line: nil, column: nil, text: "is no YAML")
        }
        guard let node else { return nil }
        var conversion = Conversion()
        return try conversion.convert(node, depth: 0)
    }

    /// Yams compares keys while it reads, and comparing an alias walks all that it stands for.
    private static func aliasKeyLine(_ text: String) -> Int? {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return nil }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var rest = line[...]
            while let star = rest.firstIndex(of: "*") {
                let before = line[..<star].last { $0 != " " }
                let after = line[line.index(after: star)...]
                let name = after.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                rest = after
                guard !name.isEmpty, text.contains("&\(name)") else { continue }
                if before == "?" || after[name.endIndex...].drop(while: { $0 == " " }).first == ":" { return index + 1 }
            }
        }
        return nil
    }

    private struct Conversion {
        private var count = 0

        mutating func convert(_ node: Node, depth: Int) throws(YAMLProblem) -> YAMLNode {
            let line = node.mark?.line
            count += 1
            guard count <= YAMLDocument.nodeLimit else {
                throw YAMLProblem(
                    line: line, column: nil,
                    text: "more than \(YAMLDocument.nodeLimit) values once the aliases are followed")
            }
            guard depth <= YAMLDocument.depthLimit else {
                throw YAMLProblem(
                    line: line, column: nil,
                    text: "more than \(YAMLDocument.depthLimit) lists and mappings inside one another")
            }
            return YAMLNode(content: try content(of: node, depth: depth), line: line ?? 1)
        }

        private mutating func content(of node: Node, depth: Int) throws(YAMLProblem) -> YAMLNode.Content {
            switch node {
            case .scalar(let scalar):
                let tag = scalar.tag.rawValue
                try check(tag, ["tag:yaml.org,2002:str"], node)
                return .scalar(scalar.string, isPlain: scalar.style == .plain && tag.isEmpty)
            case .sequence(let sequence):
                try check(sequence.tag.rawValue, ["tag:yaml.org,2002:seq"], node)
                var entries: [YAMLNode] = []
                for entry in sequence { entries.append(try convert(entry, depth: depth + 1)) }
                return .list(entries)
            case .mapping(let mapping):
                try check(mapping.tag.rawValue, ["tag:yaml.org,2002:map"], node)
                var members: [YAMLNode.Member] = []
                for (key, value) in mapping { members.append(try member(key, value, depth: depth)) }
                return .mapping(members)
            case .alias: throw YAMLProblem(line: node.mark?.line, column: nil, text: "an alias without its anchor")
            }
        }

        private mutating func member(
            _ key: Node, _ value: Node, depth: Int
        ) throws(YAMLProblem) -> YAMLNode.Member {
            let line = key.mark?.line ?? 1
            guard case .scalar(let scalar) = key else {
                throw YAMLProblem(line: line, column: nil, text: "a list or a mapping as a key")
            }
            guard scalar.string != "<<" || scalar.style != .plain else {
                throw YAMLProblem(line: line, column: nil, text: "a merge key (<<): write the fields out")
            }
            return YAMLNode.Member(key: scalar.string, line: line, value: try convert(value, depth: depth + 1))
        }

        private func check(_ tag: String, _ allowed: [String], _ node: Node) throws(YAMLProblem) {
            guard tag.isEmpty || tag == "!" || allowed.contains(tag) else {
                throw YAMLProblem(line: node.mark?.line, column: nil, text: "a tag (!…): leave it out")
            }
        }
    }
}
