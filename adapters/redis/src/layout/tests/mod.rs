//! What the layout promises of rows, keys and tables.

mod cells;
mod keys;
mod members;
mod rows;
mod tables;
