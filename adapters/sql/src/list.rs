//! The values of `in_`: how a list travels, so that lists of different lengths share one statement.

use crate::target::Target;
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};

/// How a list travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListForm {
    /// One array.
    Array,
    /// One array, which SQLite is sent as JSON; its items have the form in which their column stores them.
    Json,
    /// The same of blobs, which are hexadecimal in JSON.
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
            (_, DataType::Array(_)) => Self::padded(values),
            (Target::Postgres, _) => ListForm::Array,
            (Target::Sqlite, DataType::Bytes) => ListForm::HexJson,
            // A document inside a list is no text, and a float may lose its last bit on the way through text.
            (Target::Sqlite, DataType::Json | DataType::F32 | DataType::F64) => Self::padded(values),
            // SQLite's JSON functions end a text at a NUL.
            (Target::Sqlite, _) if values.iter().any(has_nul) => Self::padded(values),
            (Target::Sqlite, _) => ListForm::Json,
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
        match self {
            ListForm::Array | ListForm::Json | ListForm::HexJson => {
                parameters.push(Parameter { value: Value::Array(item, values.to_vec()), redact });
            }
            ListForm::Padded(length) => {
                let padding = values.last().into_iter().cycle();
                let padded = values.iter().chain(padding).take(length);
                parameters.extend(padded.map(|value| Parameter { value: value.clone(), redact }));
            }
        }
    }
}

fn has_nul(value: &Value) -> bool {
    matches!(value, Value::Text(text) | Value::Enum(_, text) if text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|text| Value::Text((*text).to_owned())).collect()
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
