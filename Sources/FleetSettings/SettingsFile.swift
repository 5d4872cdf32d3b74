internal import Catalogues

/// What `MIXMYAI_CONFIG` names: a YAML file that is one mapping of settings, or a folder with one file per setting, as
/// container engines and vaults hand secrets over.
///
/// An unknown name is an error: a misspelt setting never goes unnoticed. So is a value that cannot be what was meant.
package struct SettingsFile: Sendable {
    /// A setting, and where it stands.
    package struct Value: Sendable {
        package let text: String
        package let origin: String

        package init(text: String, origin: String) {
            self.text = text
            self.origin = origin
        }
    }

    /// By the setting's name.
    package private(set) var values: [String: Value] = [:]

    /// Reads it.
    ///
    /// - Parameter overridden: settings that have a value already; what is said of them here is not looked at.
    package init(path: String, overridden: Set<String> = []) throws(SettingsProblem) {
        if let folder = SettingsFolder(path: path) {
            values = try folder.values(overridden: overridden)
        } else {
            try readDocument(path, overridden)
        }
    }

    private mutating func readDocument(_ path: String, _ overridden: Set<String>) throws(SettingsProblem) {
        let document: YAMLNode?
        do {
            document = try YAMLDocument.parse(try TextFile.read(path))
        } catch let problem as TextFileProblem {
            throw SettingsProblem("MIXMYAI_CONFIG: \(path) \(problem.text)")
        } catch {
            throw SettingsProblem("MIXMYAI_CONFIG: \(path) is not YAML: \(error)")
        }
        // A file of comments sets nothing.
        guard let document else { return }
        guard let members = document.members else {
            throw SettingsProblem("MIXMYAI_CONFIG: \(path) must be a mapping of setting names to values")
        }
        for member in members {
            let place = "\(path):\(member.line)"
            guard SettingNames.known.contains(member.key) else {
                throw SettingsProblem(SettingNames.complaint(about: member.key, in: place))
            }
            if overridden.contains(member.key) { continue }
            guard let text = member.value.raw else {
                throw SettingsProblem(
                    "\(member.key) (\(place)) is a list or a mapping: allowed is one value; several names are "
                        + "separated by commas")
            }
            guard !member.value.isNull, !text.isEmpty else {
                throw SettingsProblem("\(member.key) (\(place)) has no value: give it one, or take the line out")
            }
            if let trap = member.value.numberTrap {
                throw SettingsProblem(
                    "\(member.key) (\(place)) is \(trap): put a text in quotes, write a number in plain digits")
            }
            values[member.key] = Value(text: text, origin: path)
        }
    }
}

/// Why a file of settings cannot be used: one line that says what to change. Holds no value.
package struct SettingsProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
