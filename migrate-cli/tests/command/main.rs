//! The command `peristyle`, run as people run it: what it prints, and how it ends.

mod configuration;
mod databases;
mod support;
