/// Exact usage of one credential and model over the 60 s before any moment.
///
/// An entry made at time t counts in the half-open window (now - 60 s, now]: it is gone exactly 60 s later. Sums are
/// kept running, so admitting a request costs the expiry of old ones and nothing else. Time is monotonic nanoseconds.
struct SlidingWindow {
    static let length: UInt64 = 60_000_000_000

    /// Requests and tokens added up.
    struct Sums: Equatable {
        var requests = 0
        var inputTokens = 0
        var outputTokens = 0
    }

    private struct Entry {
        var time: UInt64
        var inputTokens: UInt32
        var outputTokens: UInt32
    }

    /// What is inside the window now.
    private(set) var current = Sums()
    /// The largest sums of any window since measuring began; inputs and outputs may peak in different windows.
    private(set) var maxima = Sums()

    // A ring whose capacity is a power of two. `head` and `tail` count entries since the start and never wrap.
    private var ring: [Entry] = []
    private var head = 0
    private var tail = 0
    private var measured = Sums()
    private var measuredFrom = 0

    /// Drops what has left the window.
    mutating func advance(to now: UInt64) {
        while head < tail {
            let entry = ring[head & (ring.count - 1)]
            guard entry.time + Self.length <= now else { return }
            subtract(entry, from: &current)
            if head >= measuredFrom { subtract(entry, from: &measured) }
            head += 1
        }
    }

    /// Adds one request; call `advance` with the same time first.
    mutating func admit(at now: UInt64, inputTokens: Int, outputTokens: Int) {
        if tail - head == ring.count { grow() }
        ring[tail & (ring.count - 1)] = Entry(
            time: now, inputTokens: UInt32(clamping: inputTokens), outputTokens: UInt32(clamping: outputTokens)
        )
        tail += 1
        add(inputTokens, outputTokens, to: &current)
        add(inputTokens, outputTokens, to: &measured)
        maxima.requests = max(maxima.requests, measured.requests)
        maxima.inputTokens = max(maxima.inputTokens, measured.inputTokens)
        maxima.outputTokens = max(maxima.outputTokens, measured.outputTokens)
    }

    /// Starts new maxima that leave out everything admitted so far; limits still see it.
    mutating func restartMeasuring() {
        maxima = Sums()
        measured = Sums()
        measuredFrom = tail
    }

    /// The time from `now` until enough has left the window that `fits` holds, in nanoseconds; nil if it never does.
    func wait(from now: UInt64, until fits: (Sums) -> Bool) -> UInt64? {
        var sums = current
        if fits(sums) { return 0 }
        for index in head..<tail {
            let entry = ring[index & (ring.count - 1)]
            subtract(entry, from: &sums)
            if fits(sums) { return entry.time + Self.length - now }
        }
        return nil
    }

    /// The time from `now` until the window is empty, in nanoseconds.
    func timeUntilEmpty(from now: UInt64) -> UInt64 {
        head == tail ? 0 : ring[(tail - 1) & (ring.count - 1)].time + Self.length - now
    }

    private mutating func grow() {
        let entries = (head..<tail).map { ring[$0 & (ring.count - 1)] }
        let capacity = max(16, ring.count * 2)
        ring = Array(repeating: Entry(time: 0, inputTokens: 0, outputTokens: 0), count: capacity)
        for (offset, entry) in entries.enumerated() {
            ring[(head + offset) & (capacity - 1)] = entry
        }
    }

    private func add(_ inputTokens: Int, _ outputTokens: Int, to sums: inout Sums) {
        sums.requests += 1
        sums.inputTokens += inputTokens
        sums.outputTokens += outputTokens
    }

    private func subtract(_ entry: Entry, from sums: inout Sums) {
        sums.requests -= 1
        sums.inputTokens -= Int(entry.inputTokens)
        sums.outputTokens -= Int(entry.outputTokens)
    }
}
