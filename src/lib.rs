//! A data layer for Rust.
