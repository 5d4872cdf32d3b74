import FleetCore

/// Follows an operation until it ends or is paused.
struct OperationDisplay {
    let global: GlobalOptions
    let book: any OperationBook

    private static let interval = Duration.milliseconds(500)

    /// Prints the operation: as it is now, or as it is in the end.
    ///
    /// - Throws: `partial` if not everything succeeded.
    func show(_ operation: OperationRecord, follow: Bool) async throws {
        guard follow else {
            global.console.emit(OperationView.json(operation)) {
                OperationView.line(operation) + "\nmixmyai operation show \(operation.id) --follow"
            }
            return
        }
        var (block, record) = (LiveBlock(), operation)
        while !record.state.isTerminal && record.state != .paused {
            block.draw([OperationView.line(record)])
            try await Task.sleep(for: Self.interval)
            guard let next = try await book.operation(operation.id) else { break }
            record = next
        }
        block.finish([OperationView.line(record)])
        global.console.emit(OperationView.json(record)) { OperationView.line(record) }
        if record.state != .done || record.failed > 0 { throw CommandExit.partial.code }
    }
}
