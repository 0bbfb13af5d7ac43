//! The values of `in_`: how a list travels, so that lists of different lengths share one statement.

use crate::target::Target;
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};
use std::fmt::Write;

/// How a list travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListForm {
    /// One array.
    Array,
    /// One JSON text, whose items have the stored form.
    Json,
    /// One JSON text of blobs in hexadecimal.
    HexJson,
    /// So many placeholders, a power of two; the last value is repeated.
    Padded(usize),
}

/// The longest list that is padded to a power of two.
const PADDED: usize = 16_384;

impl ListForm {
    /// The form of a list.
    pub fn of(target: Target, item: &DataType, values: &[Value]) -> Self {
        match (target, item) {
            // An array of arrays is one array with two dimensions, whose items are not arrays.
            (Target::Postgres, DataType::Array(_)) => Self::padded(values),
            (Target::Postgres, _) => ListForm::Array,
            (Target::Sqlite, DataType::Bytes) => ListForm::HexJson,
            // SQLite's JSON functions end a text at a NUL.
            (Target::Sqlite, DataType::Text | DataType::Enum(_)) if values.iter().any(has_nul) => Self::padded(values),
            (Target::Sqlite, item) if has_stored_form_in_json(item) => ListForm::Json,
            (Target::Sqlite, _) => Self::padded(values),
        }
    }

    fn padded(values: &[Value]) -> Self {
        let length = values.len();
        ListForm::Padded(if (1..=PADDED).contains(&length) { length.next_power_of_two() } else { length })
    }

    /// How many parameters it takes.
    pub fn parameters(self) -> usize {
        match self {
            ListForm::Padded(length) => length,
            _ => 1,
        }
    }

    /// Adds the parameters of a list to `parameters`.
    pub fn append(self, item: &'static DataType, values: &[Value], redact: bool, parameters: &mut Vec<Parameter>) {
        let value = match self {
            ListForm::Array => Value::Array(item, values.to_vec()),
            ListForm::Json | ListForm::HexJson => Value::Text(json(values)),
            ListForm::Padded(length) => {
                let padding = values.last().into_iter().cycle();
                let padded = values.iter().chain(padding).take(length);
                parameters.extend(padded.map(|value| Parameter { value: value.clone(), redact }));
                return;
            }
        };
        parameters.push(Parameter { value, redact });
    }
}

/// Whether `json_each` gives a value of this type in the very form in which SQLite holds it.
fn has_stored_form_in_json(item: &DataType) -> bool {
    use DataType::*;
    matches!(item, Bool | I16 | I32 | I64 | Text | Enum(_) | Uuid | Decimal)
}

fn has_nul(value: &Value) -> bool {
    matches!(value, Value::Text(text) | Value::Enum(_, text) if text.contains('\0'))
}

/// A JSON array of the values: booleans as SQLite's 1 and 0, bytes in hexadecimal, the rest as [`Value::to_json`] says.
fn json(values: &[Value]) -> String {
    let mut text = String::with_capacity(2 + 8 * values.len());
    text.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        // Writing into a String cannot fail.
        let _ = match value {
            Value::Bool(value) => write!(text, "{}", u8::from(*value)),
            Value::I16(value) => write!(text, "{value}"),
            Value::I32(value) => write!(text, "{value}"),
            Value::I64(value) => write!(text, "{value}"),
            Value::Uuid(value) => write!(text, "\"{value}\""),
            Value::Decimal(value) => write!(text, "\"{value}\""),
            other => write!(text, "{}", other.to_json()),
        };
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|text| Value::Text((*text).to_owned())).collect()
    }

    #[test]
    fn json_quotes_what_text_may_hold() {
        assert_eq!(json(&texts(&["it's", "\"q\"", "\\", "\n"])), r#"["it's","\"q\"","\\","\n"]"#);
        assert_eq!(json(&[Value::Bool(true), Value::I64(i64::MIN)]), "[1,-9223372036854775808]");
        assert_eq!(json(&[Value::Bytes(vec![0, 255])]), r#"["00ff"]"#);
        assert_eq!(json(&[]), "[]");
    }

    #[test]
    fn text_with_a_nul_leaves_json() {
        assert_eq!(ListForm::of(Target::Sqlite, &DataType::Text, &texts(&["a"])), ListForm::Json);
        assert_eq!(ListForm::of(Target::Sqlite, &DataType::Text, &texts(&["a", "b", "c\0"])), ListForm::Padded(4));
    }

    #[test]
    fn padding_repeats_the_last_value() {
        let values = [1.0, 2.0, 3.0].map(Value::F64);
        let form = ListForm::of(Target::Sqlite, &DataType::F64, &values);
        let mut parameters = Vec::new();
        form.append(&DataType::F64, &values, false, &mut parameters);
        let shown: Vec<String> = parameters.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["1.0", "2.0", "3.0", "3.0"]);
        assert_eq!(ListForm::of(Target::Sqlite, &DataType::F64, &[]), ListForm::Padded(0));
    }
}
