/// A reason the twin refuses a setting, a control request or a file.
package struct TwinError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem this is; new codes are not a source break.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidSetting = "invalid_setting"
            case invalidControl = "invalid_control"
            case invalidJSON = "invalid_json"
            case recordFile = "record_file"
        }

        private let kind: Kind

        /// A command line setting is out of its allowed range.
        package static let invalidSetting = Code(kind: .invalidSetting)
        /// A `/twin/control` body names an unknown key or a value that is not allowed.
        package static let invalidControl = Code(kind: .invalidControl)
        /// A text is not JSON.
        package static let invalidJSON = Code(kind: .invalidJSON)
        /// The record file cannot be opened or written.
        package static let recordFile = Code(kind: .recordFile)

        /// The code as it appears in logs.
        package var description: String { kind.rawValue }
    }

    /// What kind of problem this is.
    package let code: Code
    /// What is wrong and what is allowed; never contains a credential.
    package let message: String

    /// Safe for logs and users.
    package var description: String { "\(code): \(message)" }
}
