import FleetSettings

/// A process's settings: environment variables over what `MIXMYAI_CONFIG` names.
///
/// An unknown name there, or an unknown variable that begins with `MIXMYAI_`, is an error: a misspelt setting never goes
/// unnoticed.
package struct Settings: Sendable {
    private var values: [String: SettingsFile.Value] = [:]

    /// Reads the environment, and the file or folder that it names.
    package init(environment: [String: String]) throws(BootError) {
        for (name, text) in environment {
            if SettingNames.known.contains(name) {
                // An empty variable is an unset one.
                if !text.isEmpty { values[name] = SettingsFile.Value(text: text, origin: "environment") }
            } else if name.hasPrefix("MIXMYAI_") {
                throw BootError(.setting, SettingNames.complaint(about: name, in: "environment"))
            }
        }
        guard let path = text("MIXMYAI_CONFIG") else { return }
        do {
            values.merge(try SettingsFile(path: path, overridden: Set(values.keys)).values) { first, _ in first }
        } catch {
            throw BootError(.setting, "\(error)")
        }
    }

    /// The text of a setting; nil if it is not set.
    package func text(_ name: String) -> String? { values[name]?.text }

    /// A setting that has to be there.
    ///
    /// - Parameter hint: what to set it to.
    package func required(_ name: String, hint: String) throws(BootError) -> String {
        guard let text = text(name) else { throw BootError(.setting, "\(name) is not set: \(hint)") }
        return text
    }

    /// What is wrong with the value of a setting that is there.
    ///
    /// - Parameters:
    ///   - isSecret: the value is not shown.
    ///   - rule: what is allowed, in words that follow a colon.
    package func complaint(about name: String, isSecret: Bool = false, _ rule: String) -> BootError {
        let value = isSecret ? "cannot be read" : "is '\((text(name) ?? "").prefix(40))'"
        return BootError(.setting, "\(name) (\(values[name]?.origin ?? "unset")) \(value): \(rule)")
    }

    /// A whole number in a range.
    package func number(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(BootError) -> Int {
        guard let value = values[name] else { return fallback }
        guard let number = Int(value.text), range.contains(number) else {
            let digits = value.text.drop { $0 == "-" || $0 == "+" }
            let isWhole = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
            let fault =
                !isWhole
                ? "no whole number"
                : value.text.hasPrefix("-") || Int(value.text) ?? .max < range.lowerBound
                    ? "too small" : "too large"
            throw BootError(
                .setting,
                "\(name) (\(value.origin)) is '\(value.text.prefix(40))', \(fault): allowed are whole numbers from "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of a few words.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws(BootError) -> Choice {
        guard let value = values[name] else { return fallback }
        guard let choice = Choice(rawValue: value.text) else {
            throw BootError(
                .setting,
                "\(name) (\(value.origin)) is '\(value.text.prefix(40))': allowed are "
                    + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    /// Comma-separated names; nil if it is not set.
    package func list(_ name: String) -> [String]? {
        text(name).map { text in
            text.split(separator: ",").map { String($0.drop(while: \.isWhitespace)) }.map {
                String($0.reversed().drop(while: \.isWhitespace).reversed())
            }.filter { !$0.isEmpty }
        }
    }
}
