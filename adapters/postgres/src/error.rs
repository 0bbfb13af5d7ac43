//! From the server's errors to [`Error`].

use crate::failure::{Failure, ServerError};
use peristyle_query::error::{ConnectError, ConstraintError, ConstraintKind, DatabaseError, EncodeError, Error};
use peristyle_query::statement::Parameter;
use peristyle_query::value::{DataType, Value};

/// The name of the store in errors.
pub(crate) const STORE: &str = "postgres";

/// A connection that could not be made, or was lost.
pub(crate) fn connect_error(message: impl Into<String>) -> Error {
    ConnectError { store: STORE, message: message.into() }.into()
}

/// A value that the server cannot hold.
pub(crate) fn encode_error(data_type: DataType, reason: impl Into<String>) -> Error {
    EncodeError { store: STORE, data_type, reason: reason.into() }.into()
}

/// What must never be shown of a statement, and so is taken out of the server's words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Secrets<'s> {
    /// The statement's values, some of which may be such.
    pub(crate) parameters: &'s [Parameter],
    /// Whether a column takes part whose stored values are such.
    pub(crate) stored: bool,
}

/// The error of a statement that failed.
pub(crate) fn statement_error(failure: Failure, secrets: Secrets<'_>) -> Error {
    match failure {
        Failure::Refused(error) => server_error(*error, secrets),
        Failure::Lost { message, .. } => connect_error(format!("lost: {message}; the statement may have run")),
        Failure::Decode(error) => error.into(),
    }
}

/// The error that the server sent.
pub(crate) fn server_error(error: ServerError, secrets: Secrets<'_>) -> Error {
    match error.constraint_kind() {
        Some(kind) => constraint_error(kind, error, secrets).into(),
        None => database_error(error, secrets).into(),
    }
}

/// The server's detail is left out, as it shows the values of the row.
fn constraint_error(kind: ConstraintKind, error: ServerError, secrets: Secrets<'_>) -> ConstraintError {
    let mut violated = ConstraintError::new(kind, "");
    violated.still_referenced = is_still_referenced(&error);
    violated.columns = error.told_columns();
    violated.name = error.constraint.unwrap_or_default();
    violated.table = error.table;
    if let Some(known) = error.known {
        (violated.table, violated.columns) = (Some(known.table), known.columns);
        if !known.name.is_empty() {
            violated.name = known.name;
        }
    }
    let place = error.place.map(|place| format!(" (in {place})")).unwrap_or_default();
    violated.message = secrets.hide(error.message) + &place;
    violated
}

impl ServerError {
    /// The kind of the constraint that refused, if one did.
    pub(crate) fn constraint_kind(&self) -> Option<ConstraintKind> {
        Some(match self.code.as_str() {
            "23505" => ConstraintKind::Unique,
            "23503" | "23001" => ConstraintKind::ForeignKey,
            "23514" => ConstraintKind::Check,
            "23502" => ConstraintKind::NotNull,
            "23P01" => ConstraintKind::Exclusion,
            _ => return None,
        })
    }

    /// The columns of the constraint, where the server tells them.
    pub(crate) fn told_columns(&self) -> Vec<String> {
        match (&self.column, &self.detail) {
            (Some(column), _) => vec![column.clone()],
            // The key in the detail is that of the row which is still referenced, not of the constraint's table.
            _ if is_still_referenced(self) => Vec::new(),
            (None, Some(detail)) => key_columns(detail),
            (None, None) => Vec::new(),
        }
    }
}

/// Whether a row cannot go since others point at it: the message then names their table after the constraint.
fn is_still_referenced(error: &ServerError) -> bool {
    let (Some(constraint), Some(table)) = (&error.constraint, &error.table) else { return false };
    let after = error.message.rsplit_once(constraint.as_str()).map(|(_, after)| after);
    error.constraint_kind() == Some(ConstraintKind::ForeignKey) && after.is_some_and(|after| after.contains(table))
}

