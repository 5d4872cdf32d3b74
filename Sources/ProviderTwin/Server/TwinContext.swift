import Hummingbird
import NIOCore

/// What a request brings along besides itself: its connection.
struct TwinContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}
