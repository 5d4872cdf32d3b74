internal import Catalogues
internal import FoundationEssentials

/// A folder with one file per setting, which has the setting's name and holds its value.
struct SettingsFolder {
    private let path: String

    /// Nil if there is no such folder.
    init?(path: String) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else { return nil }
        self.path = path
    }

    func values(overridden: Set<String>) throws(SettingsProblem) -> [String: SettingsFile.Value] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw SettingsProblem("MIXMYAI_CONFIG: \(path) cannot be read: check its permissions")
        }
        var values: [String: SettingsFile.Value] = [:]
        // Kubernetes keeps the files themselves behind a name that begins with a dot.
        for name in names.sorted() where !name.hasPrefix(".") {
            let file = "\(path)/\(name)"
            guard SettingNames.known.contains(name) else {
                throw SettingsProblem(SettingNames.complaint(about: name, in: file))
            }
            if overridden.contains(name) { continue }
            // An empty file is an unset setting, like an empty variable: a secret may have to be there to be mounted.
            guard let text = try Self.text(name, file) else { continue }
            values[name] = SettingsFile.Value(text: text, origin: file)
        }
        return values
    }

    /// The one line of a file, without its end.
    private static func text(_ name: String, _ file: String) throws(SettingsProblem) -> String? {
        let whole: String
        do {
            whole = try TextFile.read(file)
        } catch {
            throw SettingsProblem("\(name): \(file) \(error.text)")
        }
        let text = whole.hasPrefix("\u{FEFF}") ? whole.dropFirst() : whole[...]
        let line = text.drop(while: \.isWhitespace)
        guard let last = line.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        guard !line[...last].contains(where: \.isNewline) else {
            throw SettingsProblem("\(name): \(file) has more than one line: it has to hold the value alone")
        }
        return String(line[...last])
    }
}
