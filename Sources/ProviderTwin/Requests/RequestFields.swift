import JSON

/// The members of a request body.
struct RequestFields {
    var members: JSONObject

    subscript(name: String) -> JSONValue? { members[name] }

    /// Whether anything that is asked has the word, as OpenAI's JSON mode wants it.
    var mentionsJSON: Bool {
        ["input", "messages", "instructions"].contains { name in
            members[name]?.serialized().lowercased().contains("json") ?? false
        }
    }
}
