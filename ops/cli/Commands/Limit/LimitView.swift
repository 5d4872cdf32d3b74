import FleetCore
import JSON

/// A row of limits as it is shown.
struct LimitView: Sendable {
    private let setting: LimitSetting
    /// By an operator; otherwise they are the defaults.
    private let isSet: Bool

    init(_ setting: LimitSetting, isSet: Bool) {
        self.setting = setting
        self.isSet = isSet
    }

    var order: (String, String) { (setting.provider, setting.limitClass) }

    var json: JSONValue {
        var object = JSONObject()
        object["provider"] = .string(setting.provider)
        object["class"] = .string(setting.limitClass)
        for limit in setting.limits.json.members { object[limit.key] = limit.value }
        object["source"] = isSet ? "operator" : "default"
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
                        view.isSet ? "operator" : "default"
                    ])
        }
        return table
    }
}
