import FleetCore
import JSON
import PostgresClient

/// How an operation comes to be: its row, what it is about, and the entry in the audit log, in one transaction.
enum OperationStart {
    /// - Throws: ``OperatorError`` `invalid` if no agent names the model.
    static func check(_ options: ReplayOptions, _ session: PostgresSession) throws {
        guard let model = options.model else { return }
        guard try session.execute(DeadLetterStatements.knowsModel, [.text(model)]).only() else {
            throw OperatorError(.invalid, "no agent of the catalogue names the model '\(model.cut(to: 100))'")
        }
    }

    /// - Parameter take: marks what it is about with its id, and returns how much that is. The row is there already.
    static func begin(
        _ id: String, _ kind: OperationRecord.Kind, object: String, verb: String, _ options: ReplayOptions,
        _ action: OperatorAction, _ session: PostgresSession, take: () throws -> Int
    ) throws -> OperationRecord {
        var parameters: JSONObject = JSONObject()
        parameters["filter"] = .string(object)
        if let model = options.model { parameters["model"] = .string(model) }
        _ = try session.execute(
            OperationStatements.insert,
            [
                .text(id), .text(kind.rawValue), .jsonb(JSONValue.object(parameters).serialized()), .int4(0),
                options.ratePerMinute.map { .int4(Int32(clamping: $0)) } ?? .null, .bool(options.hasCanary),
                .text(action.actor.cut(to: 100)), .text(action.reason),
            ])
        let matched = try take()
        _ = try session.execute(OperationStatements.setMatched, [.text(id), .int4(Int32(clamping: matched))])
        try AuditSQL.write(
            action, verb, object, after: ["operation_id": .string(id), "matched": .integer(matched)], in: session)
        return try session.execute(OperationStatements.one, [.text(id)]).one { try OperationRecord(&$0) }
    }
}
