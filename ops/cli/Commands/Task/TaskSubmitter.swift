import FleetCore
import HTTPTransport
import JSON

/// Hands in lines of tasks, piece by piece, and keeps count of what became of them.
struct TaskSubmitter {
    /// A line that was not taken.
    struct Refusal: Sendable, Equatable {
        var line: Int
        var message: String
    }

    /// Ids in the order of the lines.
    private(set) var ids: [String] = []
    private(set) var refusals: [Refusal] = []
    /// Tasks that were in their batch already.
    private(set) var replayed = 0

    private let api: GatewayAPI
    private let query: [(String, String?)]
    private var lines: BacklogLines

    /// Fields that nobody knows: a line for each.
    var notes: [String] { lines.notes }

    /// - Parameter query: what is said of all of them, the batch for example.
    init(api: GatewayAPI, query: [(String, String?)]) {
        self.api = api
        self.query = query
        lines = BacklogLines(batch: query.first { $0.0 == "batch" }?.1)
    }

    /// - Parameter report: called for each line that was taken, and each that was not.
    mutating func submit(_ piece: TaskFile.Piece, report: (Result<JSONValue, Refusal>) -> Void) async throws {
        for refusal in piece.refusals { report(.failure(refusal)) }
        refusals += piece.refusals
        let piece = lines.look(piece).piece
        guard let first = piece.lines.first else { return }
        var answeredLine = first - 1
        var collected: [Result<JSONValue, Refusal>] = []
        var cause = "the answer ends before its summary"
        var isComplete = false
        do {
            isComplete = try await api.submit(piece.bytes, query: query) { answer in
                let (line, result) = Self.read(answer, lines: piece.lines)
                answeredLine = line
                collected.append(result)
                report(result)
            }
        } catch let error as HTTPError {
            cause = "\(error)"
        }
        take(collected)
        guard isComplete else {
            throw CommandError(
                .failed,
                "the connection was lost after line \(answeredLine) (\(cause)). Lines from \(answeredLine + 1) on may "
                    + "have been handed in all the same: look with `mixmyai task list` before you hand them in again")
        }
    }

    private mutating func take(_ results: [Result<JSONValue, Refusal>]) {
        for result in results {
            switch result {
            case .success(let answer):
                ids.append(answer["task_id"]?.string ?? "")
                if answer["replayed"] == true { replayed += 1 }
            case .failure(let refusal): refusals.append(refusal)
            }
        }
    }

    /// The gateway counts lines from 1 in each request.
    ///
    /// - Parameter lines: for each of the request's lines, the line of the file.
    static func read(_ answer: JSONValue, lines: [Int]) -> (line: Int, Result<JSONValue, Refusal>) {
        let index = (answer["line"]?.int ?? 1) - 1
        let line = lines.indices.contains(index) ? lines[index] : (lines.last ?? 0)
        guard answer["task_id"]?.string != nil, var object = answer.object else {
            let details = (answer["details"]?.object?.members ?? []).map { member in
                "\(member.key): \(member.value.string ?? member.value.serialized())"
            }
            let message = answer["message"]?.string ?? "not taken"
            let text = details.isEmpty ? message : details.joined(separator: "; ")
            return (line, .failure(Refusal(line: line, message: PlainText.line(text))))
        }
        object["line"] = .integer(line)
        return (line, .success(.object(object)))
    }
}

extension TaskSubmitter.Refusal: Error {}
