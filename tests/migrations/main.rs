//! Migrations on real stores, a module per area.

mod files;
mod introspect;
mod runner;
