import FleetCore

/// What a replay would do, in words.
struct ReplayPreviewView {
    private let preview: ReplayPreview

    init(_ preview: ReplayPreview) { self.preview = preview }

    /// There is something to be replayed.
    var hasAny: Bool { preview.letters > preview.taken }

    var text: String {
        let free = preview.letters - preview.taken
        var text = "\(free) dead letter\(free == 1 ? "" : "s")"
        if preview.taken > 0 { text += " (\(preview.taken) more are being replayed already)" }
        text += ": \(preview.unblocked) task\(preview.unblocked == 1 ? " tries its" : "s try their") failed parts again"
        if preview.atWork > 0 { text += ", \(preview.atWork) still at work: theirs wait until they are not" }
        if preview.pointless > 0 { text += ", \(preview.pointless) with nothing left to try" }
        guard let cost = preview.costPerTask, preview.unblocked > 0 else { return text + "." }
        return text
            + ". A whole task has cost \(cost.p50) USD here in the middle and \(cost.p90) at most in nine of ten cases: "
            + "\(times(cost.p50)) to \(times(cost.p90)) USD if they all began anew."
    }

    private func times(_ cost: Decimal6) -> Decimal6 {
        Decimal6(millionths: cost.millionths * preview.unblocked)
    }
}
