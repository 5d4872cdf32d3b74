#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds bytes and byte strings; prompts are long, and every answer searches its own many times.
enum ByteSearch {
    /// The first place of a byte at or after `start`, as an index of the slice.
    static func first(_ byte: UInt8, in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        guard start < bytes.endIndex else { return nil }
        return bytes[start...].withUnsafeBytes { buffer -> Int? in
            guard let base = buffer.baseAddress, let found = memchr(base, Int32(byte), buffer.count) else { return nil }
            return start + (UnsafeRawPointer(found) - base)
        }
    }

    /// The first place of a pattern at or after `start`, as an index of the slice; nil for an empty pattern.
    static func first(of pattern: [UInt8], in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        guard let first = pattern.first else { return nil }
        var position = start
        while let place = Self.first(first, in: bytes, from: position) {
            guard place + pattern.count <= bytes.endIndex else { return nil }
            if isEqual(bytes[place..<(place + pattern.count)], pattern) { return place }
            position = place + 1
        }
        return nil
    }

    /// Whether two byte strings of the same length are equal.
    private static func isEqual(_ one: ArraySlice<UInt8>, _ two: [UInt8]) -> Bool {
        one.withUnsafeBytes { one in
            two.withUnsafeBytes { two in
                guard let one = one.baseAddress, let first = two.baseAddress else { return true }
                return memcmp(one, first, two.count) == 0
            }
        }
    }
}