/// The columns of `Key (a, b)=(1, 2) already exists.`, in any language.
fn key_columns(detail: &str) -> Vec<String> {
    let Some((head, _)) = detail.split_once(")=(") else { return Vec::new() };
    let Some((_, columns)) = head.split_once('(') else { return Vec::new() };
    let mut names = Vec::new();
    let (mut depth, mut quoted, mut name) = (0usize, false, String::new());
    for c in columns.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if depth == 0 && !quoted => names.push(std::mem::take(&mut name).trim().to_owned()),
            '(' if !quoted => {
                depth += 1;
                name.push(c);
            }
            ')' if !quoted => {
                depth = depth.saturating_sub(1);
                name.push(c);
            }
            c => name.push(c),
        }
    }
    names.push(name.trim().to_owned());
    names
}

fn database_error(error: ServerError, secrets: Secrets<'_>) -> DatabaseError {
    let hint = own_hint(&error).map(str::to_owned);
    // A data exception quotes the value, and its detail a part of it.
    let shows_value = error.code.starts_with("22") && secrets.any();
    let message = secrets.hide(error.message);
    DatabaseError {
        store: STORE,
        retryable: matches!(error.code.as_str(), "40001" | "40P01"),
        message: if shows_value { without_quotation(&message) } else { message },
        detail: error.detail.filter(|_| !shows_value).map(|detail| secrets.hide(detail)),
        hint: match (error.hint.map(|hint| secrets.hide(hint)), hint) {
            (Some(theirs), Some(ours)) => Some(format!("{theirs} {ours}")),
            (theirs, ours) => theirs.or(ours),
        },
        code: Some(error.code),
        position: error.position,
        place: error.place,
    }
}

/// What to do, where the server does not say it.
fn own_hint(error: &ServerError) -> Option<&'static str> {
    if error.is_stale_plan() {
        return Some("Tables changed while the connection was open; run the transaction again.");
    }
    Some(match error.code.as_str() {
        "42P01" => "Run the migrations; if the table lives in another database schema, give its prefix.",
        "42703" => "The struct and the table differ: run the migrations, or mend the field's `column`.",
        "3F000" => "Create the database schema, or mend the prefix.",
        "42704" => "Run the migrations that create it; a type of another database schema needs its name in front.",
        "42803" => "In a query with groups, select only groups and aggregates: add .group_by(..) or .select(..).",
        "42804" | "42883" => "The column's type differs from the field's: name it with `sql_type`, or cast.",
        "42501" => "Grant the role of the connection what it needs.",
        "25P02" => "An earlier statement of this transaction failed; run what may fail in a nested transaction.",
        "53300" => "Lower pool_size, or raise the server's max_connections.",
        "55P03" => "Another transaction holds the lock.",
        "57014" => "It ran into statement_timeout, or somebody cancelled it.",
        _ => return None,
    })
}

impl Secrets<'_> {
    fn any(&self) -> bool {
        self.stored || self.parameters.iter().any(|parameter| parameter.redact)
    }

    /// `text` without the values of the statement that must never be shown.
    fn hide(&self, text: String) -> String {
        self.parameters.iter().filter(|parameter| parameter.redact).fold(text, |text, secret| hide(text, &secret.value))
    }
}

fn hide(text: String, secret: &Value) -> String {
    let shown = match secret {
        Value::Null(_) | Value::Bool(_) => return text,
        Value::Array(_, items) => return items.iter().fold(text, hide),
        Value::Text(value) | Value::Enum(_, value) => value.clone(),
        other => other.to_string(),
    };
    if shown.is_empty() { text } else { text.replace(&shown, "[redacted]") }
}

/// `text` without what stands between its first and its last quotation mark, of any language.
fn without_quotation(text: &str) -> String {
    const MARKS: [char; 10] = ['"', '\'', '«', '»', '„', '“', '”', '‘', '’', '「'];
    match (text.find(MARKS), text.char_indices().rev().find(|(_, c)| MARKS.contains(c) || *c == '」')) {
        (Some(first), Some((last, mark))) if first < last => {
            format!("{}[redacted]{}", &text[..first], &text[last + mark.len_utf8()..])
        }
        (Some(first), _) => format!("{}[redacted]", &text[..first]),
        _ => text.to_owned(),
    }
}

