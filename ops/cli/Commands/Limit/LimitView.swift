import FleetCore
import JSON

/// A row of limits as it is shown.
struct LimitView: Sendable {
    /// Who says so.
    enum Source: String, Sendable {
        case `operator`
        /// A fleet that was started with the twin, which has no limits of its own.
        case twin
        /// Nobody: the specification's.
        case `default`
        /// Whoever speaks for it: a provider for a class that has no row.
        case inForce = "in force"
    }

    private let setting: LimitSetting
    private let source: Source

    init(_ setting: LimitSetting, source: Source) {
        self.setting = setting
        self.source = source
    }

    /// What the fleet itself has stored is told from what people did.
    init(row setting: LimitSetting) {
        self.init(setting, source: FleetPreparation.twinLimits.contains(setting) ? .twin : .operator)
    }

    var order: (String, String) { (setting.provider, setting.limitClass) }

    var json: JSONValue {
        var object = JSONObject()
        object["provider"] = .string(setting.provider)
        object["class"] = .string(setting.limitClass)
        for limit in setting.limits.json.members { object[limit.key] = limit.value }
        object["source"] = .string(source.rawValue)
        return .object(object)
    }

    static func table(_ views: [LimitView]) -> TextTable {
        var table = TextTable([
            .init("PROVIDER"), .init("CLASS"), .init("RPM", isNumeric: true), .init("TPM", isNumeric: true),
            .init("INPUT-TPM", isNumeric: true), .init("OUTPUT-TPM", isNumeric: true),
            .init("CONCURRENCY", isNumeric: true), .init("SOURCE"),
        ])
        for view in views {
            table.add(
                [view.setting.provider, view.setting.limitClass]
                    + view.setting.limits.columns.map { $0.value.map(String.init) ?? "none" } + [
                        view.source.rawValue
                    ])
        }
        return table
    }
}
