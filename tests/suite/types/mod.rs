//! What every type of a field keeps on its way into a store and back.

mod arrays;
mod conversions;
mod decimals;
mod defined;
mod embedded;
mod every_field;
mod floats;
mod hostile;
mod intervals;
mod json;
mod primitives;
mod roundtrip;
mod text;
mod times;
mod values;

use super::*;
