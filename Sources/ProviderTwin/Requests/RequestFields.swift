/// The members of a request body, with their bytes for echoing.
struct RequestFields {
    var members: [(key: String, value: JSONValue, range: Range<Int>)]
    var body: [UInt8]

    subscript(name: String) -> JSONValue? {
        members.last { $0.key == name }?.value
    }

    /// The bytes of a member's value.
    func raw(_ name: String) -> ArraySlice<UInt8>? {
        members.last { $0.key == name }.map { body[$0.range] }
    }

    /// The whole body.
    var object: JSONValue { .object(members.map { ($0.key, $0.value) }) }

    /// Whether anything that is asked has the word, as OpenAI's JSON mode wants it.
    var mentionsJSON: Bool {
        ["input", "messages", "instructions"].contains { name in
            raw(name).map { String(decoding: $0, as: UTF8.self).lowercased().contains("json") } ?? false
        }
    }
}
