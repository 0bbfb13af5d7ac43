//! The adapter against a real server, named by `PERISTYLE_TEST_POSTGRES_URL`. Every test makes a database of its own.

mod cancellation;
mod connecting;
mod cursors;
mod errors;
mod lost_connections;
mod plans;
mod scripts;
mod support;
mod transactions;
mod types;
