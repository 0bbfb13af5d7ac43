//! JSON for people and for diffs: each object with a name has a line, or a block if such objects are in it.

use serde_json::{Map, Value};

/// The text of a value.
pub(super) fn lines(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(object) if !is_short(value) => {
            block(text, depth, '{', '}', ordered(object), |text, (key, value)| {
                quote(text, key);
                text.push_str(": ");
                write(text, value, depth + 1);
            })
        }
        Value::Array(items) if !is_short(value) => {
            block(text, depth, '[', ']', items.iter().collect(), |text, item| write(text, item, depth + 1));
        }
        value => one_line(text, value),
    }
}

/// Items with a line for each.
fn block<T>(text: &mut String, depth: usize, open: char, close: char, items: Vec<T>, write: impl Fn(&mut String, T)) {
    text.push(open);
    for (place, item) in items.into_iter().enumerate() {
        text.push_str(if place == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        write(text, item);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

fn one_line(text: &mut String, value: &Value) {
    match value {
        Value::Object(object) => {
            text.push('{');
            for (place, (key, value)) in ordered(object).into_iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                quote(text, key);
                text.push_str(": ");
                one_line(text, value);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                one_line(text, item);
            }
            text.push(']');
        }
        value => text.push_str(&value.to_string()),
    }
}

fn quote(text: &mut String, key: &str) {
    text.push_str(&Value::from(key).to_string());
}

/// Whether it stands on one line: no list inside has objects with a name of their own.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.iter().any(|item| item.get("name").is_some()),
        Value::Object(object) => object.values().all(is_short),
        _ => true,
    }
}

/// What tells it from others first, then the type, and the rest by the alphabet.
fn ordered(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| match key.as_str() {
        "format" | "version" => 0,
        "dialect" | "name" => 1,
        "migrations" | "type" => 2,
        _ => 3,
    });
    entries
}
