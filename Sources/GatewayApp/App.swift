import FleetBoot
import Glibc

@main
struct App {
    static func main() async {
        exit(await ProcessRunner.run(GatewayProcess()))
    }
}
