import Foundation
import JSON

@testable import ProviderTwin

/// Asks the composer directly, without a server.
enum Asking {
    static func text(
        _ stage: String, _ prompt: String, seed: UInt64 = 7, mode: AnswerMode = .inputs, schema: JSONValue? = nil,
        system: String = ""
    ) -> String {
        var request = TwinRequest(endpoint: .responses, model: "m")
        request.schemaName = stage
        request.schema = schema
        request.prompt = Array(prompt.utf8)
        request.system = Array(system.utf8)
        return String(decoding: AnswerComposer(seed: seed, mode: mode).answer(to: request).text, as: UTF8.self)
    }

    static func object(_ stage: String, _ prompt: String, seed: UInt64 = 7, mode: AnswerMode = .inputs)
        -> [String: Any]
    {
        WireFormatTests.object(text(stage, prompt, seed: seed, mode: mode)) as? [String: Any] ?? [:]
    }

    static func object(_ stage: String, _ sections: [Section], seed: UInt64 = 7, mode: AnswerMode = .inputs)
        -> [String: Any]
    {
        object(stage, Material.prompt(sections), seed: seed, mode: mode)
    }
}

/// One section of a prompt.
struct Section: Sendable {
    var tag: String
    var text: String

    /// What stands between the tags.
    var body: String {
        guard let start = text.firstIndex(of: ">"), let end = text.range(of: "</", options: .backwards) else {
            return ""
        }
        return String(text[text.index(after: start)..<end.lowerBound])
    }

    /// An element whose body is markup already.
    init(_ tag: String, _ attributes: KeyValuePairs<String, String> = [:], body: String) {
        self.tag = tag
        let list = attributes.map { " \($0.key)=\"\(Self.escape($0.value).replacing("\"", with: "'"))\"" }.joined()
        text = "<\(tag)\(list)>\(body)</\(tag)>"
    }

    /// An element with a plain text.
    init(_ tag: String, _ attributes: KeyValuePairs<String, String>, _ text: String) {
        self.init(tag, attributes, body: Self.escape(text))
    }

    init(_ tag: String, _ text: String) {
        self.init(tag, [:], body: Self.escape(text))
    }

    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    static func items(_ tag: String, _ texts: [String]) -> String {
        texts.map { Section(tag, $0).text }.joined(separator: "\n")
    }

    /// What a subtask_execution answer says of the requirements that it covers.
    static func covers(of solution: [String: Any]) -> String {
        let covers = (solution["covers"] as? [[String: Any]] ?? []).map { cover in
            Section(
                "cover",
                [
                    "requirement": cover["requirement"] as? String ?? "",
                    "complete": cover["complete"] as? Bool == true ? "yes" : "no",
                ], cover["where"] as? String ?? ""
            ).text
        }
        return "<covers>\(covers.joined())</covers>"
    }
}

extension [Section] {
    /// The prompt without every section of a tag.
    func without(_ tag: String) -> [Section] { filter { $0.tag != tag } }

    /// The prompt with only some tags.
    func only(_ tags: String...) -> [Section] { filter { tags.contains($0.tag) } }
}
