/// A hash that is the same in every process and on every run; it decides everything the twin draws.
struct StableHash {
    private(set) var value: UInt64

    init(_ seed: UInt64) {
        value = Self.mix(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    mutating func combine(_ number: UInt64) {
        value = Self.mix((value ^ number) &* 0x9FB2_1C65_1E98_DF25)
    }

    mutating func combine(_ text: String) {
        combine(text.utf8)
    }

    mutating func combine(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { combine(buffer: UnsafeRawBufferPointer($0)) }
        if isDone == nil {
            Array(bytes).withUnsafeBytes { combine(buffer: $0) }
        }
    }

    private mutating func combine(buffer: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= buffer.count {
            combine(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < buffer.count {
            tail = tail << 8 | UInt64(buffer[offset])
            offset += 1
        }
        combine(tail)
        combine(UInt64(buffer.count))
    }

    static func of(_ seed: UInt64, _ texts: String...) -> UInt64 {
        var hash = StableHash(seed)
        for text in texts { hash.combine(text) }
        return hash.value
    }

    /// The finalizer of SplitMix64: every input bit changes every output bit with probability one half.
    static func mix(_ number: UInt64) -> UInt64 {
        var word = number
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
