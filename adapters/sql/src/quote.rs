//! Names and texts, as SQL has them in quotes.

/// An identifier in quotes.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A text as a literal, for where SQL takes no parameter: DDL and PRAGMA. Backslashes stay as they are, as both dialects read
/// them in a plain literal.
pub fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_are_doubled() {
        assert_eq!(quoted(r#"a"b"#), r#""a""b""#);
        assert_eq!(text_literal(r"it's a \ b"), r"'it''s a \ b'");
    }
}
