public import FleetCore
public import PostgresClient

extension PostgresError: RetriableError {}
