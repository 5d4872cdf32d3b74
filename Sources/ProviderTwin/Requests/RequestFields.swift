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
}
