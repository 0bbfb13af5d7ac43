//! Migration files as the library reads them, a module per area.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod sections;
mod splitting;