/// The error of a script, with the line that the server points at.
pub(crate) fn script_error(failure: Failure, script: &str, completed: u64) -> Error {
    let mut error = match failure {
        Failure::Refused(error) => error,
        Failure::Lost { message, .. } => {
            return connect_error(format!("lost: {message}; the script may have run in part"));
        }
        Failure::Decode(error) => return error.into(),
    };
    error.place = match error.position.and_then(|position| place(script, position)) {
        Some((line, column, text)) => Some(format!("line {line}, column {column} of the script: {text}")),
        // A script of one statement has no other.
        None if !script.trim_end().trim_end_matches(';').contains(';') => None,
        None => Some(format!("statement {} of the script", completed + 1)),
    };
    server_error(*error, Secrets::default())
}

/// The line and column, from 1, of a character, counted from 1, and the line's text.
fn place(script: &str, position: usize) -> Option<(usize, usize, &str)> {
    let (at, _) = script.char_indices().nth(position.checked_sub(1)?)?;
    let before = &script[..at];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let text = script[start..].lines().next().unwrap_or_default().trim();
    let end = text.char_indices().nth(80).map_or(text.len(), |(end, _)| end);
    Some((before.matches('\n').count() + 1, before[start..].chars().count() + 1, &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_key_are_found_in_any_language() {
        assert_eq!(key_columns("Key (email)=(a@b.c) already exists."), ["email"]);
        assert_eq!(
            key_columns("Schlüssel »(org_id, \"Full Name\")=(1, (x)=(y))« existiert bereits."),
            ["org_id", "Full Name"]
        );
        assert_eq!(key_columns("Key (lower(a, b), c)=(1, 2) already exists."), ["lower(a, b)", "c"]);
        assert!(key_columns("Failing row contains (1, null).").is_empty());
    }

    #[test]
    fn a_place_in_a_script_is_a_line_and_a_column() {
        assert_eq!(place("a;\n  béd;\nc", 6), Some((2, 3, "béd;")));
        assert_eq!(place("a", 9), None);
    }

    #[test]
    fn redacted_values_are_taken_out_of_the_servers_words() {
        let secret = |value| [Parameter { value, redact: true }];
        let text = || Value::Text("hunter2".into());
        let error =
            ServerError { code: "22P02".into(), message: "invalid input: \"hunter2\"".into(), ..Default::default() };
        let shown = |error: &ServerError, parameters: &[Parameter], stored| {
            server_error(error.clone(), Secrets { parameters, stored }).to_string()
        };
        assert!(!shown(&error, &secret(text()), false).contains("hunter2"));
        assert!(!shown(&error, &secret(Value::Array(&DataType::Text, vec![text()])), false).contains("hunter2"));
        assert!(shown(&error, &[], true).starts_with("postgres: invalid input: [redacted] (22P02)"));
        assert!(shown(&error, &[], false).contains("hunter2"));
        let raised = ServerError { code: "23514".into(), message: "hunter2 is too short".into(), ..Default::default() };
        assert!(!shown(&raised, &secret(text()), false).contains("hunter2"));
        let detail = Some("Token hunt is invalid.".into());
        let error = ServerError { code: "22P02".into(), message: "no JSON".into(), detail, ..Default::default() };
        assert!(!shown(&error, &secret(text()), false).contains("hunt"));
    }

    #[test]
    fn a_quotation_is_found_in_any_language() {
        assert_eq!(without_quotation(r#"value "1"2" is out of range"#), "value [redacted] is out of range");
        assert_eq!(without_quotation("ungültig: »x«"), "ungültig: [redacted]");
        assert_eq!(without_quotation("broken \"x"), "broken [redacted]");
        assert_eq!(without_quotation("division by zero"), "division by zero");
    }
}
