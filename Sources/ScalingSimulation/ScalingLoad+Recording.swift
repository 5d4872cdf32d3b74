extension ScalingLoad {
    /// Why a recording cannot be read.
    package struct RecordingError: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads a CSV with the columns `second,steps` and an optional third, `blocked` (0 or 1): how many steps arrived in
    /// which second after the start, and whether the providers failed from that line to the next.
    ///
    /// - Parameter tail: seconds after the last arrival, in which the work is finished and the fleet becomes small.
    package init(name: String, csv: String, tail: Int = 1800) throws {
        var arrivals: [Int: Int] = [:]
        var (outage, blockedFrom): (Range<Int>, Int?) = (0..<0, nil)
        var last = -1
        for (index, line) in csv.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let text = line.filter { !$0.isWhitespace }
            guard !text.isEmpty, !text.hasPrefix("#"), !(last < 0 && text.hasPrefix("second")) else { continue }
            let fields = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard fields.count == 2 || fields.count == 3, let second = fields[0], let steps = fields[1],
                second > last, second < 10_000_000, (0...1_000_000).contains(steps)
            else {
                throw RecordingError(
                    description:
                        "line \(index + 1): expected second,steps[,blocked] with rising seconds, not '\(text.prefix(40))'"
                )
            }
            arrivals[second] = steps
            switch (fields.count == 3 ? fields[2] : 0, blockedFrom) {
            case (1, nil) where outage.isEmpty: blockedFrom = second
            case (1, nil): throw RecordingError(description: "line \(index + 1): a recording has one outage at most")
            case (0, let from?): (outage, blockedFrom) = (from..<second, nil)
            case (0, nil), (1, .some): break
            default: throw RecordingError(description: "line \(index + 1): blocked is 0 or 1")
            }
            last = second
        }
        guard last >= 0 else { throw RecordingError(description: "there is no line with arrivals") }
        if let blockedFrom { outage = blockedFrom..<(last + 1) }
        self.init(name: name, arrivals: (0..<(last + 1 + tail)).map { arrivals[$0] ?? 0 }, outage: outage)
    }
}
