/// A hash of bytes that is the same in every process and release: FNV-1a, 64 bits. Against accidents, not against
/// people.
package struct FNV1a: Sendable {
    /// The hash of what was added so far.
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Of nothing.
    package init() {}

    /// Goes on with these bytes.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}
