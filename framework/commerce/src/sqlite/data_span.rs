//! The span of a call of the database, named as OpenTelemetry's conventions for database clients
//! say.

use tracing::Span;

/// `operation` is `read` or `write`. Waiting for a connection or for the writer is a part of it.
pub(super) fn data_span(operation: &'static str) -> Span {
    tracing::debug_span!(
        "data",
        otel.kind = "client",
        db.system.name = "sqlite",
        db.operation.name = operation,
    )
}
