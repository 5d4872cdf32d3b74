import JSON

/// Everything the twin has charged; a plain value, guarded by `TwinState`.
///
/// The sum is exact however long the twin runs; of the lines only the last ones are kept.
struct Bill {
    static let mostLines = 200_000

    /// The sum of all lines ever added, in micro-dollars.
    private(set) var microUSD = 0
    /// Lines that had to go.
    private(set) var droppedLines = 0
    private var lines: [BillLine] = []
    /// Where the oldest line is, once the ring is full.
    private var oldest = 0

    mutating func add(_ line: BillLine) {
        microUSD += line.microUSD
        if lines.count < Self.mostLines {
            lines.append(line)
            return
        }
        lines[oldest] = line
        oldest = (oldest + 1) % Self.mostLines
        droppedLines += 1
    }

    /// One JSON object per line, oldest first.
    var jsonLines: [UInt8] {
        var json = JSONWriter(reservingCapacity: lines.count * 360 + 16)
        for line in lines[oldest...] { line.write(to: &json) }
        for line in lines[..<oldest] { line.write(to: &json) }
        return json.bytes
    }
}
