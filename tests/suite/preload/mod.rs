//! Preloads: what is loaded, and by how many statements.

mod smoke;

use super::*;
