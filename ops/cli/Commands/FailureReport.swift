import ArgumentParser
import FleetCore
import FleetStore
import Glibc
import HTTPTransport
import PostgresClient
import PrivateStack

/// What an error that ended a command says and which exit status it gives.
struct FailureReport {
    let exit: Int32
    /// Empty if everything has been said.
    let message: String
    /// Help that was asked for is data.
    let isData: Bool

    init(_ error: any Error) {
        isData = MixMyAI.exitCode(for: error) == .success
        switch error {
        case let error as CommandError: (exit, message) = (error.exit.rawValue, "error: \(error)")
        case let error as PrivateStackError: (exit, message) = (Self.exit(error.code).rawValue, "error: \(error)")
        case let error as HTTPError:
            let exit: CommandExit =
                switch error.code {
                case .timedOut: .timedOut
                case .cancelled: .interrupted
                default: .failed
                }
            (self.exit, message) = (exit.rawValue, "error: \(error)")
        case is PostgresError, is StoreError:
            (exit, message) = (CommandExit.failed.rawValue, "error: the database: \(error)")
        case let failure as StoreFailure:
            (exit, message) = (CommandExit.failed.rawValue, "error: the database: \(failure.message)")
        case let error as OperatorError:
            (exit, message) = (Self.exit(error.code).rawValue, "error: \(error)")
        case is CancellationError: (exit, message) = (CommandExit.interrupted.rawValue, "interrupted")
        default:
            // The parser's own: its usage error is 64 by convention of another family.
            let code = MixMyAI.exitCode(for: error)
            exit = code == .validationFailure ? CommandExit.usage.rawValue : code.rawValue
            message = MixMyAI.fullMessage(for: error)
        }
    }

    private static func exit(_ code: PrivateStackError.Code) -> CommandExit {
        switch code {
        case .timedOut: .timedOut
        case .interrupted: .interrupted
        case .unknownProcess: .notFound
        case .conflict, .alreadyRunning: .conflict
        case .notPermitted, .foreignDirectory: .notAllowed
        default: .failed
        }
    }

    private static func exit(_ code: OperatorError.Code) -> CommandExit {
        switch code {
        case .notFound: .notFound
        case .conflict: .conflict
        case .invalid: .usage
        }
    }

    /// Says it and ends the process.
    func end() -> Never {
        if !message.isEmpty { (isData ? StandardStream.output : .error).write(message + "\n") }
        Glibc.exit(exit)
    }
}
