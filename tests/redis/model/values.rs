//! The values that rows are made of: few, so that they meet.

use proptest::prelude::*;
use rust_decimal::Decimal;

/// Balances, with digits beyond a float's.
pub const BALANCES: [&str; 7] = ["0", "-3.5", "0.10", "0.1", "9", "10", "12345678901234567890.123"];

const NAMES: [&str; 6] = ["", "a", "A", "ab", "a\u{1}b", "\u{e9}t\u{e9}"];

pub fn balance(number: usize) -> Decimal {
    BALANCES[number % BALANCES.len()].parse().unwrap_or_default()
}

pub fn name(number: usize) -> String {
    NAMES[number % NAMES.len()].to_owned()
}

/// Also with characters that keys of Redis escape.
pub fn email(number: usize) -> String {
    match number {
        0 => "e:%{}\u{e9}".to_owned(),
        number => format!("e{number}"),
    }
}

pub fn device() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b:c", "%3A"])
}
