/// A repeatable sequence of draws.
struct Draws {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return StableHash.mix(state)
    }

    /// A number in 0..<count; `count` is at least 1.
    mutating func pick(_ count: Int) -> Int {
        Int(next() % UInt64(max(1, count)))
    }

    /// A number in 0..<1.
    mutating func fraction() -> Double {
        Double(next() >> 11) / Double(1 << 53)
    }

    mutating func pick<Element>(from items: [Element], or fallback: Element) -> Element {
        items.isEmpty ? fallback : items[pick(items.count)]
    }
}
