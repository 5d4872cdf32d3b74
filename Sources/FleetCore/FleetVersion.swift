/// The version of this program.
public enum FleetVersion {
    /// Semantic version.
    public static let number = "0.1.0"
}
