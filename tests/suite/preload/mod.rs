//! Preloads: what is loaded, and by how many statements.

mod edges;
mod smoke;

use super::*;
