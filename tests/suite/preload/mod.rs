//! Preloads: what is loaded, and by how many statements.

mod counts;
mod limits;
mod smoke;
mod stores;
mod streams;

use super::*;
