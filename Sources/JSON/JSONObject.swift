/// The members of a JSON object: unique keys, kept in order.
///
/// Two objects with the same members are equal whatever their order. Keys compare as Swift strings do: by canonical
/// equivalence, so two spellings of one accented letter are one key.
package struct JSONObject: Sendable {
    /// A key with its value.
    package struct Member: Sendable, Equatable {
        /// Unique within its object.
        package let key: String
        /// Set through ``JSONObject/subscript(_:)``.
        package fileprivate(set) var value: JSONValue
    }

    /// The members in the order in which they were read or added.
    package private(set) var members: [Member] = []
    /// Position of every key once there are more than `linearLimit`; scanning a few members is faster than hashing.
    private var positions: [String: Int] = [:]

    private static let linearLimit = 12

    /// No members.
    package init() {}

    /// These members in order; of equal keys the last one wins.
    package init(_ members: some Sequence<Member>) {
        for member in members { self[member.key] = member.value }
    }

    /// The keys in order.
    package var keys: [String] { members.map(\.key) }

    /// Number of members.
    package var count: Int { members.count }

    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }

    /// The value of a key. Setting a new key appends it, setting nil removes it.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    /// Adds a member; false if the key is there already.
    mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
        guard position(of: key) == nil else { return false }
        append(key, value)
        return true
    }

    private func position(of key: String) -> Int? {
        guard members.count > Self.linearLimit else { return members.firstIndex { $0.key == key } }
        return positions[key]
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if members.count == Self.linearLimit + 1 {
            for (position, member) in members.enumerated() { positions[member.key] = position }
        } else if members.count > Self.linearLimit {
            positions[key] = members.count - 1
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        positions = [:]
        guard members.count > Self.linearLimit else { return }
        for (position, member) in members.enumerated() { positions[member.key] = position }
    }
}

extension JSONObject: Equatable {
    /// The order of the members does not count.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }
}
