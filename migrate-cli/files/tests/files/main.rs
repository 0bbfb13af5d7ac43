//! Migration files as the library reads them, a module per area.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod any_text;
mod checksums;
mod folders;
mod sections;
mod splitting;
mod transactions;
mod versions;
