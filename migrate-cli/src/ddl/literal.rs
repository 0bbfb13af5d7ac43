//! Text as a literal of SQL.

/// A text in quotes.
pub(super) fn text(value: &str) -> Result<String, String> {
    if value.contains('\0') {
        return Err(format!("the text {value:?} holds a zero byte, which no SQL text can"));
    }
    Ok(peristyle_sql::text_literal(value))
}

/// Texts in quotes, separated by commas.
pub(super) fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> Result<String, String> {
    let values: Vec<String> = values.into_iter().map(|value| text(value)).collect::<Result<_, _>>()?;
    Ok(values.join(", "))
}

/// Bytes in hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
